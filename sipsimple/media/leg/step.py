"""The one way into a leg: messages of a worker go through their seat, everything through the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.media import messages, wire
from sipsimple.media.leg import events, record, seats
from sipsimple.media.leg.state import State, Stimulus
from sipsimple.media.leg.table import TRANSITIONS
from sipsimple.media.seat import step as seat_step
from sipsimple.media.seat.state import LineOutdated, LineReady, LineRefused, SeatLost
from sipsimple.media.seat.state import Stimulus as SeatStimulus
from sipsimple.protocols.sip.ids import BRANCH_COOKIE
from sipsimple.protocols.tables import advance

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sipsimple.media.leg.state import Leg
    from sipsimple.media.seat.state import Outputs, Seat

STIMULI: dict[type, Stimulus] = {
    events.Prepare: Stimulus.PREPARE,
    events.Start: Stimulus.START,
    events.Revert: Stimulus.REVERT,
    events.Hold: Stimulus.HOLD,
    events.End: Stimulus.END,
    events.SilenceUntold: Stimulus.SILENCE_UNTOLD,
    events.StartRecording: Stimulus.RECORD,
    events.StopRecording: Stimulus.STOP_RECORDING,
    events.SendDigit: Stimulus.DIGIT,
    events.PlayFile: Stimulus.PLAY,
    events.PlayTones: Stimulus.PLAY,
    events.StopPlaying: Stimulus.STOP_PLAYING,
    events.Echo: Stimulus.ECHO,
    events.BridgeWith: Stimulus.BRIDGE,
    events.Unbridge: Stimulus.UNBRIDGE,
    events.PeerAt: Stimulus.PEER_AT,
    events.PeerGone: Stimulus.PEER_GONE,
    events.Resumed: Stimulus.RESUMED,
    events.Vanish: Stimulus.VANISH,
    messages.Granted: Stimulus.GRANTED,
    messages.Refused: Stimulus.REFUSED,
    messages.WorkerLost: Stimulus.SEAT_LOST,
    wire.Flowing: Stimulus.FLOWING,
    wire.GotDigit: Stimulus.GOT_DIGIT,
    wire.Statistics: Stimulus.STATISTICS,
    wire.PlayingEnded: Stimulus.PLAYING_ENDED,
    wire.Recording: Stimulus.RECORDING,
    wire.Recorded: Stimulus.RECORDED,
    wire.Refused: Stimulus.COMMAND_REFUSED,
    LineReady: Stimulus.LINE_READY,
    LineRefused: Stimulus.LINE_REFUSED,
    LineOutdated: Stimulus.LINE_OUTDATED,
    SeatLost: Stimulus.SEAT_LOST,
}

TIMERS = {"silence": Stimulus.SILENCE_DUE, "retry": Stimulus.RETRY_DUE}

_SIGNALS = (LineReady, LineRefused, LineOutdated, SeatLost)
_STEM = slice(len(BRANCH_COOKIE), len(BRANCH_COOKIE) + messages.TOKEN_LENGTH)


def step(leg: Leg, event: Any, now: float) -> tuple[Leg, Outputs]:
    """Take a command, or news of the pool, the worker or the other leg; `now` in seconds of a steady clock."""
    special = _SPECIAL.get(type(event))
    if special is not None:
        return _settled(*special(leg, event), now)
    return take(leg, STIMULI[type(event)], event, now)


def timer_fired(leg: Leg, name: Hashable, now: float) -> tuple[Leg, Outputs]:
    """Take a timer: one of the leg, or of one of its seats."""
    match name:
        case str():
            return take(leg, TIMERS[name], None, now)
        case (record.RECORDED, str(token)):
            return take(leg, Stimulus.RECORDED_MISSING, token, now)
        case (seats.SEAT, str(token), inner):
            return _settled(*_give(leg, token, seat_step.timer_fired, inner), now)
        case _:
            raise AssertionError(f"no timer of a leg: {name!r}")


def take(leg: Leg, stimulus: Stimulus, event: Any, now: float) -> tuple[Leg, Outputs]:
    """Advance by the table's row; a stimulus without a row changes nothing."""
    return _settled(*advance(TRANSITIONS, leg, stimulus, event, now), now)


def _settled(leg: Leg, outputs: Outputs, now: float) -> tuple[Leg, Outputs]:
    """Pass on what is asked for, then take what the seats tell: each may ask for more."""
    signals = [each for each in outputs if isinstance(each, _SIGNALS)]
    if not signals:
        return leg, outputs
    done = tuple([each for each in outputs if not isinstance(each, _SIGNALS)])
    for signal in signals:
        leg, more = take(leg, STIMULI[type(signal)], signal, now)
        done += more
    return leg, done


def _give(leg: Leg, token: str, stimulate: Callable[..., tuple[Seat, Outputs]], *stimulus: Any) -> tuple[Leg, Outputs]:
    seat = seats.find(leg, token)
    return (leg, ()) if seat is None else seats.give(leg, seat, stimulate, *stimulus)


def _request(leg: Leg, event: messages.WorkerRequest) -> tuple[Leg, Outputs]:
    token = event.request.request_uri.user or ""
    return _give(leg, token, seat_step.request_arrived, event.request, event.flow)


def _response(leg: Leg, event: messages.WorkerResponse) -> tuple[Leg, Outputs]:
    token = (event.response.via.branch or "")[_STEM]
    return _give(leg, token, seat_step.response_arrived, event.response)


def _closed(leg: Leg, event: wire.Closed) -> tuple[Leg, Outputs]:
    if leg.state is State.ENDED:
        return leg, ()
    if seats.find(leg, event.leg) is None:
        return leg, (SeatLost(event.leg, event.reason),)
    return _give(leg, event.leg, seat_step.take, SeatStimulus.CLOSED, event)


_SPECIAL: dict[type, Callable[[Leg, Any], tuple[Leg, Outputs]]] = {
    messages.WorkerRequest: _request,
    messages.WorkerResponse: _response,
    wire.Closed: _closed,
}
