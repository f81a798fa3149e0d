"""The peer's INVITE inside the dialog: a refresh, a hold, streams that end, change or are proposed.

What needs nobody's decision is answered as soon as the streams concerned have
their lines. What cannot be is refused, and nothing has changed then.

RFC: 3261 14.2; 3264 8; 6337 5.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sdp.offer_answer import State as Exchange
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.usage.change import new_offer, proposal, renewal, repath, session_timer
from sipsimple.protocols.sip.usage.outputs import Note, Revert, StopStream
from sipsimple.protocols.sip.usage.pending import Pending, invite_of
from sipsimple.protocols.sip.usage.setup import acknowledgement, admission, cancel, reliable, ringing
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams import agreement, described, lines, streams
from sipsimple.protocols.sip.usage.streams.stream import Phase, Stream
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Header, Outputs

RETRY_AFTER = ("Retry-After", "2")


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Take a new offer of the peer, or give one where it leaves that to us.

    Raises:
        RemoteProtocolError: With the status of the refusal; nothing has changed then.
    """
    if call.pending is not None:
        return glare(call, event) if call.pending.is_ours else busy(call, event)
    if call.change is not None and not call.change.tries:
        return glare(call, event)
    request = event.request
    dialogs.retargeted(exchange.dialog_of(call), request)  # a Contact that cannot be read is refused before all else
    session_timer.check(request, call.identity.policy)
    pending = Pending(key=event.key, request=request, resend_after=call.identity.timing.t1)
    if _is_following(call):
        return replace(call, pending=replace(pending, arrived=event)), ()
    if not described.counts(request):
        return _offer(call, pending)
    return take_offer(call, pending)


def take_offer(call: Call, pending: Pending) -> tuple[Call, Outputs]:
    """Take the offer of an INVITE, or of an UPDATE, for which nobody can be asked.

    Raises:
        RemoteProtocolError: With the status of the refusal; nothing has changed then.
    """
    _key, request, _ = invite_of(pending)
    negotiation, offer = admission.read_offer(request, exchange.negotiation_of(call))
    changed = new_offer.compared(call, offer)
    pending = replace(pending, offer=offer)
    call = replace(call, negotiation=negotiation, pending=pending, streams=changed.streams)
    notes = tuple([Note("stream.refused", {"stream": kind, "reason": why}) for kind, why in changed.refused])
    if changed.added:
        if request.method == "UPDATE":
            raise undecided()
        call, told = proposal.made(call, changed.added, changed.refused)
        call, rings = ringing.begin(call)
        return call, (StopTimer("grace"), *notes, *rings, *told)
    call, outputs = proceed(call)
    return call, (StopTimer("grace"), *notes, *outputs)


def _is_following(call: Call) -> bool:
    return any(each.phase is Phase.CHANGING for each in call.streams)


def take_up(call: Call) -> tuple[Call, Outputs]:
    """Take an INVITE that waited for a stream, which has followed the description before it by now."""
    event = None if call.pending is None else call.pending.arrived
    if event is None or _is_following(call):
        return call, ()
    call = replace(call, pending=None)
    try:
        return received(call, event)
    except RemoteProtocolError as error:
        return exchange.answer_with(call, event, error)


def proceed(call: Call, password: str | None = None) -> tuple[Call, Outputs]:
    """Have the lines made that the answer needs; give it when there are none to make."""
    changing = [
        replace(each, phase=Phase.CHANGING) if each.phase is Phase.RUNNING and each.remote is not None else each
        for each in call.streams
    ]
    call = replace(call, streams=tuple(changing))
    if streams.all_prepared(call):
        return accept(call)
    return call, (*streams.prepares(call, password), streams.guard(call))


def accept(call: Call) -> tuple[Call, Outputs]:
    """Answer 200 with our lines; streams that the offer ends are stopped."""
    pending = call.pending
    if pending is None or pending.offer is None or pending.request is None:
        raise AssertionError("an answer needs an offer")
    offer = pending.offer
    call, stops = _without_ended(call, offer)
    former = exchange.negotiation_of(call).remote_description
    negotiation, document = offer_answer.answer(exchange.negotiation_of(call), lines.answered(call, offer))
    moved = repath.followed(call, former, offer)
    call, sent = _success(replace(call, negotiation=negotiation), pending, bytes(document))
    call, told = proposal.accepted(call, "remote") if call.state is State.PROPOSED else (call, ())
    call, started = agreement.by_us(call, document)
    call, settled = renewal.settled(call)
    return call, (StopTimer("ringing"), StopTimer("preparing"), *sent, *told, *stops, *started, *moved, *settled)


def _without_ended(call: Call, offer: SessionDescription) -> tuple[Call, Outputs]:
    def is_ended(stream: Stream) -> bool:
        return stream.index != lines.NOT_PLACED and offer.media[stream.index].port == 0

    ended = [each for each in call.streams if is_ended(each)]
    if not ended:
        return call, ()
    kept = tuple([each for each in call.streams if not is_ended(each)])
    stops = [StopStream(each.kind, reason="the peer ended the stream") for each in ended]
    return replace(call, streams=kept), tuple(stops)


