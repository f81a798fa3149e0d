"""Telling that somebody is writing: the status document, who sends it and when, and how long it holds. RFC 3994.

`Composer` is the side that writes, section 3.2; `Watch` the side that is told, section 3.3. Timers are asked for as
`StartTimer`; the names of those of a watch are made of the sender.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from immutables import Map

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.payloads.xml import Element, parse_xml
from sipsimple.protocols.values import Value, replace

CONTENT_TYPE = "application/im-iscomposing+xml"
NAMESPACE = "urn:ietf:params:xml:ns:im-iscomposing"

IDLE_TIMEOUT = 15.0
"""Seconds without a key pressed after which somebody has stopped writing."""
REFRESH = 120
"""Seconds that "active" holds, where the document does not say."""
SHORTEST_REFRESH = 60
LONGEST_REFRESH = 24 * 3600
MAX_WATCHED = 256
"""So many may write at once in one chat room; who comes after them is told of, and not watched."""

_MAX_DIGITS = 9


class State(StrEnum):
    """What somebody does."""

    IDLE = "idle"
    ACTIVE = "active"


class Status(Value):
    """What one document says.

    Attributes:
        state: Any state that is not known counts as idle.
        refresh: Seconds that "active" holds; None: 120.
        content_type: Of what is being written.
        last_active: When the last key was pressed; RFC 3339.
    """

    state: State
    refresh: int | None = None
    content_type: str | None = None
    last_active: str | None = None


def parse(data: bytes) -> Status:
    """Read a document.

    Raises:
        RemoteProtocolError: 400: it is none, or a value in it cannot be.
    """
    root = parse_xml(data)
    if root.name != _name("isComposing"):
        raise RemoteProtocolError("not an isComposing document")
    state = _text(root, "state")
    if state is None:
        raise RemoteProtocolError("isComposing without a state")
    last_active = _text(root, "lastactive")
    if last_active is not None:
        _check_time(last_active)
    refresh = _text(root, "refresh")
    return Status(
        State.ACTIVE if state == State.ACTIVE else State.IDLE,
        None if refresh is None else _seconds(refresh),
        _text(root, "contenttype"),
        last_active,
    )


def build(status: Status) -> bytes:
    """Write a document; the order of its elements is that of the schema, which some peers hold others to.

    Raises:
        LocalProtocolError: A text cannot be written.
    """
    values = {
        "state": str(status.state),
        "lastactive": status.last_active,
        "contenttype": status.content_type,
        "refresh": None if status.refresh is None else str(status.refresh),
    }
    children = [Element(_name(name), (), (value,)) for name, value in values.items() if value]
    return bytes(Element(_name("isComposing"), (), tuple(children)))


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"


def _text(root: Element, local: str) -> str | None:
    found = root.all(_name(local))
    if len(found) > 1:
        raise RemoteProtocolError(f"isComposing with {len(found)} times {local}")
    return found[0].text or None if found else None


def _check_time(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise RemoteProtocolError(f"isComposing with a bad lastactive: {text[:40]!r}") from error


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS and int(text)):
        raise RemoteProtocolError(f"isComposing with a bad refresh: {text[:40]!r}")
    return int(text)


# ---------------------------------------------------------------- who writes


class Stimulus(StrEnum):
    """What whoever writes can meet."""

    WRITING = "WRITING"
    PAUSED = "PAUSED"
    MESSAGE_SENT = "MESSAGE_SENT"
    IDLE_TIMEOUT = "IDLE_TIMEOUT"
    REFRESH_DUE = "REFRESH_DUE"


class Composer(Value):
    """What the peer was told of us.

    Attributes:
        state: As last told.
        refresh: Seconds that it holds.
        content_type: Of what is being written.
        last_active: When it was last said that we write.
        recipient: Whom it was told, for a wrapper; empty: the remote party.
    """

    state: State = State.IDLE
    refresh: int = REFRESH
    content_type: str | None = None
    last_active: str | None = None
    recipient: str = ""


class Show(Value):
    """Have `status` sent to `recipient`; no report of it is wanted."""

    status: Status
    recipient: str = ""


Outputs = tuple[Show | StartTimer | StopTimer, ...]

IDLE_TIMER, REFRESH_TIMER = "composing-idle", "composing-refresh"
_STOPS: Outputs = (StopTimer(IDLE_TIMER), StopTimer(REFRESH_TIMER))
_FALLS_SILENT = (Stimulus.PAUSED, Stimulus.IDLE_TIMEOUT)

TRANSITIONS: dict[State, dict[Stimulus, State]] = {
    State.IDLE: {Stimulus.WRITING: State.ACTIVE},
    State.ACTIVE: {
        Stimulus.WRITING: State.ACTIVE,
        Stimulus.PAUSED: State.IDLE,
        Stimulus.MESSAGE_SENT: State.IDLE,
        Stimulus.IDLE_TIMEOUT: State.IDLE,
        Stimulus.REFRESH_DUE: State.ACTIVE,
    },
}
"""From "idle" everything else changes nothing: there is nothing to take back, and a late timer is none."""


def step(composer: Composer, stimulus: Stimulus) -> tuple[Composer, Outputs]:
    """Advance `composer`; a message that was sent says itself that the writing is over."""
    to = TRANSITIONS[composer.state].get(stimulus)
    if to is None:
        return composer, ()
    was_idle = composer.state is State.IDLE
    composer = replace(composer, state=to)
    if stimulus is Stimulus.WRITING:
        idle = StartTimer(IDLE_TIMER, IDLE_TIMEOUT)
        return composer, (_shown(composer), idle, _next_refresh(composer)) if was_idle else (idle,)
    if stimulus is Stimulus.REFRESH_DUE:
        return composer, (_shown(composer), _next_refresh(composer))
    return composer, (_shown(composer), *_STOPS) if stimulus in _FALLS_SILENT else _STOPS


def write(
    composer: Composer,
    refresh: int | None = None,
    content_type: str | None = None,
    last_active: str | None = None,
    recipient: str = "",
) -> tuple[Composer, Outputs]:
    """Say that something is being written, as often as a key is pressed; the peer is told when that is news.

    Raises:
        LocalProtocolError: `refresh` is too short or too long.
    """
    if refresh is not None and not SHORTEST_REFRESH <= refresh <= LONGEST_REFRESH:
        raise LocalProtocolError(f"refresh must be {SHORTEST_REFRESH} to {LONGEST_REFRESH} seconds, not {refresh!r}")
    known = replace(
        composer,
        refresh=refresh or REFRESH,
        content_type=content_type,
        last_active=last_active,
        recipient=recipient,
    )
    return step(known, Stimulus.WRITING)


def _shown(composer: Composer) -> Show:
    is_active = composer.state is State.ACTIVE
    refresh = composer.refresh if is_active else None
    status = Status(composer.state, refresh, composer.content_type, composer.last_active)
    return Show(status, composer.recipient)


def _next_refresh(composer: Composer) -> StartTimer:
    """A little before it ends at the peer."""
    return StartTimer(REFRESH_TIMER, composer.refresh * 0.9)


# -------------------------------------------------------------- who is told


class Watch(Value):
    """Who is writing, as far as we were told."""

    active: Map[str, None] = Map()


def told(watch: Watch, sender: str, status: Status) -> tuple[Watch, Outputs]:
    """Take a status of `sender`."""
    if status.state is State.IDLE:
        return _forget(watch, sender)
    if sender not in watch.active:
        if len(watch.active) >= MAX_WATCHED:
            return watch, ()
        watch = Watch(watch.active.set(sender, None))
    seconds = min(status.refresh or REFRESH, LONGEST_REFRESH)
    return watch, (StartTimer(watch_timer(sender), float(seconds)),)


def silenced(watch: Watch, sender: str) -> tuple[Watch, bool, Outputs]:
    """A message of `sender` came, or its time is over; also whether it was writing until now."""
    was_active = sender in watch.active
    watch, outputs = _forget(watch, sender)
    return watch, was_active, outputs


def watch_timer(sender: str) -> tuple[str, str]:
    """The name of the timer after which `sender` has stopped writing."""
    return "composing", sender


def _forget(watch: Watch, sender: str) -> tuple[Watch, Outputs]:
    if sender not in watch.active:
        return watch, ()
    return Watch(watch.active.delete(sender)), (StopTimer(watch_timer(sender)),)
