"""The one way into a call: raw stimuli go through the transactions, then through the table.

RFC: 3261 17, 12.2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.admission.unheard import too_much_unheard
from sipsimple.protocols.sip.authorization import CHALLENGES
from sipsimple.protocols.sip.extensions import check_require
from sipsimple.protocols.sip.message import Request, Response
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.transaction.outputs import (
    COMPLETED,
    TRANSPORT_ERROR,
    RequestReceived,
    ResponseReceived,
    StrayResponse,
    TransactionEnded,
)
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage import outputs as wanted
from sipsimple.protocols.sip.usage.change import queue, stream_update
from sipsimple.protocols.sip.usage.state import State, Stimulus
from sipsimple.protocols.sip.usage.stimuli import COMMANDS, GIVEN_BY_APPLICATION, REQUESTS, TIMERS
from sipsimple.protocols.sip.usage.table import TRANSITIONS
from sipsimple.protocols.sip.usage.within import challenged, exchange, large, rerouting
from sipsimple.protocols.sip.usage.within.own_requests import TAKERS as OWN
from sipsimple.protocols.tables import advance
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.transport import Flow, HostPort
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

    Takers = Mapping[type, Callable[[Call, Any], tuple[Call, Outputs]]]

URGENT = frozenset({"ACK", "BYE", "CANCEL", "PRACK"})
"""Requests that are taken however much waits to be heard: a call has to begin, and to end."""


def step(call: Call, event: Any) -> tuple[Call, Outputs]:
    """Take a command, or a message of the streams or the supervisor."""
    kind = type(event)
    if kind in GIVEN_BY_APPLICATION and call.state is not State.TERMINATED:
        call = replace(call, taken=call.taken + 1)
        if kind is events.Terminate and event.reason and Stimulus.TERMINATE in TRANSITIONS[call.state]:
            call = replace(call, farewell=event.reason)
    return take(call, COMMANDS[kind], event)


def take(call: Call, stimulus: Stimulus, event: Any) -> tuple[Call, Outputs]:
    """Advance by the table's row; a stimulus without a row changes nothing.

    Then, as any stimulus may have made the call free for it, the next change of the session begins. At last it is told
    when other streams run than before.
    """
    if stimulus not in TRANSITIONS[call.state]:
        return call, ()
    after, outputs = advance(TRANSITIONS, call, stimulus, event)
    pending = after.pending
    if after.commands or after.change is not None or (pending is not None and pending.arrived is not None):
        after, more = queue.go_on(after)
        outputs += more
    return after, outputs if after.streams is call.streams else outputs + stream_update.told(call, after)


def invited(call: Call, event: events.Invited) -> tuple[Call, Outputs]:
    """Take the INVITE that makes the call.

    The 180 follows at once, so the transaction's clock for 100 need not even be started.
    """
    transactions, _ = layer.receive_request(call.transactions, event.request, event.flow)
    call, outputs = take(replace(call, transactions=transactions), Stimulus.INVITE_RECEIVED, event)
    return call, tuple([each for each in outputs if type(each) is not StopTimer])


def request_arrived(call: Call, event: events.RequestArrived, takers: Takers | None = None) -> tuple[Call, Outputs]:
    """Take a request of this call, or a repeated one."""
    if call.state is State.TERMINATED:
        return call, ()
    try:
        transactions, outputs = layer.receive_request(call.transactions, event.request, event.flow)
    except RemoteProtocolError as error:
        return call, (_dropped(event.request.method, error),)
    return _deliver(replace(call, transactions=transactions), outputs, takers)


def request_postponed(call: Call, event: events.RequestArrived) -> tuple[Call, Outputs]:
    """Have a request of this call come again later, for nobody can be told of it now; a repeat gets its answer."""
    return request_arrived(call, event, _POSTPONING)


def response_arrived(call: Call, event: events.ResponseArrived) -> tuple[Call, Outputs]:
    """Take a response to a request of this call; it may tell at which address we are seen."""
    if call.state is State.TERMINATED:
        return call, ()
    flow = event.flow
    if flow is not None and call.flow is not None and (flow.transport, flow.remote) == _way(call.flow):
        call = replace(call, flow=replace(call.flow, local=flow.local))
    try:
        transactions, outputs = layer.receive_response(call.transactions, event.response)
        after = replace(call, transactions=transactions)
        if event.response.status in CHALLENGES:
            return _deliver(*challenged.taken(call, after, outputs))
        return _deliver(after, outputs)
    except RemoteProtocolError as error:
        return call, (_dropped(event.response.status, error),)


def _way(flow: Flow) -> tuple[str, HostPort]:
    return flow.transport, flow.remote


def send_refused(call: Call, event: events.SendRefused) -> tuple[Call, Outputs]:
    """Take the news that a message could not be sent; a response is left to the repeats of its request."""
    if call.state is State.TERMINATED or isinstance(event.message, Response):
        return call, ()
    again = rerouting.turned_back(call, event.message)
    if again is not None or isinstance(event.message, bytes):
        return again or (call, ())
    key = client_key(event.message)
    again = large.fall_back(call, key)
    if again is not None:
        return again
    transactions, outputs = layer.transport_failed(call.transactions, key)
    why = f"{TRANSPORT_ERROR}: {event.reason}"
    told = [
        TransactionEnded(each.key, why) if isinstance(each, TransactionEnded) and each.why == TRANSPORT_ERROR else each
        for each in outputs
    ]
    return _deliver(replace(call, transactions=transactions), tuple(told))


def timer_fired(call: Call, name: Hashable) -> tuple[Call, Outputs]:
    """Take a timer: one of the call's own by its word, one of a transaction by (key, name)."""
    if isinstance(name, str):
        return take(call, TIMERS[name], None)
    if call.state is State.TERMINATED:
        return call, ()
    transactions, outputs = layer.timer_fired(call.transactions, cast("layer.TimerName", name))
    return _deliver(replace(call, transactions=transactions), outputs)


