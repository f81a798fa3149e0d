"""The INVITE of a call that we are offered, until its ACK.

RFC: 3261 13.3, 13.3.1.4; 6026 7.1; 3264 6.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import Key, server_key
from sipsimple.protocols.sip.usage import bye, cancel, ending, exchange, streams
from sipsimple.protocols.sip.usage.call import Call, Pending, Phase, become
from sipsimple.protocols.sip.usage.ending import Failure
from sipsimple.protocols.sip.usage.events import Accept, Invited, Notify, Prepare, Reject, StreamFailed, StreamPrepared
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.exchange import Outputs


def ring(call: Call, event: Invited) -> tuple[Call, Outputs]:
    """Answer 180 and tell of the new call; the application decides."""
    request = event.request
    dialog = dialogs.from_request(request, call.identity.token)
    key = server_key(request)
    call = replace(
        call,
        direction="incoming",
        local=dialog.local,
        remote=dialog.remote,
        target=request.uri,
        flow=event.flow,
        dialog=dialog,
        negotiation=event.negotiation,
        streams=streams.proposed(event.offer),
        pending=Pending(key=key, request=request, resend_after=call.identity.timing.t1),
        remote_user_agent=request.user_agent,
    )
    contact = ("Contact", exchange.contact(call))
    call, _ringing, sent = exchange.respond(call, key, request, 180, headers=(contact,))
    call, changed = become(call, State.INCOMING)
    data = {"has_audio": call.proposes("audio"), "has_chat": call.proposes("chat")}
    return call, (*sent, changed, Notify("SCSessionNewIncoming", data))


def accept(call: Call, command: Accept) -> tuple[Call, Outputs]:
    """Prepare the accepted streams; the 200 waits for them."""
    chosen = tuple(each for each in call.streams if each.kind in command.kinds)
    prepares = tuple(Prepare(each.kind, False, each.remote, command.password) for each in chosen)
    preparing = tuple(
        replace(each, phase=Phase.PREPARING) if each.kind in command.kinds else each for each in call.streams
    )
    call, changed = become(replace(call, streams=preparing), State.ACCEPTING)
    return call, (changed, *prepares)


def stream_prepared(call: Call, event: StreamPrepared) -> tuple[Call, Outputs]:
    """Answer when the last accepted stream is prepared."""
    call = streams.prepared(call, event)
    if not streams.all_prepared(call) or _pending(call)[2].success is not None:
        return call, ()
    return answer(call)


def answer(call: Call) -> tuple[Call, Outputs]:
    """Send 200 with our answer, and again until its ACK comes."""
    key, request, pending = _pending(call)
    negotiation = exchange.negotiation_of(call)
    if negotiation.offered is None:
        raise AssertionError("an answer needs an offer")
    lines = streams.answer_lines(call, negotiation.offered)
    negotiation, document = offer_answer.answer(negotiation, lines)
    call = replace(call, negotiation=negotiation)
    call, response, sent = exchange.respond(
        call, key, request, 200, headers=exchange.capabilities(call), body=bytes(document)
    )
    call, starts = streams.start_accepted(call)
    dialog = dialogs.confirmed(exchange.dialog_of(call))
    flow = exchange.flow_in_dialog(call, dialog)
    call = replace(call, dialog=dialog, flow=flow, pending=replace(pending, success=response))
    return call, (*sent, *resend_timers(call), *starts, Notify("SCSessionWillStart"))


def resend_timers(call: Call) -> Outputs:
    """Start the two clocks of a 2xx that waits for its ACK."""
    t1 = call.identity.timing.t1
    return StartTimer("2xx", t1), StartTimer("ack", 64 * t1)


def resend(call: Call, _: object) -> tuple[Call, Outputs]:
    """Send the 2xx again, at intervals that double up to T2 (13.3.1.4), whatever the transport."""
    key, _request, pending = _pending(call)
    if pending.success is None:
        return call, ()
    transactions, outputs = layer.respond(call.transactions, key, pending.success)
    after = min(2 * pending.resend_after, call.identity.timing.t2)
    call = replace(call, transactions=transactions, pending=replace(pending, resend_after=after))
    return call, (*outputs, StartTimer("2xx", after))


def acknowledged(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Enter `ESTABLISHED`: the ACK for our 2xx came."""
    if not acknowledges(call, event.request):
        return call, ()
    call, changed = become(replace(call, pending=None), State.ESTABLISHED)
    return call, (StopTimer("2xx"), StopTimer("ack"), changed, Notify("SCSessionDidStart"))


def acknowledges(call: Call, ack: Request) -> bool:
    """Tell whether `ack` is the one that our 2xx waits for."""
    pending = call.pending
    if pending is None or pending.success is None or pending.request is None:
        return False
    return ack.cseq.number == pending.request.cseq.number


def ack_missing(call: Call, _: object) -> tuple[Call, Outputs]:
    """Give up 64*T1 after the 2xx: BYE, then the failure is told (13.3.1.4)."""
    return bye.abandon(call, Failure.local(408, "no ACK came for the answer"))


def reject(call: Call, command: Reject) -> tuple[Call, Outputs]:
    """Answer with the application's status and end."""
    call, told = ending.begin_to_end(call)
    call, sent = _decline(call, command.code)
    call, tail = ending.finish(call, "local")
    return call, told + sent + tail


def terminate(call: Call, _: object) -> tuple[Call, Outputs]:
    """End before the ACK: refuse, or after the 200 wait for its ACK and then send BYE (15)."""
    if call.pending is None or call.pending.success is None:
        return reject(call, Reject())
    return ending.begin_to_end(call)


def acknowledged_too_late(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Send the BYE that had to wait for the ACK."""
    if not acknowledges(call, event.request):
        return call, ()
    return never_acknowledged(call, event)


def never_acknowledged(call: Call, _: object) -> tuple[Call, Outputs]:
    """Send the BYE that waited for an ACK."""
    call, sent = bye.hang_up(replace(call, pending=None))
    return call, (StopTimer("2xx"), StopTimer("ack"), *sent)


def stream_failed(call: Call, event: StreamFailed) -> tuple[Call, Outputs]:
    """Answer 500, or end with BYE when the 200 is out already."""
    failure = Failure.local(0, f"{event.kind} stream: {event.reason}")
    if _pending(call)[2].success is not None:
        return bye.abandon(call, failure)
    return refuse(call, 500, failure)


def refuse(call: Call, code: int, failure: Failure) -> tuple[Call, Outputs]:
    """Answer the INVITE with `code` and fail."""
    call, sent = _decline(call, code)
    call, told = ending.fail(call, failure)
    return call, sent + told


def bye_received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """End: the caller sent BYE instead of CANCEL, or instead of ACK."""
    if call.pending is None or call.pending.success is not None:
        return bye.received(call, event)
    call, _response, sent = exchange.respond(call, event.key, event.request, 200)
    call, told = cancel.withdrawn(call)
    return call, sent + told


def _decline(call: Call, code: int) -> tuple[Call, Outputs]:
    key, request, _pending_invite = _pending(call)
    call, _response, sent = exchange.respond(call, key, request, code)
    return call, sent


def _pending(call: Call) -> tuple[Key, Request, Pending]:
    pending = call.pending
    if pending is None or pending.key is None or pending.request is None:
        raise AssertionError("no INVITE is pending")
    return pending.key, pending.request, pending
