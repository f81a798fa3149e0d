"""The client of MSRP relays: asking one or several for a path, and keeping it. RFC 4976 sections 5 and 9.1.

Every relay is asked by AUTH, answers 401 with a challenge and then 200 with Use-Path; the second is asked through the
first. A path is refreshed by asking again well before it expires. The timers are `connect`, `response` and `refresh`.
Whatever happens, `ReservationEnded` comes once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols.msrp.relay import exchange
from sipsimple.protocols.msrp.relay.state import (
    Output,
    Reservation,
    ReservationEnded,
    ReservationFailed,
    Reserved,
    State,
    Step,
    Terms,
)
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.digest import Credentials
    from sipsimple.protocols.msrp.message import MSRPData

CONNECT_TIMEOUT = 30.0


class Stimulus(StrEnum):
    """What a reservation can meet."""

    START = "START"
    CONNECTED = "CONNECTED"
    CHALLENGED = "CHALLENGED"
    GRANTED = "GRANTED"
    OUT_OF_BOUNDS = "OUT_OF_BOUNDS"
    REFUSED = "REFUSED"
    CONNECT_TIMEOUT = "CONNECT_TIMEOUT"
    RESPONSE_TIMEOUT = "RESPONSE_TIMEOUT"
    REFRESH_DUE = "REFRESH_DUE"
    CONNECTION_LOST = "CONNECTION_LOST"
    FAIL = "FAIL"
    COMPLETE = "COMPLETE"
    END = "END"


Action = Callable[[Reservation, Any], Step]
_ALL_TIMERS = (StopTimer("connect"), StopTimer("response"), StopTimer("refresh"))


def _wait_for_connection(reservation: Reservation, _: object) -> Step:
    return reservation, (StartTimer("connect", CONNECT_TIMEOUT),)


def _begin(reservation: Reservation, _: object) -> Step:
    reservation, outputs = exchange.ask_first(reservation)
    return reservation, (StopTimer("connect"), *outputs)


def _refresh(reservation: Reservation, _: object) -> Step:
    return exchange.ask_first(replace(reservation, earlier=reservation.grants, grants=()))


def _fail(reservation: Reservation, failure: ReservationFailed) -> Step:
    return reservation, (*_ALL_TIMERS, failure, ReservationEnded())


def _fail_with(code: int, reason: str) -> Action:
    return lambda reservation, _: _fail(reservation, ReservationFailed(code, reason))


def _lose(reservation: Reservation, reason: str) -> Step:
    return _fail(reservation, ReservationFailed(0, reason))


def _refuse(reservation: Reservation, response: MSRPData) -> Step:
    return _fail(reservation, exchange.refusal(response))


def _complete(reservation: Reservation, _: object) -> Step:
    """Every relay has granted its part."""
    path = reservation.grants[-1].path
    expires = min((each.expires for each in reservation.grants if each.expires is not None), default=None)
    told: tuple[Output, ...] = exchange.news(reservation, path, Reserved(path, expires))
    timer = () if expires is None else (StartTimer("refresh", exchange.refresh_after(expires)),)
    return replace(reservation, path=path, earlier=(), login=None), (StopTimer("response"), *timer, *told)


def _finish(reservation: Reservation, _: object) -> Step:
    return reservation, (*_ALL_TIMERS, ReservationEnded())


_ASKING: dict[Stimulus, tuple[State, Action]] = {
    Stimulus.REFUSED: (State.CLOSED, _refuse),
    Stimulus.RESPONSE_TIMEOUT: (State.CLOSED, _fail_with(408, "the relay did not answer in time")),
    Stimulus.CONNECTION_LOST: (State.CLOSED, _lose),
    Stimulus.FAIL: (State.CLOSED, _fail),
    Stimulus.COMPLETE: (State.RESERVED, _complete),
    Stimulus.END: (State.CLOSED, _finish),
}

TRANSITIONS: dict[State, dict[Stimulus, tuple[State, Action]]] = {
    State.IDLE: {
        Stimulus.START: (State.CONNECTING, _wait_for_connection),
        Stimulus.END: (State.CLOSED, _finish),
    },
    State.CONNECTING: {
        Stimulus.CONNECTED: (State.AUTHENTICATING, _begin),
        Stimulus.CONNECT_TIMEOUT: (State.CLOSED, _fail_with(408, "the connection to the relay timed out")),
        Stimulus.CONNECTION_LOST: (State.CLOSED, _lose),
        Stimulus.END: (State.CLOSED, _finish),
    },
    State.AUTHENTICATING: {
        Stimulus.CHALLENGED: (State.AUTHENTICATING, exchange.take_challenge),
        Stimulus.GRANTED: (State.AUTHENTICATING, exchange.take_grant),
        Stimulus.OUT_OF_BOUNDS: (State.AUTHENTICATING, exchange.take_bounds),
        **_ASKING,
    },
    State.RESERVED: {
        Stimulus.REFRESH_DUE: (State.REFRESHING, _refresh),
        Stimulus.CONNECTION_LOST: (State.CLOSED, _lose),
        Stimulus.END: (State.CLOSED, _finish),
    },
    State.REFRESHING: {
        Stimulus.CHALLENGED: (State.REFRESHING, exchange.take_challenge),
        Stimulus.GRANTED: (State.REFRESHING, exchange.take_grant),
        Stimulus.OUT_OF_BOUNDS: (State.REFRESHING, exchange.take_bounds),
        **_ASKING,
    },
    State.CLOSED: {},
}

IGNORED: dict[Stimulus, str] = {
    Stimulus.START: "the public function refuses a second start",
    Stimulus.CONNECTED: "a reservation has one connection",
    Stimulus.CHALLENGED: "only the answer to our last AUTH counts, and none is awaited",
    Stimulus.GRANTED: "only the answer to our last AUTH counts, and none is awaited",
    Stimulus.OUT_OF_BOUNDS: "only the answer to our last AUTH counts, and none is awaited",
    Stimulus.REFUSED: "only the answer to our last AUTH counts, and none is awaited",
    Stimulus.CONNECT_TIMEOUT: "a late timer",
    Stimulus.RESPONSE_TIMEOUT: "a late timer",
    Stimulus.REFRESH_DUE: "a late timer",
    Stimulus.CONNECTION_LOST: "there is none yet, or the reservation is over",
    Stimulus.FAIL: "follows from an answer, which only an asking reservation awaits",
    Stimulus.COMPLETE: "follows from an answer, which only an asking reservation awaits",
    Stimulus.END: "the reservation is over",
}


def create(
    own: str,
    relays: Sequence[str],
    credentials: Sequence[Credentials],
    seed: str,
    *,
    expires: int | None = None,
    refuse_md5: bool = False,
) -> Reservation:
    """Make a reservation that asks nobody yet.

    Args:
        own: Our URI, as it will stand last in `a=path`.
        relays: URIs of the relays without session ids, the nearest first.
        credentials: One for each relay, or one for all.
        seed: Fresh entropy, 4 to 20 letters or digits.
        expires: Seconds to ask for; None takes what the relay gives.
        refuse_md5: Take no challenge that wants MD5.

    Raises:
        LocalProtocolError: There is no relay, the credentials are not as many, or the seed cannot be used.
    """
    if not seed.isalnum() or not seed.isascii() or not 4 <= len(seed) <= 20:
        raise LocalProtocolError(f"unusable seed: {seed!r}")
    if not relays or len(credentials) not in (1, len(relays)):
        raise LocalProtocolError(f"{len(relays)} relays with {len(credentials)} credentials")
    logins = tuple(credentials) if len(credentials) > 1 else tuple(credentials) * len(relays)
    return Reservation(Terms(own, tuple(relays), logins, seed, refuse_md5), expires=expires)


def start(reservation: Reservation) -> Step:
    """Begin; `connected` to the nearest relay is expected within 30 s.

    Raises:
        SessionStateError: It was begun before.
    """
    if reservation.state is not State.IDLE:
        raise SessionStateError("start", reservation.state, [State.IDLE])
    return step(reservation, Stimulus.START)


def connected(reservation: Reservation) -> Step:
    """The connection to the nearest relay is up."""
    return step(reservation, Stimulus.CONNECTED)


def awaits(reservation: Reservation, message: MSRPData) -> bool:
    """Tell whether a message that came is the answer that is awaited; everything else is for the sessions."""
    is_asking = reservation.state in (State.AUTHENTICATING, State.REFRESHING)
    return is_asking and message.method is None and message.transaction_id == exchange.transaction(reservation)


def receive(reservation: Reservation, response: MSRPData, cnonce: str) -> Step:
    """Take the answer to an AUTH; one that is not awaited changes nothing.

    Args:
        reservation: Which asked.
        response: From the framer.
        cnonce: Fresh entropy for the answer to a challenge, such as 32 hexadecimal digits.
    """
    if not awaits(reservation, response):
        return reservation, ()
    stimulus = _STIMULI.get(response.code or 0, Stimulus.REFUSED)
    return step(reservation, stimulus, (response, cnonce) if stimulus is Stimulus.CHALLENGED else response)


def timer_fired(reservation: Reservation, name: Hashable) -> Step:
    """A timer that was asked for has fired: `connect`, `response` or `refresh`."""
    stimulus = _TIMERS.get(name)
    return step(reservation, stimulus) if stimulus else (reservation, ())


def connection_lost(reservation: Reservation, reason: str) -> Step:
    """The connection is gone, or could not be made."""
    return step(reservation, Stimulus.CONNECTION_LOST, reason)


def end(reservation: Reservation) -> Step:
    """Give the path back by closing the connection; RFC 4976 has no other way."""
    return step(reservation, Stimulus.END)


_STIMULI = {200: Stimulus.GRANTED, 401: Stimulus.CHALLENGED, 423: Stimulus.OUT_OF_BOUNDS}
_TIMERS: dict[Hashable, Stimulus] = {
    "connect": Stimulus.CONNECT_TIMEOUT,
    "response": Stimulus.RESPONSE_TIMEOUT,
    "refresh": Stimulus.REFRESH_DUE,
}


def step(reservation: Reservation, stimulus: Stimulus, detail: object = None) -> Step:
    """Advance `reservation`. A stimulus that the state has no row for changes nothing."""
    row = TRANSITIONS[reservation.state].get(stimulus)
    if row is None:
        return reservation, ()
    state, act = row
    reservation, outputs = act(reservation, detail)
    if reservation.state is not state:
        reservation = replace(reservation, state=state)
    last = outputs[-1] if outputs else None
    if isinstance(last, ReservationFailed):  # an answer that leads nowhere
        return step(reservation, Stimulus.FAIL, last)
    if stimulus is Stimulus.GRANTED and not outputs:
        return step(reservation, Stimulus.COMPLETE)
    return reservation, outputs
