"""The 2xx to an INVITE that we sent: the first one, its repeats, those of other forks, those that come too late.

Each is acknowledged, whatever becomes of it, and each dialog that is not
wanted is ended by a BYE of its own.

RFC: 3261 9.1, 13.2.2.4; 6026 7.2; 3264 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.usage.call import become
from sipsimple.protocols.sip.usage.change import session_timer
from sipsimple.protocols.sip.usage.ending import bye, ending
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.sip.usage.setup import early, prack
from sipsimple.protocols.sip.usage.setup.invite import pending_of
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams import agreement
from sipsimple.protocols.sip.usage.within import exchange, search
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.transaction.outputs import ResponseReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def first(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Acknowledge the 2xx, start the streams that the answer takes."""
    response = event.response
    body = early.description_in(pending_of(call), response)
    try:
        negotiation = prack.negotiation_with(call, response)
        call, acknowledged = _establish(call, event)
    except RemoteProtocolError as error:
        return _refuse_dialog(call, event, Failure.remote(error.code or 400, error.reason))
    begun = (*acknowledged, Notify("SCSessionWillStart"))
    try:
        negotiation, answer = offer_answer.receive_answer(negotiation, body)
        call, starts = agreement.first(call, negotiation, answer)
    except RemoteProtocolError as error:
        call, tail = bye.abandon(call, Failure.local(488, error.reason))
        return call, begun + tail
    call, clocks = session_timer.agreed(call, response)
    call, changed = become(call, State.ESTABLISHED)
    return call, (*begun, *starts, *clocks, changed, Notify("SCSessionDidStart"))


def while_ending(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Take a 2xx while ending: of the INVITE that CANCEL came too late for (9.1), or another one."""
    if call.dialog is not None:
        return again(call, event)
    try:
        call, acknowledged = _establish_somehow(call, event)
    except RemoteProtocolError:
        return ending.finish(call, "local")
    call, sent = bye.hang_up(call)
    return call, (StopTimer("cancelled"), *acknowledged, *sent)


def again(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Repeat the ACK for a repeated 2xx; one of another fork is acknowledged and ended."""
    response = event.response
    tag = response.to.tag or ""
    for key, known, ack in call.acks:
        if key == event.key and known == tag:
            return call, () if search.holds(call, bytes(ack.message)) else (ack,)
    dialog = call.dialog
    if dialog is None:
        return call, ()
    if call.pending is not None and call.pending.key == event.key:
        call, acknowledged = exchange.acknowledge(call, dialog, exchange.flow_of(call), event.key, response.cseq.number)
        return replace(call, pending=None), acknowledged  # our BYE overtook this re-INVITE
    answered = sum([key == event.key for key, _known, _ack in call.acks])
    if not answered:
        return call, ()
    if answered > prack.MOST_FORKS:
        return call, (Note("response.dropped", {"status": response.status, "why": "too many forks"}),)
    fork = _fork(call, dialog, response)
    flow = exchange.flow_in_dialog(call, fork)
    call, acknowledged = exchange.acknowledge(call, fork, flow, event.key, response.cseq.number)
    call, _fork_after, _bye, sent = exchange.request_in_dialog(
        call, fork, flow, "BYE", exchange.reason(200, "Call completed elsewhere")
    )
    return call, (*acknowledged, *sent, Note("fork.ended", {"target": fork.remote_target}))


def _establish(call: Call, event: ResponseReceived, readable: Response | None = None) -> tuple[Call, Outputs]:
    """Enter the dialog that a 2xx makes and acknowledge it."""
    request = pending_of(call).request
    if request is None:
        raise AssertionError("a response needs a request")
    response = event.response if readable is None else readable
    call, dialog = prack.confirmed(call, dialogs.from_response(request, response))
    call = exchange.led(call, dialog)
    call, ack = exchange.acknowledge(call, dialog, exchange.flow_of(call), event.key, request.cseq.number)
    user_agent = response.server or response.user_agent
    return replace(call, pending=None, routes=(), remote_user_agent=user_agent), ack


def _establish_somehow(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Enter a dialog that will be ended at once, even if where it leads cannot be read."""
    try:
        return _establish(call, event)
    except RemoteProtocolError:
        return _establish(call, event, event.response.replacing({"Contact": None, "Record-Route": None}))


def _refuse_dialog(call: Call, event: ResponseReceived, failure: Failure) -> tuple[Call, Outputs]:
    """Fail because of a 2xx that makes no proper dialog; the callee is told by ACK and BYE where it can be."""
    try:
        call, acknowledged = _establish_somehow(call, event)
    except RemoteProtocolError:
        return ending.fail(call, failure)
    call, tail = bye.abandon(call, failure)
    return call, acknowledged + tail


def _fork(call: Call, dialog: Dialog, response: Response) -> Dialog:
    """Return the dialog of another fork: what it has in common with ours, and what its 2xx says."""
    common = replace(
        dialog,
        state=dialogs.State.EARLY,
        remote_tag=response.to.tag or "",
        local_cseq=dict(call.forks).get(response.to.tag or "", response.cseq.number),
        remote_target=call.target,
    )
    return dialogs.confirmed(common, response)
