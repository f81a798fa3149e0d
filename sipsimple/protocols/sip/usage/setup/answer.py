"""The INVITE of a call that we are offered, until its ACK.

RFC: 3261 13.3, 13.3.1.4; 6026 7.1; 3264 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.headers.reason import first_reason
from sipsimple.protocols.sip.transaction.matching import server_key
from sipsimple.protocols.sip.usage.call import Call, become
from sipsimple.protocols.sip.usage.change import session_timer
from sipsimple.protocols.sip.usage.ending import bye, ending
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.events import Accept, Invited, Reject, StreamFailed
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.sip.usage.pending import Pending, invite_of
from sipsimple.protocols.sip.usage.setup import acknowledgement, cancel, reliable, ringing
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams import agreement, lines, streams
from sipsimple.protocols.sip.usage.streams.stream import Phase
from sipsimple.protocols.sip.usage.within import credentials, exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.events import StreamEnded, StreamMoved, StreamPrepared
    from sipsimple.protocols.sip.usage.within.exchange import Header, Outputs


def ring(call: Call, event: Invited) -> tuple[Call, Outputs]:
    """Answer 180 and tell of the new call; the application decides."""
    request = event.request
    dialog = replace(event.dialog, local_tag=call.identity.token)
    pending = Pending(
        key=server_key(request),
        request=request,
        offer=event.offer,
        resend_after=call.identity.timing.t1,
        rings_for=ringing.limit(call, request),
    )
    call = replace(
        call,
        direction="incoming",
        local=dialog.local,
        remote=dialog.remote,
        target=request.uri,
        flow=event.flow,
        dialog=dialog,
        negotiation=event.negotiation,
        streams=event.streams,
        files=streams.proposed_files(event.streams),
        pending=pending,
        remote_user_agent=request.user_agent,
    )
    call, rings = ringing.begin(call)
    call, changed = become(call, State.INCOMING)
    refused = dict(event.refused)
    data = {
        "has_audio": call.proposes(lines.AUDIO),
        "has_chat": call.proposes(lines.CHAT),
        "files": lines.files(call, tuple([each.kind for each in call.streams])),
        "refused_streams": refused,
    }
    notes = [Note("stream.refused", {"stream": kind, "reason": why}) for kind, why in refused.items()]
    return call, (*rings, *notes, changed, Notify("SCSessionNewIncoming", data))


def accept(call: Call, command: Accept) -> tuple[Call, Outputs]:
    """Prepare the accepted streams; the 200 waits for them, as long as a transaction would.

    Raises:
        LocalProtocolError: Nothing is accepted, or a stream that was not proposed.
    """
    chosen = [each for each in call.streams if each.kind in command.kinds]
    if not chosen or len(chosen) != len(set(command.kinds)):
        raise LocalProtocolError(f"accepted {command.kinds}, proposed {tuple(each.kind for each in call.streams)}")
    if invite_of(call.pending)[2].offer is None:  # the lines of our own offer
        chosen = [replace(each, index=index) for index, each in enumerate(chosen)]
    preparing = tuple([replace(each, phase=Phase.PREPARING) for each in chosen])
    call = credentials.of_callee(call, command.password)
    call, changed = become(replace(call, streams=preparing), State.ACCEPTING)
    return call, (changed, streams.guard(call), *streams.prepares(call, command.password))


def stream_prepared(call: Call, event: StreamPrepared) -> tuple[Call, Outputs]:
    """Answer when the last accepted stream is prepared."""
    call = streams.prepared(call, event)
    if not streams.all_prepared(call) or invite_of(call.pending)[2].success is not None:
        return call, ()
    return answer(call)


def overdue(call: Call, _: object) -> tuple[Call, Outputs]:
    """Fail: the 200 could not be sent in time."""
    if acknowledgement.waits_for_ack(call):
        return call, ()
    return give_up(call, Failure.local(0, "the streams were not prepared in time"))


def answer(call: Call) -> tuple[Call, Outputs]:
    """Send 200 with our answer, or with our offer where the INVITE has none, and again until its ACK comes."""
    key, request, pending = invite_of(call.pending)
    negotiation, offer = exchange.negotiation_of(call), pending.offer
    if offer is None:
        negotiation, document = offer_answer.offer(negotiation, lines.first_offer(call))
    else:
        negotiation, document = offer_answer.answer(negotiation, lines.answered(call, offer))
    call, timed, clocks = session_timer.granted(call, request)
    headers = (*exchange.capabilities(call), *timed)
    call, response, sent = exchange.respond(call, key, request, 200, *headers, body=bytes(document))
    call, settled = reliable.settled(call)
    starts: Outputs = ()
    if offer is not None:
        call, starts = agreement.by_us(call, document)
    call = exchange.entered(call, dialogs.confirmed(exchange.dialog_of(call)), request)
    call = replace(call, negotiation=negotiation, pending=replace(pending, offer=None, success=response))
    stops = StopTimer("ringing"), StopTimer("preparing")
    waits = (*settled, *acknowledgement.resend_timers(call), *clocks)
    return call, (*sent, *stops, *waits, *starts, Notify("SCSessionWillStart"))


def reject(call: Call, command: Reject) -> tuple[Call, Outputs]:
    """Answer with the application's status and end."""
    call, told = ending.begin_to_end(call)
    call, sent = _decline(call, command.code)
    note = Note("session.rejected", {"status": command.code, "reason": "the application refused"})
    call, tail = ending.finish(call, "local")
    return call, (*told, *sent, note, *tail)


