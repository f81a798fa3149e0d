"""The one way to send a request: begin it, tell what happens, and take the outcome.

::

    client, outputs = begin(client, draft)
    ...                                     # carry the outputs; tell what happens by the functions below
    outputs, outcome = taken(outputs)       # of each of them: at last an `Outcome`

Every function returns the client and outputs, of which `Outcome` is the caller's to take.
What comes too late changes nothing.

RFC: 3261 8.1.3, 17.1.2, 18.1.1, 22.2; 3263 4.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sip.request.client import RequestClient, Stimulus
from sipsimple.protocols.sip.request.outputs import Outcome
from sipsimple.protocols.sip.request.table import TRANSITIONS
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.transaction.outputs import (
    COMPLETED,
    TIMEOUT,
    TRANSPORT_ERROR,
    ResponseReceived,
    StrayResponse,
    TransactionEnded,
)
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.tables import advance
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.request.draft import Draft
    from sipsimple.protocols.sip.usage.events import ResponseArrived, TargetFailed, TargetResolved

Step: TypeAlias = tuple[RequestClient, tuple[object, ...]]


def begin(client: RequestClient, draft: Draft) -> Step:
    """Begin a request: by the flow of the one before, else by what its next hop resolves to.

    Raises:
        LocalProtocolError: One is under way.
    """
    if client.is_busy:
        raise LocalProtocolError(f"a {draft.method} while another request is under way")
    return _take(client, Stimulus.BEGIN, draft)


def target_resolved(client: RequestClient, event: TargetResolved) -> Step:
    """Tell the flow that `Resolve` asked for."""
    return _take(client, Stimulus.RESOLVED, event)


def target_failed(client: RequestClient, event: TargetFailed) -> Step:
    """Tell that `Resolve` found none."""
    return _take(client, Stimulus.UNRESOLVED, event)


def response_arrived(client: RequestClient, event: ResponseArrived) -> Step:
    """Tell a response that bears a branch of ours; with where we are seen, if that is news."""
    try:
        transactions, outputs = layer.receive_response(client.transactions, event.response)
    except RemoteProtocolError as error:
        return client, (_dropped(event.response, str(error)),)
    if event.flow is not None and client.flow is not None and event.flow.remote == client.flow.remote:
        client = replace(client, flow=replace(event.flow, back=client.flow.back))
    return _deliver(replace(client, transactions=transactions), outputs)


def timer_fired(client: RequestClient, name: layer.TimerName) -> Step:
    """Tell that the timer `(key, name)` of a transaction fired."""
    transactions, outputs = layer.timer_fired(client.transactions, name)
    return _deliver(replace(client, transactions=transactions), outputs)


def send_failed(client: RequestClient, request: Request, reason: str) -> Step:
    """Tell that a request of ours did not go out, or that its connection is lost."""
    transactions, outputs = layer.transport_failed(client.transactions, client_key(request))
    return _deliver(replace(client, transactions=transactions), outputs, reason)


def resumed(client: RequestClient) -> Step:
    """Go on after a crash of the actor, which may have cost a message or a timer."""
    return _take(client, Stimulus.RESUMED, None)


def abandon(client: RequestClient) -> Step:
    """Forget the request that is under way; there will be no outcome."""
    return _take(client, Stimulus.ABANDON, None)


def taken(outputs: Iterable[object]) -> tuple[tuple[object, ...], Outcome | None]:
    """Return what is to be carried, and the outcome if it is among the outputs."""
    outcome = None
    rest = []
    for each in outputs:
        if isinstance(each, Outcome):
            outcome = each
        else:
            rest.append(each)
    return tuple(rest), outcome


def _take(client: RequestClient, stimulus: Stimulus, event: Any) -> Step:
    return advance(TRANSITIONS, client, stimulus, event)


def _deliver(client: RequestClient, outputs: Iterable[object], reason: str = "") -> Step:
    """Pass on what the transactions want done, and take what they tell."""
    done: list[object] = []
    for output in outputs:
        more: tuple[object, ...] = ()
        if isinstance(output, ResponseReceived):
            if _is_awaited(client, output.key):
                client, more = _take(client, _stimulus_of(output.response), output.response)
        elif isinstance(output, TransactionEnded):
            if output.why != COMPLETED and _is_awaited(client, output.key):
                client, more = _take(client, _ENDED[output.why], reason or output.why)
        elif isinstance(output, StrayResponse):
            more = (_dropped(output.response, output.why),)
        else:
            more = (output,)
        done += more
    return client, tuple(done)


_ENDED = {TIMEOUT: Stimulus.TIMEOUT, TRANSPORT_ERROR: Stimulus.TRANSPORT_ERROR}
_STATUSES = {401: Stimulus.CHALLENGE, 407: Stimulus.CHALLENGE, 503: Stimulus.UNAVAILABLE}


def _stimulus_of(response: Response) -> Stimulus:
    if response.is_provisional:
        return Stimulus.PROVISIONAL
    return Stimulus.SUCCESS if response.is_success else _STATUSES.get(response.status, Stimulus.FAILURE)


def _is_awaited(client: RequestClient, key: object) -> bool:
    attempt = client.attempt
    return attempt is not None and attempt.request is not None and client_key(attempt.request) == key


def _dropped(response: Response, why: str) -> Note:
    return Note("response.dropped", {"status": response.status, "why": why})
