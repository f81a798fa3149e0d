"""How a call in a worker begins, and how it ends.

RFC: 3261 9.2, 15.1.2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.media.leg.outputs import Command, Enlist
from sipsimple.media.seat import sip
from sipsimple.media.seat.state import LineReady, LineRefused, SeatLost, State
from sipsimple.media.wire import Closed, Open
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transport import Flow

if TYPE_CHECKING:
    from sipsimple.media.pool.worker_link import WorkerLink
    from sipsimple.media.seat.state import Ask, Outputs, Seat
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived

TIMERS = ("invite", "ringing", "2xx", "ack", "retry")
"""The seat's own timers, as against those of its transactions."""


def grant(seat: Seat, link: WorkerLink) -> tuple[Seat, Outputs]:
    """Have the worker call, with its offer or without."""
    terms = seat.terms
    settings = terms.settings
    command = Open(
        leg=seat.token,
        sip_port=terms.sip_port,
        with_offer=seat.ask.remote is None,
        address=settings.address,
        public_address=settings.public_address,
        port=link.port,
        port_count=link.port_count,
        srtp=settings.srtp,
        ice=settings.ice,
        stun=settings.stun,
        turn=settings.turn,
        turn_user=settings.turn_user,
        turn_password=settings.turn_password,
    )
    flow = Flow("udp", (sip.HOST, terms.sip_port), link.sip)
    outputs = (Enlist(seat.token, link.sip), Command(link, command), StartTimer("invite", terms.timing.timeout))
    return replace(seat, state=State.OPENING, link=link, flow=flow), outputs


def want(seat: Seat, wanted: Ask) -> tuple[Seat, Outputs]:
    """Change what the worker will be opened for."""
    return replace(seat, ask=wanted), ()


def say_again(seat: Seat, wanted: Ask) -> tuple[Seat, Outputs]:
    """Give the line that the worker offered; whoever wants something else takes another seat."""
    if wanted.remote is not None or seat.line is None:
        raise AssertionError("an unanswered offer cannot become an answer")
    return seat, (LineReady(seat.token, seat.line),)


def bye(seat: Seat, event: RequestReceived) -> tuple[Seat, Outputs]:
    """Answer the worker's BYE."""
    seat, _, sent = sip.respond(seat, 200, event.request)
    seat, told = closed(seat, Closed(seat.token, "the worker hung up"))
    return seat, (*sent, *told)


def closed(seat: Seat, event: Closed) -> tuple[Seat, Outputs]:
    """Take the end of the call. Before anything flows, that is the worker's way of refusing what the peer says.

    Before it has called, it is its way of refusing how it is to be set up.
    """
    reason = event.reason
    if seat.state is State.ASKED:
        return seat, (LineRefused(seat.token, 488, f"the audio engine refused the offer: {reason}"),)
    if seat.state is State.OPENING:
        where = seat.terms.settings.address or "any address"
        reason = f"the audio engine cannot open RTP on {where}: {reason}"
        return seat, (SeatLost(seat.token, reason, event.is_lasting),)
    is_refusal = seat.ask.remote is None and seat.is_sounding and seat.flowing is None
    return seat, (SeatLost(seat.token, reason, is_refusal),)


def cancelled(seat: Seat, event: RequestReceived) -> tuple[Seat, Outputs]:
    """Answer the CANCEL of the worker's INVITE."""
    seat, _, sent = sip.respond(seat, 200, event.request)
    seat, _, ended = sip.respond(seat, 487)
    return seat, (*sent, *ended, SeatLost(seat.token, "the worker cancelled its call"))


def other_request(seat: Seat, event: RequestReceived) -> tuple[Seat, Outputs]:
    """Answer what is no part of all this."""
    seat, _, sent = sip.respond(seat, 481 if event.request.method == "CANCEL" else 405, event.request)
    return seat, sent


def vacated(seat: Seat) -> Outputs:
    """Stop everything; an INVITE of the worker that waits is answered, or its call would linger for 32 s."""
    sent: Outputs = ()
    if seat.request is not None:
        seat, _, sent = sip.respond(seat, 487)
    keep = [each for each in sent if not isinstance(each, StartTimer | StopTimer)]
    stops = [StopTimer(each.name) for each in layer.timers(seat.transactions)]
    return (*keep, *[StopTimer(name) for name in TIMERS], *stops)