def terminate(call: Call, _: object) -> tuple[Call, Outputs]:
    """End before the ACK: refuse, or after the 200 wait for its ACK and then send BYE (15)."""
    if acknowledgement.waits_for_ack(call):
        return ending.begin_to_end(call)
    return reject(call, Reject())


def stream_failed(call: Call, event: StreamFailed) -> tuple[Call, Outputs]:
    """Fail when an accepted stream cannot be prepared, or breaks before the ACK."""
    if not call.has(event.kind):
        return call, ()
    return give_up(call, Failure.local(event.code, f"{event.kind} stream: {event.reason}"))


def stream_moved(call: Call, event: StreamMoved) -> tuple[Call, Outputs]:
    """Offer the new line of a stream as soon as the call is established."""
    return (streams.move_soon(call, event) if call.has(event.kind) else call), ()


def stream_ended(call: Call, event: StreamEnded) -> tuple[Call, Outputs]:
    """Go on without a stream that the peer ended before its ACK came."""
    if acknowledgement.waits_for_ack(call):
        return streams.ended(call, event)
    return stream_failed(call, StreamFailed(event.kind, event.reason))


def grace_over(call: Call, _: object) -> tuple[Call, Outputs]:
    """End a call that the peer left without a stream before its ACK came."""
    return (call, ()) if call.streams else give_up(call, streams.DESERTED)


def give_up(call: Call, failure: Failure) -> tuple[Call, Outputs]:
    """Answer 500, or what the failure says, and fail; when the 200 is out, BYE has to wait for its ACK (15)."""
    if acknowledgement.waits_for_ack(call):
        return ending.begin_to_fail(call, failure)
    status = failure.code or 500
    call, sent = _decline(call, status, exchange.warning(failure.reason), *exchange.come_again(status))
    call, told = ending.fail(call, failure)
    return call, sent + told


def bye_received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """End: the caller sent BYE instead of CANCEL, or instead of ACK."""
    if acknowledgement.waits_for_ack(call):
        return bye.received(call, event)
    call, _response, sent = exchange.respond(call, event.key, event.request, 200)
    call, told = cancel.withdrawn(call, first_reason(event.request.get_all("reason")))
    return call, sent + told


def _decline(call: Call, code: int, *headers: Header) -> tuple[Call, Outputs]:
    key, request, _pending_invite = invite_of(call.pending)
    call, _response, sent = exchange.respond(call, key, request, code, *headers)
    return call, sent
