"""The one way into a call: raw stimuli go through the transactions, then through the table.

RFC: 3261 17, 12.2.2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.transaction.outputs import (
    RequestReceived,
    ResponseReceived,
    StrayResponse,
    TransactionEnded,
)
from sipsimple.protocols.sip.usage import events, exchange
from sipsimple.protocols.sip.usage.state import State, Stimulus
from sipsimple.protocols.sip.usage.table import TRANSITIONS

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.exchange import Outputs

COMMANDS: dict[type, Stimulus] = {
    events.Connect: Stimulus.CONNECT,
    events.Accept: Stimulus.ACCEPT,
    events.Reject: Stimulus.REJECT,
    events.Terminate: Stimulus.TERMINATE,
    events.TargetResolved: Stimulus.TARGET_RESOLVED,
    events.TargetFailed: Stimulus.TARGET_FAILED,
    events.StreamPrepared: Stimulus.STREAM_PREPARED,
    events.StreamFailed: Stimulus.STREAM_FAILED,
    events.StreamEnded: Stimulus.STREAM_ENDED,
    events.Abandoned: Stimulus.ABANDONED,
}

TIMERS = {
    "2xx": Stimulus.RESEND_DUE,
    "ack": Stimulus.ACK_MISSING,
    "cancelled": Stimulus.CANCEL_UNANSWERED,
    "grace": Stimulus.GRACE_OVER,
}

REQUESTS = {
    "INVITE": Stimulus.INVITE_RECEIVED,
    "ACK": Stimulus.ACK_RECEIVED,
    "BYE": Stimulus.BYE_RECEIVED,
    "CANCEL": Stimulus.CANCEL_RECEIVED,
}


def step(call: Call, event: Any) -> tuple[Call, Outputs]:
    """Take a command, or a message of the streams or the supervisor."""
    return take(call, COMMANDS[type(event)], event)


def take(call: Call, stimulus: Stimulus, event: Any) -> tuple[Call, Outputs]:
    """Advance by the table's row; a stimulus without a row changes nothing."""
    row = TRANSITIONS[call.state].get(stimulus)
    if row is None:
        return call, ()
    action, states = row
    after, outputs = action(call, event)
    if after.state not in states:
        raise AssertionError(f"{stimulus.name} led from {call.state} to {after.state}")
    return after, outputs


def invited(call: Call, event: events.Invited) -> tuple[Call, Outputs]:
    """Take the INVITE that makes the call."""
    transactions, outputs = layer.receive_request(call.transactions, event.request, event.flow)
    passed = tuple(each for each in outputs if not isinstance(each, RequestReceived))
    call, more = take(replace(call, transactions=transactions), Stimulus.INVITE_RECEIVED, event)
    return call, passed + more


def request_arrived(call: Call, event: events.RequestArrived) -> tuple[Call, Outputs]:
    """Take a request of this call, or a repeated one."""
    transactions, outputs = layer.receive_request(call.transactions, event.request, event.flow)
    return _deliver(replace(call, transactions=transactions), outputs)


def response_arrived(call: Call, event: events.ResponseArrived) -> tuple[Call, Outputs]:
    """Take a response to a request of this call."""
    transactions, outputs = layer.receive_response(call.transactions, event.response)
    return _deliver(replace(call, transactions=transactions), outputs)


def send_refused(call: Call, event: events.SendRefused) -> tuple[Call, Outputs]:
    """Take the news that a message could not be sent; a response is left to the repeats of its request."""
    if not isinstance(event.message, Request):
        return call, ()
    transactions, outputs = layer.transport_failed(call.transactions, client_key(event.message))
    return _deliver(replace(call, transactions=transactions), outputs)


def timer_fired(call: Call, name: Hashable) -> tuple[Call, Outputs]:
    """Take a timer: one of the call's own by its word, one of a transaction by (key, name)."""
    if isinstance(name, str):
        return take(call, TIMERS[name], None)
    transactions, outputs = layer.timer_fired(call.transactions, cast("layer.TimerName", name))
    return _deliver(replace(call, transactions=transactions), outputs)


def _deliver(call: Call, outputs: Outputs) -> tuple[Call, Outputs]:
    """Pass on what the transactions want done; take what they deliver."""
    done: Outputs = ()
    for output in outputs:
        more: Outputs = (output,)
        if isinstance(output, RequestReceived):
            call, more = _request(call, output)
        elif isinstance(output, ResponseReceived):
            call, more = _response(call, output)
        elif isinstance(output, TransactionEnded):
            call, more = _ended(call, output)
        elif isinstance(output, StrayResponse):
            more = (events.Note("response.dropped", {"status": output.response.status, "why": "no transaction"}),)
        done += more
    return call, done


def _request(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    request = event.request
    stimulus = REQUESTS.get(request.method, Stimulus.REQUEST_RECEIVED)
    if stimulus in (Stimulus.ACK_RECEIVED, Stimulus.CANCEL_RECEIVED) or call.dialog is None:
        return take(call, stimulus, event)
    dialog, error = dialogs.accepts(call.dialog, request)
    if not dialogs.matches(call.dialog, request.call_id, request.to.tag or call.identity.token, request.from_.tag):
        error = RemoteProtocolError("not of this dialog", 481)
    if error is not None:
        return _refuse(call, event, error)
    return take(replace(call, dialog=dialog), stimulus, event)


def _refuse(call: Call, event: RequestReceived, error: RemoteProtocolError) -> tuple[Call, Outputs]:
    status = error.status or 500
    headers = (error.header,) if error.header else ()
    call, _response, sent = exchange.respond(call, event.key, event.request, status, headers=headers)
    note = events.Note("request.rejected", {"method": event.request.method, "status": status, "reason": str(error)})
    return call, (*sent, note)


def _response(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    response = event.response
    method = response.cseq.method
    if method == "INVITE":
        if response.is_provisional:
            return take(call, Stimulus.PROVISIONAL, event)
        return take(call, Stimulus.SUCCESS if response.is_success else Stimulus.FAILURE, event)
    if method == "BYE" and response.is_final and _is_ours(call, event.response):
        return take(call, Stimulus.BYE_DONE, event)
    return call, ()


def _is_ours(call: Call, response: Any) -> bool:
    """Tell the BYE of the call from one that ended a surplus fork."""
    return call.dialog is not None and response.to.tag == call.dialog.remote_tag


def _ended(call: Call, event: TransactionEnded) -> tuple[Call, Outputs]:
    _branch, method = event.key[0], event.key[-1]
    pending = call.pending
    if event.why == "completed":
        return replace(call, ack=None) if method == "INVITE" else call, ()
    if pending is not None and event.key == pending.key and call.direction == "outgoing":
        return take(call, Stimulus.INVITE_LOST, event)
    if method == "BYE" and call.state is State.TERMINATING:
        return take(call, Stimulus.BYE_DONE, event)
    return call, (events.Note("transaction.failed", {"method": method, "why": event.why}),)
