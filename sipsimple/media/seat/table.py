"""What the engine does about a call in a worker, state by state.

A row is `stimulus: (action, states it may lead to)`; a pair without a row is in
`IGNORED`, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sipsimple.media.seat import answer, offer, opening
from sipsimple.media.seat.state import Outputs, Seat, State, Stimulus

Row = tuple[Callable[[Seat, Any], tuple[Seat, Outputs]], tuple[State, ...]]

_WANTED, _OPENING, _OFFERED, _ASKED = State.WANTED, State.OPENING, State.OFFERED, State.ASKED
_READY, _CALLED, _WITHDRAWN = State.READY, State.CALLED, State.WITHDRAWN
_REOFFERED, _REASKED = State.REOFFERED, State.REASKED
_NEXT = (_READY, _CALLED, _REASKED)


def _revert_to(seat: Seat, agreed: Any) -> tuple[Seat, Outputs]:
    """Put the line to the worker that was agreed before, unless it has that one."""
    return (seat, ()) if agreed.remote == seat.remote else answer.ask(seat, agreed)


def _turn_down(seat: Seat, _: object) -> tuple[Seat, Outputs]:
    return offer.turn_down(seat)


def _turn_down_and_ask(seat: Seat, wanted: Any) -> tuple[Seat, Outputs]:
    if wanted.remote is None:
        return opening.say_again(seat, wanted)
    seat, sent = offer.turn_down(seat)
    seat, more = answer.ask(seat, wanted)
    return seat, (*sent, *more)


def _always(state: State) -> dict[Stimulus, Row]:
    """Return the rows of every state in which there is a worker."""
    return {
        Stimulus.BYE: (opening.bye, (state,)),
        Stimulus.CLOSED: (opening.closed, (state,)),
        Stimulus.REQUEST: (opening.other_request, (state,)),
        Stimulus.CANCEL: (opening.other_request, (state,)),
    }


def _running(state: State) -> dict[Stimulus, Row]:
    """Return the rows of every state after the worker's first INVITE was answered."""
    return {
        **_always(state),
        Stimulus.ACK: (answer.acknowledged, (state,)),
        Stimulus.RESEND_DUE: (answer.resend, (state,)),
        Stimulus.ACK_MISSING: (answer.unacknowledged, (state,)),
        Stimulus.SUCCESS: (answer.acknowledge_again, (state,)),
        Stimulus.INVITE: (offer.unasked, (state,)),
    }


TRANSITIONS: dict[State, dict[Stimulus, Row]] = {
    _WANTED: {
        Stimulus.ASK: (opening.want, (_WANTED,)),
        Stimulus.GRANT: (opening.grant, (_OPENING,)),
    },
    _OPENING: {
        **_always(_OPENING),
        Stimulus.INVITE: (offer.first, (_OFFERED, _ASKED, _READY)),
        Stimulus.INVITE_MISSING: (offer.missing, (_OPENING,)),
    },
    _OFFERED: {
        **_always(_OFFERED),
        Stimulus.ASK: (opening.say_again, (_OFFERED,)),
        Stimulus.TAKE: (offer.take, (_READY,)),
        Stimulus.TAKE_EARLY: (offer.take_early, (_OFFERED,)),
        Stimulus.CANCEL: (opening.cancelled, (_OFFERED,)),
        Stimulus.STILL_RINGING: (offer.ring_again, (_OFFERED,)),
    },
    _ASKED: {
        **_always(_ASKED),
        Stimulus.ACK: (answer.answered, (_READY,)),
        Stimulus.RESEND_DUE: (answer.resend, (_ASKED,)),
        Stimulus.ACK_MISSING: (answer.unacknowledged, (_ASKED,)),
    },
    _READY: {
        **_running(_READY),
        Stimulus.ACK: (answer.confirmed, _NEXT),
        Stimulus.ASK: (answer.ask, _NEXT),
        Stimulus.REVERT: (_revert_to, _NEXT),
    },
    _CALLED: {
        **_running(_CALLED),
        Stimulus.INVITE: (offer.again, (_REOFFERED, _READY)),
        Stimulus.ASK: (answer.ask_again, (_CALLED, _WITHDRAWN)),
        Stimulus.REVERT: (offer.call_off, (_WITHDRAWN,)),
        Stimulus.OFFER_REFUSED: (offer.cannot, (_READY,)),
        Stimulus.INVITE_MISSING: (offer.missing, (_CALLED,)),
    },
    _WITHDRAWN: {
        **_running(_WITHDRAWN),
        Stimulus.INVITE: (offer.withdrawn, _NEXT),
        Stimulus.ASK: (answer.ask_again, (_CALLED, _WITHDRAWN)),
        Stimulus.REVERT: (offer.call_off, (_WITHDRAWN,)),
        Stimulus.OFFER_REFUSED: (offer.cannot, _NEXT),
        Stimulus.INVITE_MISSING: (offer.missing, (_WITHDRAWN,)),
    },
    _REOFFERED: {
        **_running(_REOFFERED),
        Stimulus.ASK: (_turn_down_and_ask, (_REOFFERED, _REASKED)),
        Stimulus.TAKE: (offer.take, (_READY,)),
        Stimulus.REVERT: (_turn_down, (_READY,)),
        Stimulus.CANCEL: (opening.cancelled, (_REOFFERED,)),
        Stimulus.STILL_RINGING: (offer.ring_again, (_REOFFERED,)),
    },
    _REASKED: {
        **_running(_REASKED),
        Stimulus.ASK: (answer.ask_afterwards, (_REASKED,)),
        Stimulus.REVERT: (answer.ask_afterwards, (_REASKED,)),
        Stimulus.SUCCESS: (answer.accepted, _NEXT),
        Stimulus.FAILURE: (answer.refused, _NEXT),
        Stimulus.UNANSWERED: (answer.unanswered, (_REASKED,)),
        Stimulus.RETRY_DUE: (answer.retry, _NEXT),
    },
}