def _deliver(call: Call, outputs: Outputs, takers: Takers | None = None) -> tuple[Call, Outputs]:
    """Pass on what the transactions want done, then take what they deliver: that may be the end of the call."""
    takers = takers or _TAKERS
    done = [each for each in outputs if type(each) not in takers]
    for output in outputs:
        taker = takers.get(type(output))
        if taker is not None:
            call, more = taker(call, output)
            done += more
    return call, tuple(done)


def _request(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Take a request that is no repeat. What is wrong with it is answered; whatever raised has changed nothing."""
    request = event.request
    stimulus = REQUESTS.get(request.method, Stimulus.REQUEST_RECEIVED)
    try:
        dialog = _checked(call, request)
        if dialog is not call.dialog:
            call = replace(call, dialog=dialog)
        return take(call, stimulus, event)
    except RemoteProtocolError as error:
        if stimulus is Stimulus.ACK_RECEIVED:
            return call, (_dropped("ACK", error),)
        return exchange.answer_with(call, event, error)


def _postpone(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    return exchange.answer_with(call, event, too_much_unheard())


def _checked(call: Call, request: Request) -> Dialog | None:
    """Return the dialog with the number of `request` noted.

    Raises:
        RemoteProtocolError: 400, 420, 481, 482, 500: it is malformed, asks for an extension, or is not of this call.
    """
    method, dialog = request.method, call.dialog
    if request.cseq.method != method:
        raise RemoteProtocolError(f"CSeq says {request.cseq.method!r} in {method!r}")
    if method == "CANCEL":
        return dialog  # it belongs to the transaction of its INVITE
    check_require(request)
    if request.to.tag is None:
        raise RemoteProtocolError("a repeat of the INVITE, long after its transaction", 482)
    if dialog is None:
        known = request.call_id == call.identity.call_id and request.to.tag == call.identity.token
    else:
        known = dialogs.matches(dialog, request.call_id, request.to.tag, request.from_.tag)
    if not known:
        raise RemoteProtocolError("not of this dialog", 481)
    if dialog is not None:
        dialog, error = dialogs.accepts(dialog, request)
        if error is not None:
            raise error
    return dialog


def _response(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    call, event = challenged.received(call, event)
    response = event.response
    if event.key[-1] == "INVITE":
        if response.is_provisional:
            return take(call, Stimulus.PROVISIONAL, event)
        return take(call, Stimulus.SUCCESS if response.is_success else Stimulus.FAILURE, event)
    if event.key == call.bye and response.is_final:
        return take(call, Stimulus.BYE_DONE, event)
    if event.key[-1] in OWN and response.is_final:
        return take(call, Stimulus.REQUEST_ANSWERED, event)
    return call, ()


def _ended(call: Call, event: TransactionEnded) -> tuple[Call, Outputs]:
    call, event = challenged.ended(call, event)
    key = event.key
    if event.why == COMPLETED:
        if not any(each[0] == key for each in call.acks):
            return call, ()
        return replace(call, acks=tuple([each for each in call.acks if each[0] != key])), ()
    if key == call.bye:
        return take(call, Stimulus.BYE_DONE, event)
    if call.pending is not None and call.pending.is_ours and key == call.pending.key:
        return take(call, Stimulus.INVITE_LOST, event)
    if key[-1] in OWN:
        return take(call, Stimulus.REQUEST_LOST, event)
    return call, (wanted.Note("transaction.failed", {"method": key[-1], "why": event.why}),)


def _stray(call: Call, event: StrayResponse) -> tuple[Call, Outputs]:
    return call, (wanted.Note("response.dropped", {"status": event.response.status, "why": event.why}),)


def _dropped(what: str | int, error: RemoteProtocolError) -> wanted.Note:
    if isinstance(what, int):
        return wanted.Note("response.dropped", {"status": what, "why": str(error)})
    return wanted.Note("request.dropped", {"method": what, "why": str(error)})


_TAKERS: Takers = {
    RequestReceived: _request,
    ResponseReceived: _response,
    TransactionEnded: _ended,
    StrayResponse: _stray,
}

_POSTPONING: Takers = {**_TAKERS, RequestReceived: _postpone}