def _offer(call: Call, pending: Pending) -> tuple[Call, Outputs]:
    """Answer 200 with an offer as of a new call; the ACK will answer it (RFC 3261 14.2)."""
    negotiation, document = offer_answer.offer(exchange.negotiation_of(call), lines.offered_in_full(call))
    call, sent = _success(replace(call, negotiation=negotiation), pending, bytes(document))
    return call, (StopTimer("grace"), *sent)


def _success(call: Call, pending: Pending, body: bytes) -> tuple[Call, Outputs]:
    key, request, _ = invite_of(pending)
    dialog = dialogs.retargeted(exchange.dialog_of(call), request)
    call = exchange.led(call, dialog, request)
    call, timed, clocks = session_timer.granted(call, request)
    headers = (*exchange.capabilities(call), *timed)
    call, response, sent = exchange.respond(call, key, request, 200, *headers, body=body)
    call, settled = reliable.settled(call)
    if request.method == "UPDATE":
        return replace(call, pending=None), (*sent, *clocks)  # nothing acknowledges its answer
    call = replace(call, pending=replace(pending, offer=None, success=response))
    return call, (*sent, *settled, *acknowledgement.resend_timers(call), *clocks)


def acknowledged(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Stop sending the 2xx; where it had the offer, go by the answer that the ACK brings."""
    if not acknowledgement.acknowledges(call, event.request):
        return call, ()
    stops = StopTimer("2xx"), StopTimer("ack")
    call = replace(call, pending=None)
    negotiation = exchange.negotiation_of(call)
    offer, former = negotiation.offered, negotiation.remote_description
    if negotiation.state is not Exchange.OFFER_SENT or offer is None:
        return call, stops
    try:
        negotiation, document = acknowledgement.read_answer(negotiation, event.request)
        call, outputs = agreement.by_the_peer(call, negotiation, document, offer, former)
    except RemoteProtocolError as error:
        note = Note("description.dropped", {"method": "ACK", "why": error.reason})
        return replace(call, negotiation=offer_answer.withdraw(exchange.negotiation_of(call))), (*stops, note)
    return call, (*stops, *outputs)


def cancelled(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer CANCEL and, if it comes in time, the INVITE with 487: the session goes on as it was."""
    call, answered, is_open = cancel.answered(call, event)
    if not is_open:
        return call, answered
    call, undone = refuse(call, 487, "cancelled by the peer")
    return call, answered + undone


def refuse(call: Call, status: int, reason: str, *headers: Header) -> tuple[Call, Outputs]:
    """Refuse the peer's open offer; what was made for it is dropped, the session goes on as it was."""
    key, request, pending = invite_of(call.pending)
    if status != 487:
        headers = (*headers, exchange.warning(reason))
    call, _response, sent = exchange.respond(call, key, request, status, *headers)
    call, settled = reliable.settled(replace(call, pending=None))
    undone: Outputs = ()
    if pending.offer is not None:
        negotiation = offer_answer.reject(exchange.negotiation_of(call))
        call, undone = _undone(replace(call, negotiation=negotiation))
    note = Note("request.rejected", {"method": request.method, "status": status, "reason": reason})
    told: Outputs = ()
    if call.state is State.PROPOSED:
        call, told = proposal.rejected(call, "remote", reason)
    return call, (StopTimer("ringing"), StopTimer("preparing"), *settled, *sent, note, *undone, *told)


def _undone(call: Call) -> tuple[Call, Outputs]:
    kept: list[Stream] = []
    outputs: list[object] = []
    for each in call.streams:
        if each.index == lines.NOT_PLACED or (each.phase is Phase.RUNNING and each.remote is None):
            kept.append(each)
        elif renewal.is_renewed(call, each.kind):
            kept.append(replace(each, remote=None))  # its own line still waits to be offered
        elif each.phase in (Phase.RUNNING, Phase.CHANGING, Phase.CHANGED):
            kept.append(Stream(each.kind, each.index, Phase.RUNNING))
            outputs += () if each.phase is Phase.RUNNING else (Revert(each.kind),)
        elif each.phase is not Phase.PROPOSED:
            outputs.append(StopStream(each.kind, reason="the proposal was given up"))
    return replace(call, streams=tuple(kept)), tuple(outputs)


def undecided() -> RemoteProtocolError:
    """Return the refusal of an UPDATE that somebody would have to decide on (3311 5.2)."""
    text = "an added stream has to be decided on: propose it by INVITE"
    return RemoteProtocolError(text, 504, exchange.warning(text))


def busy(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 500 with Retry-After: the INVITE or UPDATE before this one is not finished."""
    return exchange.refuse(call, event, 500, "another INVITE or UPDATE is not finished", RETRY_AFTER)


def glare(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 491: our own INVITE is pending, or about to be sent."""
    return exchange.refuse(call, event, 491, "our own INVITE is pending")


def gone(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 481: there is no dialog yet, or none any more."""
    return exchange.refuse(call, event, 481, f"no dialog while {call.state.value}")
