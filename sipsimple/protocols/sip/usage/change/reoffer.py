"""Our re-INVITE: a new offer inside the dialog, and what becomes of it.

One is sent for each `Change`, when all streams have their lines and no other
INVITE is open. It ends in an answer, in a refusal that leaves everything as it
was, or it meets one of the peer and is sent again (see `glare`).

RFC: 3261 12.2.1.2, 14.1; 3264 8; 6337 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sip.status import reason_phrase
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.usage.change import changes, glare, repath, session_timer
from sipsimple.protocols.sip.usage.change.upkeep import RefreshSession
from sipsimple.protocols.sip.usage.ending import bye, ending
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.pending import Change, Pending
from sipsimple.protocols.sip.usage.setup import cancel, prack, success
from sipsimple.protocols.sip.usage.setup.invite import reason_text
from sipsimple.protocols.sip.usage.streams import agreement, described, lines
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transaction.outputs import ResponseReceived, TransactionEnded
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

PATIENCE = 180.0
"""Seconds without a word about our re-INVITE until it is cancelled: a peer that rings says so every minute."""

_GONE = (408, 481)


def send(call: Call, change: Change) -> tuple[Call, Outputs]:
    """Send the re-INVITE; the first one for a hold also tells of it."""
    call = lines.placed(call)
    negotiation = exchange.negotiation_of(call)
    is_refresh = isinstance(change.command, RefreshSession)
    negotiation, offer = offer_answer.offer(negotiation, lines.offered(call), is_new=not is_refresh)
    headers = (*exchange.capabilities(call), *session_timer.asked(call))
    dialog, flow = exchange.dialog_of(call), exchange.flow_of(call)
    call, dialog, request, sent = exchange.request_in_dialog(call, dialog, flow, "INVITE", *headers, body=bytes(offer))
    pending = Pending(key=client_key(request), request=request, is_ours=True)
    told = () if change.tries else changes.announced(change.command)
    change = replace(change, tries=change.tries + 1)
    call = replace(call, negotiation=negotiation, dialog=dialog, pending=pending, change=change)
    return call, (StopTimer("preparing"), *sent, StartTimer("answer", PATIENCE), *told)


def provisional(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Note that CANCEL is allowed, and that the peer lives."""
    pending = call.pending
    if pending is None or pending.key != event.key:
        return call, ()
    if not pending.provisional:
        call = replace(call, pending=replace(pending, provisional=True))
    call, sent, _is_news = prack.acknowledged(call, event)
    return call, (*sent, StartTimer("answer", PATIENCE))


def answered(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Acknowledge the 2xx and go by its answer; one without a usable answer leaves nothing to go by: BYE."""
    pending, change, response = call.pending, call.change, event.response
    if pending is None or pending.key != event.key or change is None:
        return success.again(call, event)
    agreed = prack.negotiation_with(call, response)
    dialog = exchange.retargeted(exchange.dialog_of(call), response)
    call = exchange.led(call, dialog)
    call, ack = exchange.acknowledge(call, dialog, exchange.flow_of(call), event.key, response.cseq.number)
    call = replace(call, pending=None)
    begun = _stops(pending, *ack)
    negotiation = exchange.negotiation_of(call)
    offer, former = negotiation.offered, negotiation.remote_description
    if offer is None:
        raise AssertionError("a re-INVITE of ours offers")
    try:
        negotiation, answer = offer_answer.receive_answer(agreed, described.answer_in(response))
        moved = repath.followed(call, former, answer)
        call, outputs = agreement.by_the_peer(call, negotiation, answer, offer, former)
    except RemoteProtocolError as error:
        call, tail = bye.abandon(call, Failure.local(488, error.reason))
        return call, begun + tail
    call, clocks = session_timer.agreed(call, response)
    call, told = changes.agreed(replace(call, change=None), change.command)
    return call, (*begun, *outputs, *moved, *clocks, *told)


def failed(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Go on as before after a refusal, try again after a collision, end where the peer knows of no session."""
    pending, change, response = call.pending, call.change, event.response
    if pending is None or pending.key != event.key or change is None:
        return call, ()
    call, stops = _withdrawn(call, pending)
    status, reason = response.status, reason_text(response)
    if status in _GONE:
        failure = Failure.remote(status, reason)
        call, tail = ending.fail(call, failure) if status == 481 else bye.abandon(call, failure)
        return call, stops + tail
    raised = session_timer.raised(call, response)
    if raised is not None:
        return glare.again(raised, change), stops
    seconds = glare.delay(call, change, response)
    if seconds is not None:
        call, waits = glare.wait(call, change, seconds)
        return call, stops + waits
    call, told = changes.refused(call, f"{status} {reason}")
    return call, stops + told


def lost(call: Call, event: TransactionEnded) -> tuple[Call, Outputs]:
    """End a call whose peer does not answer; one that cannot be reached just now has refused the change."""
    if call.pending is None or call.change is None:
        return call, ()
    call, stops = _withdrawn(call, call.pending)
    if event.why == "timeout":
        call, tail = bye.abandon(call, Failure.local(408))
        return call, stops + tail
    call, told = changes.refused(call, f"503 {event.why}")
    return call, stops + told


def unanswered(call: Call, _: object) -> tuple[Call, Outputs]:
    """Cancel a re-INVITE that the peer says nothing more about."""
    pending, change = call.pending, call.change
    if pending is None or change is None or not pending.provisional or pending.cancelled:
        return call, ()
    call, sent = cancel.send(call)
    pending = replace(pending, cancelled=True)
    return replace(call, pending=pending, change=replace(change, tries=glare.TRIES)), sent


def never_answered(call: Call, _: object) -> tuple[Call, Outputs]:
    """End a call whose peer answers neither our re-INVITE nor its CANCEL."""
    if call.pending is None or not call.pending.is_ours:
        return call, ()
    call, stops = ending.forget_invite(call)
    call, tail = bye.abandon(call, Failure.local(408, f"{reason_phrase(408)}: the change was never answered"))
    return call, stops + tail


def _withdrawn(call: Call, pending: Pending) -> tuple[Call, Outputs]:
    """Take the offer back; a stream that it added has no line again."""
    negotiation = offer_answer.withdraw(exchange.negotiation_of(call))
    return replace(call, negotiation=negotiation, pending=None), _stops(pending)


def _stops(pending: Pending, *first: object) -> Outputs:
    cancelled = (StopTimer("cancelled"),) if pending.provisional else ()
    return (*first, StopTimer("answer"), *cancelled)
