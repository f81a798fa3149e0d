"""The worker's own offers: the INVITE that brings one, the peer's answer to it, and taking it back.

RFC: 3261 13.3.1, 14.2; 3264 5, 6; 8839 4.4.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.media.seat import answer, sip
from sipsimple.media.seat.state import LineOutdated, LineReady, LineRefused, SeatLost, State
from sipsimple.protocols import values
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sdp.audio_media import is_found_by_ice, is_reached_alike
from sipsimple.protocols.sip import dialog as dialogs

if TYPE_CHECKING:
    from sipsimple.media.seat.state import Outputs, Seat
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived

RINGING_SECONDS = 60.0
"""Between two provisional responses, so that no clock of the worker runs out while the peer's phone rings."""


def first(seat: Seat, event: RequestReceived) -> tuple[Seat, Outputs]:
    """Take the INVITE that `Open` asked for: with the worker's offer, or so that it gets one."""
    request = event.request
    seat = replace(seat, dialog=dialogs.from_request(request, seat.token), request=request, key=event.key)
    if seat.ask.remote is None:
        seat, outputs = _offered(seat, State.OFFERED)
    else:
        seat, outputs = answer.put_in_success(seat, seat.ask.remote)
        seat = replace(seat, state=State.ASKED)
    return seat, (StopTimer("invite"), *outputs)


def again(seat: Seat, event: RequestReceived) -> tuple[Seat, Outputs]:
    """Take the re-INVITE that `Offer` asked for. One that overtakes the ACK shows that our 2xx came."""
    seat, acknowledged = answer.acknowledged(seat)
    seat = replace(seat, request=event.request, key=event.key)
    seat, outputs = _offered(seat, State.REOFFERED)
    return seat, (StopTimer("invite"), *acknowledged, *outputs)


def _offered(seat: Seat, state: State) -> tuple[Seat, Outputs]:
    if seat.request is None:
        raise AssertionError("no INVITE to take the offer from")
    try:
        line = sip.line_in(seat, seat.request, None)
    except RemoteProtocolError as error:
        return refused(seat, error)
    seat, response, sent = sip.respond(seat, 180)
    seat = replace(seat, state=state, provisional=response, line=line)
    return seat, (*sent, StartTimer("ringing", RINGING_SECONDS), LineReady(seat.token, line))


def refused(seat: Seat, error: RemoteProtocolError) -> tuple[Seat, Outputs]:
    """Answer an offer that cannot be used."""
    seat, outputs = turn_down(seat)
    return seat, (*outputs, LineRefused(seat.token, error.status or 500, error.reason))


def turn_down(seat: Seat) -> tuple[Seat, Outputs]:
    """Answer 488 to the worker's INVITE; a call that runs goes on as it was (RFC 3261 14.2)."""
    seat, _, sent = sip.respond(seat, 488)
    return replace(seat, request=None, provisional=None, state=State.READY), (StopTimer("ringing"), *sent)


def unasked(seat: Seat, event: RequestReceived) -> tuple[Seat, Outputs]:
    """Refuse a re-INVITE that nobody asked for (14.2: 491 while one of ours is out).

    Where ICE has chosen another address than the last line says (8839 4.4.1), it is told that there is something to
    ask for. The worker offers it once; asked later, it offers the same.
    """
    status = 491 if seat.state is State.REASKED else 488
    told = (LineOutdated(seat.token),) if seat.state is State.READY and _is_news(seat, event) else ()
    seat, _, sent = sip.respond(seat, status, event.request)
    return seat, (*sent, *told)


def _is_news(seat: Seat, event: RequestReceived) -> bool:
    try:
        line = sip.line_in(seat, event.request, None)
    except RemoteProtocolError:
        return False
    former = seat.line
    return former is not None and is_found_by_ice(former, line) and not is_reached_alike(former, line)


def withdrawn(seat: Seat, event: RequestReceived) -> tuple[Seat, Outputs]:
    """Refuse the re-INVITE that is not wanted any more, then do what is."""
    seat, acknowledged = answer.acknowledged(seat)
    seat, sent = turn_down(replace(seat, request=event.request, key=event.key))
    seat, more = answer.go_on(seat)
    return seat, (StopTimer("invite"), *acknowledged, *sent, *more)


def take(seat: Seat, remote: Media) -> tuple[Seat, Outputs]:
    """Give the worker the peer's answer: 200."""
    if seat.is_sounding and seat.state is State.OFFERED and remote != seat.remote:
        seat = _fork(seat)
    seat, outputs = answer.put_in_success(seat, remote)
    return replace(seat, state=State.READY, provisional=None), (StopTimer("ringing"), *outputs)


def take_early(seat: Seat, remote: Media) -> tuple[Seat, Outputs]:
    """Give the worker an early answer: 183; another one looks to it like one of another fork."""
    if seat.is_sounding and remote == seat.remote:
        return seat, ()
    if seat.is_sounding:
        seat = _fork(seat)
    seat, body = sip.described(seat, remote)
    seat, response, sent = sip.respond(seat, 183, body=body)
    return replace(seat, is_sounding=True, provisional=response), sent


def _fork(seat: Seat) -> Seat:
    """Take another tag: in one dialog the worker would not look at a second answer (RFC 3261 13.2.1)."""
    seat = replace(seat, tags=seat.tags + 1)
    return replace(seat, dialog=values.replace(sip.dialog_of(seat), local_tag=sip.tag_of(seat)))


def ring_again(seat: Seat, _: object) -> tuple[Seat, Outputs]:
    """Repeat the last provisional response."""
    if seat.provisional is None:
        return seat, ()
    seat, sent = sip.repeat(seat, seat.provisional)
    return seat, (*sent, StartTimer("ringing", RINGING_SECONDS))


def call_off(seat: Seat, _: object) -> tuple[Seat, Outputs]:
    """Note that the re-INVITE which will come is not wanted any more."""
    return replace(seat, state=State.WITHDRAWN, next=None), ()


def cannot(seat: Seat, reason: str) -> tuple[Seat, Outputs]:
    """Take the news that the worker makes no offer now."""
    was_wanted = seat.state is State.CALLED
    seat = replace(seat, state=State.READY)
    if was_wanted:
        return seat, (StopTimer("invite"), LineRefused(seat.token, 500, reason))
    seat, more = answer.go_on(seat)
    return seat, (StopTimer("invite"), *more)


def missing(seat: Seat, _: object) -> tuple[Seat, Outputs]:
    """Give up on a worker that does not call."""
    return seat, (SeatLost(seat.token, "the worker did not call"),)