_NO_DIALOG = "the worker has sent no INVITE yet"
_NOT_SENT = "no INVITE of ours is out"
_LATE = "was stopped, or never started, before this state"
_ANSWERED = "no INVITE of the worker waits for an answer"
_FIRST = "whoever wants another line takes another seat, and gives this one back"
_NO_OFFER = "no offer was asked for"
_OURS = (Stimulus.SUCCESS, Stimulus.FAILURE, Stimulus.UNANSWERED, Stimulus.RETRY_DUE)
_TAKES = (Stimulus.TAKE, Stimulus.TAKE_EARLY)
_OLD = (Stimulus.INVITE_MISSING, Stimulus.STILL_RINGING)

IGNORED: dict[State, dict[Stimulus, str]] = {
    _WANTED: {
        **dict.fromkeys(Stimulus, "there is no worker yet"),
    },
    _OPENING: {
        **dict.fromkeys(Stimulus, _NO_DIALOG),
        **dict.fromkeys((Stimulus.ASK, Stimulus.REVERT), _FIRST),
        Stimulus.OFFER_REFUSED: _NO_OFFER,
        Stimulus.GRANT: "granted twice",
    },
    _OFFERED: {
        **dict.fromkeys(_OURS, _NOT_SENT),
        **dict.fromkeys((Stimulus.INVITE_MISSING, Stimulus.RESEND_DUE, Stimulus.ACK_MISSING), _LATE),
        Stimulus.ACK: "nothing was sent that an ACK acknowledges",
        Stimulus.INVITE: "a second INVITE before the first one is answered: the transaction's to repeat",
        Stimulus.REVERT: _FIRST,
        Stimulus.GRANT: "granted twice",
        Stimulus.OFFER_REFUSED: _NO_OFFER,
    },
    _ASKED: {
        **dict.fromkeys(_OURS, _NOT_SENT),
        **dict.fromkeys(_TAKES, _ANSWERED),
        **dict.fromkeys(_OLD, _LATE),
        **dict.fromkeys((Stimulus.ASK, Stimulus.REVERT), _FIRST),
        Stimulus.INVITE: "the worker has not acknowledged its first one",
        Stimulus.GRANT: "granted twice",
        Stimulus.OFFER_REFUSED: _NO_OFFER,
    },
    **{
        state: {
            **dict.fromkeys(_OURS, _NOT_SENT),
            **dict.fromkeys(_TAKES, _ANSWERED),
            **dict.fromkeys(_OLD, _LATE),
            Stimulus.TAKE_EARLY: "a re-INVITE is answered once",
            Stimulus.GRANT: "granted twice",
            Stimulus.OFFER_REFUSED: _NO_OFFER,
        }
        for state in (_READY, _CALLED, _WITHDRAWN, _REOFFERED, _REASKED)
    },
}
"""Why a stimulus changes nothing; where the state has a row for it, that counts."""
