"""How a core that asks something of a server feeds its `RequestClient`, takes the outcome, and answers the server.

Registrations, subscriptions, publications and single requests are such cores:
values with a `client`, and a function that takes an `Outcome`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip import renewals
from sipsimple.protocols.sip.admission.unheard import too_much_unheard
from sipsimple.protocols.sip.message import Request, response_to
from sipsimple.protocols.sip.request import step as requests
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.outputs import RequestReceived, ResponseNotSent, TransactionEnded
from sipsimple.protocols.sip.usage.events import ResponseArrived, SendRefused, TargetFailed, TargetResolved
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.protocols.sip.request.client import RequestClient
    from sipsimple.protocols.sip.request.draft import Header
    from sipsimple.protocols.sip.request.outputs import Outcome
    from sipsimple.protocols.sip.transaction.layer import TimerName
    from sipsimple.protocols.sip.usage.events import RequestArrived

Outputs = tuple[object, ...]


class NetworkChanged(Value):
    """The way to the server may be another one now: look for it anew, and refresh."""


class Asker(Protocol):
    """What all such cores have."""

    @property
    def client(self) -> RequestClient:
        """Sends the requests."""


Core = TypeVar("Core", bound=Asker)
Read = TypeVar("Read")


def heard(core: Core, event: object, take: Callable[[Core, Outcome], tuple[Core, Outputs]]) -> tuple[Core, Outputs]:
    """Tell the client what happened to its request, and `take` the outcome if that was the end of it."""
    return _go_on(core, *_HEARD[type(event)](core.client, event), take)


def timer_fired(
    core: Core, name: TimerName, take: Callable[[Core, Outcome], tuple[Core, Outputs]]
) -> tuple[Core, Outputs]:
    """Tell the client that a timer of one of its transactions fired."""
    return _go_on(core, *requests.timer_fired(core.client, name), take)


def request_arrived(
    core: Core,
    event: RequestArrived,
    read: Callable[[Core, Request], Read],
    take: Callable[[Core, RequestReceived, Read], tuple[Core, Outputs]],
) -> tuple[Core, Outputs]:
    """Take a request that bears our tag; a repeat gets its answer again.

    Args:
        core: Whose tag it is.
        event: The request.
        read: Reads it; the RemoteProtocolError that it raises is the answer.
        take: Answers it by what was read, and has it change what it changes.
    """
    client = core.client
    try:
        transactions, outputs = layer.receive_request(client.transactions, event.request, event.flow)
    except RemoteProtocolError as error:
        return core, (Note("request.dropped", {"method": event.request.method, "why": str(error)}),)
    core = with_client(core, replace(client, transactions=transactions))
    done: list[object] = []
    for output in outputs:
        if isinstance(output, RequestReceived):
            core, more = _received(core, output, read, take)
            done += more
        elif not isinstance(output, ResponseNotSent | TransactionEnded):
            done.append(output)
    return core, tuple(done)


def request_postponed(core: Core, event: RequestArrived) -> tuple[Core, Outputs]:
    """Have a request that bears our tag come again later, for nobody can be told of it; a repeat gets its answer."""
    return request_arrived(core, event, _postpone, _unchanged)


def respond(
    core: Core, event: RequestReceived, status: int, *headers: Header, reason: str | None = None
) -> tuple[Core, Outputs]:
    """Answer a request within its transaction."""
    client = core.client
    server = (("Server", client.user_agent),) if client.user_agent else ()
    response = response_to(event.request, status, reason, to_tag=client.token, headers=(*headers, *server))
    transactions, outputs = layer.respond(client.transactions, event.key, response)
    sent = tuple([each for each in outputs if not isinstance(each, TransactionEnded | ResponseNotSent)])
    return with_client(core, replace(client, transactions=transactions)), sent


def resumed(core: Core) -> tuple[Core, Outputs]:
    """Have the client go on after a crash."""
    client, outputs = requests.resumed(core.client)
    return with_client(core, client), outputs


def abandon(core: Core) -> tuple[Core, Outputs]:
    """Forget the request that is under way, if there is one; there will be no outcome."""
    client, outputs = requests.abandon(core.client)
    return with_client(core, client), outputs


def draw(core: Core) -> tuple[Core, float]:
    """Draw a lot: a number from 0 to 1, the next one of this core."""
    client = core.client
    return with_client(core, replace(client, lots=client.lots + 1)), renewals.lot(client.seed, client.lots)


def with_client(core: Core, client: RequestClient) -> Core:
    """Return the core with what has become of its client."""
    changed: Any = core
    made: Core = replace(changed, client=client)
    return made


def _received(
    core: Core,
    event: RequestReceived,
    read: Callable[[Core, Request], Read],
    take: Callable[[Core, RequestReceived, Read], tuple[Core, Outputs]],
) -> tuple[Core, Outputs]:
    request = event.request
    if request.method == "ACK":
        return core, ()
    try:
        said = read(core, request)
    except RemoteProtocolError as error:
        headers = () if error.header is None else (error.header,)
        core, sent = respond(core, event, error.status or 400, *headers)
        why = {"method": request.method, "status": error.status, "reason": str(error)}
        return core, (*sent, Note("request.rejected", why))
    return take(core, event, said)


def _postpone(_core: object, _request: Request) -> None:
    raise too_much_unheard()


def _unchanged(core: Core, _event: RequestReceived, _read: None) -> tuple[Core, Outputs]:
    return core, ()


def _go_on(
    core: Core, client: RequestClient, outputs: Outputs, take: Callable[[Core, Outcome], tuple[Core, Outputs]]
) -> tuple[Core, Outputs]:
    outputs, outcome = requests.taken(outputs)
    core = with_client(core, client)
    if outcome is None:
        return core, outputs
    core, more = take(core, outcome)
    return core, outputs + more


def _refused(client: RequestClient, event: SendRefused) -> tuple[RequestClient, Outputs]:
    """A response that did not go out is left to the repeats of its request."""
    return (
        requests.send_failed(client, event.message, event.reason)
        if isinstance(event.message, Request)
        else (client, ())
    )


_HEARD: dict[type, Callable[[RequestClient, Any], tuple[RequestClient, Outputs]]] = {
    TargetResolved: requests.target_resolved,
    TargetFailed: requests.target_failed,
    ResponseArrived: requests.response_arrived,
    SendRefused: _refused,
}
