"""One MSRP session between two end points: what may be done to it. RFC 4975 sections 5 to 7 and 10.

Every function takes a session and returns its next value and the outputs; `machine` has the table behind them.
The timers are `connect`, `bind`, `close` and (`response`, transaction id).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from immutables import Map

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols.msrp import chunk, incoming, outgoing
from sipsimple.protocols.msrp.machine import Stimulus, step
from sipsimple.protocols.msrp.reassembly import Reassembly
from sipsimple.protocols.msrp.state import MAX_MESSAGE_BYTES, SINGLE_CHUNK_BYTES, Session, State, Step, Terms
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from sipsimple.protocols.msrp.message import MSRPData
    from sipsimple.protocols.msrp.uri import URI

_NONE: Map[Any, Any] = Map()


def create(
    local_path: Sequence[URI | str],
    seed: str,
    accept_types: Sequence[str] = ("*",),
    max_message_size: int = MAX_MESSAGE_BYTES,
    single_chunk_size: int = SINGLE_CHUNK_BYTES,
) -> Session:
    """Make a session whose local path is known, and no more.

    Args:
        local_path: As in our `a=path`: relays, then our own URI.
        seed: Fresh entropy, 4 to 20 letters or digits; the beginning of every transaction id.
        accept_types: What we take; anything else is answered 415.
        max_message_size: Most bytes of one message; a larger one is answered 413.
        single_chunk_size: Up to this size a message goes out as one chunk.

    Raises:
        LocalProtocolError: There is no path, or the seed cannot be used.
    """
    if not local_path or not seed.isalnum() or not seed.isascii() or not 4 <= len(seed) <= 20:
        raise LocalProtocolError(f"unusable path or seed: {local_path!r}, {seed!r}")
    path = tuple(str(each) for each in local_path)
    terms = Terms(path, seed, tuple(accept_types), max_message_size, single_chunk_size, own=path[-1])
    return Session(terms, State.IDLE, 1, _NONE, _NONE, Reassembly(max_message_size))


def start(session: Session, remote_path: Sequence[URI | str], active: bool) -> Step:
    """Begin: the peer's path is known; next, `connected` within 30 s.

    Raises:
        SessionStateError: It was begun before.
        LocalProtocolError: The path is empty.
    """
    if session.state is not State.IDLE:
        raise SessionStateError("start", session.state, [State.IDLE])
    if not remote_path:
        raise LocalProtocolError("the peer's path is empty")
    path = tuple(str(each) for each in remote_path)
    relays = session.terms.local_path[-2::-1]  # from the nearest on
    terms = replace(session.terms, remote_path=path, active=active, peer=path[-1], to_path=" ".join((*relays, *path)))
    return step(replace(session, terms=terms), Stimulus.START)


def connected(session: Session) -> Step:
    """The connection is up: the active side sends the first SEND, the passive side waits for it."""
    return step(session, Stimulus.CONNECTED)


def receive(session: Session, message: MSRPData) -> Step:
    """Take one chunk or response from the framer. `MessageReceived` is the last output when a message is whole."""
    return step(session, _stimulus(session, message), message)


def send(
    session: Session,
    message_id: str,
    content: bytes,
    content_type: str,
    success_report: str = "yes",
    failure_report: str = "yes",
    headers: tuple[tuple[str, str], ...] = (),
) -> Step:
    """Send a message.

    `Delivered` or `NotDelivered` comes once, later; never when both reports are `no`.

    Args:
        session: A started one.
        message_id: 4 to 32 letters, digits or `.-+%=`, beginning with a letter or digit.
        content: The whole message.
        content_type: As written to the wire.
        success_report: `yes` or `no`.
        failure_report: `yes`, `no` or `partial`.
        headers: More header lines, before Content-Type.

    Raises:
        SessionStateError: The session is not started, or over.
        LocalProtocolError: The id is in use or cannot be written, or a report header has another value.
    """
    if session.state is not State.STARTED:
        raise SessionStateError("send", session.state, [State.STARTED])
    check_arguments(message_id, success_report, failure_report)
    return outgoing.send_message(session, message_id, content, content_type, success_report, failure_report, headers)


def check_arguments(message_id: str, success_report: str, failure_report: str) -> None:
    """Refuse what `send` would refuse in any state."""
    if not chunk.is_identifier(message_id):
        raise LocalProtocolError(f"not a message id: {message_id!r}")
    if success_report not in ("yes", "no") or failure_report not in ("yes", "no", "partial"):
        raise LocalProtocolError(f"no such report wish: {success_report!r}, {failure_report!r}")


def report(session: Session, message: MSRPData, code: int = 200, comment: str | None = None) -> Step:
    """Tell the sender of a received message what became of it, if it asked."""
    return incoming.report_message(session, message, code, comment)


def timer_fired(session: Session, name: Hashable) -> Step:
    """A timer that was asked for has fired: `connect`, `bind`, `close` or (`response`, transaction id)."""
    if isinstance(name, tuple):
        return step(session, Stimulus.RESPONSE_TIMEOUT, name[1])
    stimulus = _TIMERS.get(name)
    return step(session, stimulus) if stimulus else (session, ())


def connection_lost(session: Session, clean: bool, reason: str = "") -> Step:
    """The connection is gone: closed by the peer (`clean`), or broken for `reason`; also when it could not be made."""
    stimulus = Stimulus.CONNECTION_CLOSED if clean else Stimulus.CONNECTION_BROKEN
    return step(session, stimulus, reason or ("connection closed by the peer" if clean else "connection lost"))


def end(session: Session) -> Step:
    """End the session; what awaits its response or report is given two seconds."""
    return step(session, Stimulus.END)


_TIMERS: dict[Hashable, Stimulus] = {
    "connect": Stimulus.CONNECT_TIMEOUT,
    "bind": Stimulus.BIND_TIMEOUT,
    "close": Stimulus.CLOSE_TIMEOUT,
}


def _stimulus(session: Session, message: MSRPData) -> Stimulus:
    """What the message means to this session, apart from the state it is in."""
    match message.method:
        case None if session.state is State.BINDING and session.terms.active:
            if message.transaction_id != chunk.transaction_id(session.terms.seed, 0):
                return Stimulus.RESPONSE_RECEIVED
            return Stimulus.BIND_ACCEPTED if message.code == 200 else Stimulus.BIND_REFUSED
        case None:
            return Stimulus.RESPONSE_RECEIVED
        case "SEND" | "REPORT" as method if incoming.refusal(session.terms, message) is None:
            return Stimulus.SEND_RECEIVED if method == "SEND" else Stimulus.REPORT_RECEIVED
        case _:
            return Stimulus.REQUEST_REFUSED
