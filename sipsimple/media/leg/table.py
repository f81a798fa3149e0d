"""What an audio leg does, state by state: the documentation, and the oracle of its tests.

A row is `stimulus: (action, states it may lead to)`; a pair without a row is in
`IGNORED`, with the reason. Together they are complete.

    idle       no line, and no worker or one that is being left
    preparing  the session asked for a line
    prepared   it was told one, and `Start` or `Revert` will follow
    running    what was agreed is set up
    moving     a new line is being made that the session did not ask for
    moved      it was told that one
    ending     a recording is being closed
    ended      everything was given back
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sipsimple.media.leg import bridge, ending, listen, move, play, prepare, record, resume, start
from sipsimple.media.leg.state import Leg, State, Stimulus
from sipsimple.media.seat.state import Outputs

Row = tuple[Callable[[Leg, Any, float], tuple[Leg, Outputs]], tuple[State, ...]]

_IDLE, _PREPARING, _PREPARED, _RUNNING = State.IDLE, State.PREPARING, State.PREPARED, State.RUNNING
_MOVING, _MOVED, _ENDING, _ENDED = State.MOVING, State.MOVED, State.ENDING, State.ENDED
_OVER = (_ENDING, _ENDED)
_BROKEN = (_IDLE, _PREPARING, _RUNNING, _MOVING)


def _always(state: State) -> dict[Stimulus, Row]:
    """Return the rows of every state before the end."""
    here = (state,)
    return {
        Stimulus.HOLD: (play.hold, here),
        Stimulus.END: (ending.end, _OVER),
        Stimulus.RECORD: (record.start, here),
        Stimulus.STOP_RECORDING: (record.stop, here),
        Stimulus.DIGIT: (play.send_digit, here),
        Stimulus.PLAY: (play.play, here),
        Stimulus.STOP_PLAYING: (play.stop_playing, here),
        Stimulus.ECHO: (play.echo, here),
        Stimulus.BRIDGE: (bridge.bridge_with, here),
        Stimulus.UNBRIDGE: (bridge.unbridge, here),
        Stimulus.PEER_AT: (bridge.peer_at, here),
        Stimulus.PEER_GONE: (bridge.peer_gone, here),
        Stimulus.GRANTED: (move.granted, here),
        Stimulus.SEAT_LOST: (move.lost, here),
        Stimulus.FLOWING: (listen.flowing, here),
        Stimulus.GOT_DIGIT: (listen.got_digit, here),
        Stimulus.STATISTICS: (listen.statistics, here),
        Stimulus.PLAYING_ENDED: (play.playing_ended, here),
        Stimulus.RECORDING: (record.opened, here),
        Stimulus.RECORDED: (record.closed, here),
        Stimulus.RECORDED_MISSING: (record.overdue, here),
        Stimulus.COMMAND_REFUSED: (listen.command_refused, here),
        Stimulus.SILENCE_DUE: (listen.silence_due, here),
        Stimulus.SILENCE_UNTOLD: (listen.silence_untold, here),
        Stimulus.VANISH: (ending.vanish, (_ENDED,)),
    }


TRANSITIONS: dict[State, dict[Stimulus, Row]] = {
    _IDLE: {
        **_always(_IDLE),
        Stimulus.PREPARE: (prepare.prepare, (_PREPARING,)),
    },
    _PREPARING: {
        **_always(_PREPARING),
        Stimulus.PREPARE: (prepare.prepare, (_PREPARING, _RUNNING)),
        Stimulus.REVERT: (start.revert_question, (_IDLE, _RUNNING, _MOVING)),
        Stimulus.SEAT_LOST: (move.lost, _BROKEN),
        Stimulus.REFUSED: (move.refused, _BROKEN),
        Stimulus.LINE_READY: (prepare.ready, (_PREPARED, _PREPARING)),
        Stimulus.LINE_REFUSED: (move.line_refused, _BROKEN),
        Stimulus.RETRY_DUE: (move.retry, (_PREPARING,)),
        Stimulus.RESUMED: (resume.waiting, (_PREPARING,)),
    },
    _PREPARED: {
        **_always(_PREPARED),
        Stimulus.PREPARE: (prepare.again, (_PREPARED, _PREPARING, _RUNNING)),
        Stimulus.START: (start.start, (_PREPARED, _RUNNING, _MOVING)),
        Stimulus.REVERT: (start.revert_line, (_IDLE, _RUNNING, _MOVING, _MOVED)),
        Stimulus.SEAT_LOST: (move.lost, (_IDLE, _PREPARED, _MOVING)),
        Stimulus.LINE_REFUSED: (move.line_refused, (_IDLE, _PREPARED, _MOVING)),
        Stimulus.RESUMED: (resume.told, (_PREPARED,)),
    },
    _RUNNING: {
        **_always(_RUNNING),
        Stimulus.PREPARE: (prepare.prepare, (_PREPARING, _RUNNING)),
        Stimulus.START: (start.start, (_RUNNING, _MOVING)),
        Stimulus.SEAT_LOST: (move.lost, (_IDLE, _RUNNING, _MOVING)),
        Stimulus.LINE_REFUSED: (move.line_refused, (_IDLE, _RUNNING, _MOVING)),
        Stimulus.LINE_OUTDATED: (prepare.outdated, (_RUNNING,)),
        Stimulus.PEER_AT: (bridge.peer_at, (_RUNNING, _MOVING)),
    },
    _MOVING: {
        **_always(_MOVING),
        Stimulus.PREPARE: (prepare.prepare, (_PREPARING,)),
        Stimulus.START: (start.start, (_MOVING,)),
        Stimulus.UNBRIDGE: (bridge.unbridge, (_MOVING, _RUNNING)),
        Stimulus.PEER_GONE: (bridge.peer_gone, (_MOVING, _RUNNING)),
        Stimulus.SEAT_LOST: (move.lost, (_IDLE, _RUNNING, _MOVING)),
        Stimulus.REFUSED: (move.refused, (_IDLE, _RUNNING, _MOVING)),
        Stimulus.LINE_READY: (prepare.ready, (_MOVED, _MOVING)),
        Stimulus.LINE_REFUSED: (move.line_refused, (_IDLE, _RUNNING, _MOVING)),
        Stimulus.RETRY_DUE: (move.retry, (_MOVING,)),
        Stimulus.RESUMED: (resume.waiting, (_MOVING,)),
    },
    _MOVED: {
        **_always(_MOVED),
        Stimulus.PREPARE: (prepare.moved, (_MOVED,)),
        Stimulus.START: (start.start, (_MOVED, _RUNNING, _MOVING)),
        Stimulus.REVERT: (start.revert_line, (_IDLE, _RUNNING, _MOVED)),
        Stimulus.SEAT_LOST: (move.lost, (_IDLE, _MOVED, _MOVING)),
        Stimulus.LINE_REFUSED: (move.line_refused, (_IDLE, _MOVED, _MOVING)),
        Stimulus.RESUMED: (resume.told, (_MOVED,)),
    },
    _ENDING: {
        Stimulus.GRANTED: (move.granted_late, (_ENDING,)),
        Stimulus.SEAT_LOST: (ending.lost, _OVER),
        Stimulus.RECORDED: (ending.recorded, _OVER),
        Stimulus.RECORDED_MISSING: (ending.overdue, _OVER),
        Stimulus.VANISH: (ending.vanish, (_ENDED,)),
    },
    _ENDED: {
        Stimulus.GRANTED: (move.granted_late, (_ENDED,)),
        Stimulus.RESUMED: (ending.again, (_ENDED,)),
    },
}

_NO_LINE = "no line was told that this could be about"
_NOT_WAITING = "nothing is waited for"
_BEING_MADE = "the line that is being made or agreed on says it already, or is of another worker"
_NOT_ASKED = "the pool was not asked, or its answer was to another question"

IGNORED: dict[State, dict[Stimulus, str]] = {
    _IDLE: {
        **dict.fromkeys((Stimulus.START, Stimulus.REVERT), _NO_LINE),
        **dict.fromkeys((Stimulus.LINE_READY, Stimulus.LINE_REFUSED, Stimulus.LINE_OUTDATED), "there is no seat"),
        **dict.fromkeys((Stimulus.REFUSED, Stimulus.RETRY_DUE), _NOT_ASKED),
        Stimulus.RESUMED: _NOT_WAITING,
    },
    _PREPARING: {
        Stimulus.LINE_OUTDATED: _BEING_MADE,
        Stimulus.START: "of an exchange before the present question; the line that is coming replaces it",
    },
    _PREPARED: {
        Stimulus.LINE_OUTDATED: _BEING_MADE,
        Stimulus.LINE_READY: "the answer to what was agreed before, put to the worker again",
        **dict.fromkeys((Stimulus.REFUSED, Stimulus.RETRY_DUE), _NOT_ASKED),
    },
    _RUNNING: {
        Stimulus.REVERT: "nothing is out",
        Stimulus.LINE_READY: "the answer to what was agreed already, of which only the worker had to hear",
        **dict.fromkeys((Stimulus.REFUSED, Stimulus.RETRY_DUE), _NOT_ASKED),
        Stimulus.RESUMED: _NOT_WAITING,
    },
    _MOVING: {
        Stimulus.LINE_OUTDATED: _BEING_MADE,
        Stimulus.REVERT: "no line was told; what is agreed is what the move replaces",
    },
    _MOVED: {
        Stimulus.LINE_OUTDATED: _BEING_MADE,
        Stimulus.LINE_READY: "the answer to what was agreed already, of which only the worker had to hear",
        **dict.fromkeys((Stimulus.REFUSED, Stimulus.RETRY_DUE), _NOT_ASKED),
    },
    _ENDING: dict.fromkeys(Stimulus, "the leg is over but for its files"),
    _ENDED: dict.fromkeys(Stimulus, "the leg is over"),
}
"""Why a stimulus changes nothing; where the state has a row for it, that counts."""
