"""The peer's lines on their way to the worker: in our 2xx until the ACK comes, in re-INVITEs of ours.

RFC: 3261 13.2.2.4, 13.3.1.4, 14.1; 3264 8.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.media.leg.outputs import Command
from sipsimple.media.seat import sip
from sipsimple.media.seat.state import Ask, LineReady, LineRefused, SeatLost, State
from sipsimple.media.wire import Offer
from sipsimple.protocols.outputs import StartTimer, StopTimer

if TYPE_CHECKING:
    from sipsimple.media.seat.state import Outputs, Seat
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.message import Message
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived, ResponseReceived

MOST_RETRIES = 3
_GONE = frozenset({408, 481})


# ------------------------------------------------------------- our 2xx


def put_in_success(seat: Seat, remote: Media) -> tuple[Seat, Outputs]:
    """Answer the worker's INVITE with 200 and the peer's line; it is repeated until the ACK comes."""
    seat, body = sip.described(seat, remote)
    seat, response, sent = sip.respond(seat, 200, body=body)
    timing = seat.terms.timing
    seat = replace(seat, request=None, success=response, resend_after=timing.t1, is_sounding=True)
    return seat, (*sent, StartTimer("2xx", timing.t1), StartTimer("ack", timing.timeout))


def resend(seat: Seat, _: object) -> tuple[Seat, Outputs]:
    """Repeat the 2xx."""
    if seat.success is None:
        return seat, ()
    delay = min(2 * seat.resend_after, seat.terms.timing.t2)
    seat, sent = sip.repeat(seat, seat.success)
    return replace(seat, resend_after=delay), (*sent, StartTimer("2xx", delay))


def acknowledged(seat: Seat, _: object = None) -> tuple[Seat, Outputs]:
    """Take the ACK of our 2xx, then do what had to wait for it."""
    if seat.success is None:
        return seat, ()
    return replace(seat, success=None), (StopTimer("2xx"), StopTimer("ack"))


def confirmed(seat: Seat, _: object) -> tuple[Seat, Outputs]:
    """Take the ACK while nothing else is under way."""
    seat, stops = acknowledged(seat)
    seat, more = go_on(seat)
    return seat, (*stops, *more)


def answered(seat: Seat, event: RequestReceived) -> tuple[Seat, Outputs]:
    """Take the ACK that has the worker's answer to the peer's offer."""
    seat, stops = acknowledged(seat)
    seat, more = _line(replace(seat, state=State.READY), event.request)
    return seat, (*stops, *more)


def unacknowledged(seat: Seat, _: object) -> tuple[Seat, Outputs]:
    """Give up on a worker that does not acknowledge."""
    return seat, (SeatLost(seat.token, "the worker did not acknowledge"),)


# ------------------------------------------------------- what is wanted


def ask(seat: Seat, wanted: Ask) -> tuple[Seat, Outputs]:
    """Have the worker offer anew, or put the peer's line to it; once our last 2xx is acknowledged."""
    if seat.success is not None:
        return replace(seat, next=wanted), ()
    link = seat.link
    if link is None:
        raise AssertionError("a seat that is ready has a worker")
    seat = replace(seat, ask=wanted, next=None)
    if wanted.remote is not None:
        seat, sent = sip.invite(seat, wanted.remote)
        return replace(seat, state=State.REASKED), sent
    seat = replace(seat, state=State.CALLED)
    return seat, (Command(link, Offer(seat.token)), StartTimer("invite", seat.terms.timing.timeout))


def go_on(seat: Seat) -> tuple[Seat, Outputs]:
    """Do what is wanted next."""
    return (seat, ()) if seat.next is None else ask(seat, seat.next)


def ask_afterwards(seat: Seat, wanted: Ask) -> tuple[Seat, Outputs]:
    """Note what is wanted when the present exchange is over."""
    return replace(seat, next=None if wanted == seat.ask else wanted), ()


def ask_again(seat: Seat, wanted: Ask) -> tuple[Seat, Outputs]:
    """While a worker's offer is on its way: an offer is what comes; anything else makes it unwanted."""
    if wanted.remote is None:
        return replace(seat, state=State.CALLED, ask=wanted, next=None), ()
    return replace(seat, state=State.WITHDRAWN, next=wanted), ()


# ---------------------------------------------------- our own re-INVITE


def accepted(seat: Seat, event: ResponseReceived) -> tuple[Seat, Outputs]:
    """Acknowledge the 2xx and take the worker's answer."""
    seat, acked = sip.acknowledge(seat)
    seat, more = _line(replace(seat, state=State.READY, retries=0), event.response)
    return seat, (*acked, *more)


def acknowledge_again(seat: Seat, event: ResponseReceived) -> tuple[Seat, Outputs]:
    """Repeat the ACK for a repeated 2xx."""
    return seat, () if seat.ack is None or event.key != seat.key else (seat.ack,)


def refused(seat: Seat, event: ResponseReceived) -> tuple[Seat, Outputs]:
    """Take the refusal of our re-INVITE: the call goes on as it was, is gone, or is asked again."""
    status = event.response.status
    if status in _GONE:
        return seat, (SeatLost(seat.token, f"the worker answered {status}"),)
    if status == 491 and seat.retries < MOST_RETRIES:
        return replace(seat, retries=seat.retries + 1), (StartTimer("retry", seat.terms.timing.t1),)
    seat = replace(seat, state=State.READY, retries=0, remote=None)
    if seat.next is not None:
        return go_on(seat)
    return seat, (LineRefused(seat.token, 488, f"the audio engine answered {status} {event.response.reason}"),)


def unanswered(seat: Seat, _: object) -> tuple[Seat, Outputs]:
    """Give up on a worker that does not answer."""
    return seat, (SeatLost(seat.token, "the worker did not answer"),)


def retry(seat: Seat, _: object) -> tuple[Seat, Outputs]:
    """Send the re-INVITE again, with what is wanted by now."""
    seat = replace(seat, state=State.READY)
    return ask(seat, seat.next or seat.ask)


def _line(seat: Seat, message: Message) -> tuple[Seat, Outputs]:
    if seat.next is not None:
        return go_on(seat)
    try:
        line = sip.line_in(seat, message, seat.ask.remote)
    except RemoteProtocolError as error:
        return seat, (LineRefused(seat.token, error.status or 500, error.reason),)
    return replace(seat, line=line), (LineReady(seat.token, line),)
