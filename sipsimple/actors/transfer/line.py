"""A file transfer, its connection and its file: what its actor is made with, its state as one value, its commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sipsimple.actors.msrp.gate import Gate
from sipsimple.protocols.msrp.chat.relayed import towards
from sipsimple.protocols.msrp.transfer import receiving as transfer_receiving
from sipsimple.protocols.msrp.transfer import sending as transfer_sending
from sipsimple.protocols.msrp.transfer.outputs import Finished
from sipsimple.protocols.msrp.transfer.state import NEIGHBOURLY_WINDOW, WINDOW, Receiving, Sending, State
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from sipsimple.actors.msrp.listener import MSRPListener
    from sipsimple.actors.msrp.messages import ConnectionBound
    from sipsimple.actors.msrp.session_stream import SessionStream
    from sipsimple.actors.runtime import Ref
    from sipsimple.actors.transfer.part import PartFile
    from sipsimple.actors.transfer.source import SourceFile
    from sipsimple.protocols.msrp.message import MSRPData
    from sipsimple.protocols.sdp.file_attributes import FileAttributes
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sdp.message_media import MessageMedia


@dataclass(frozen=True, slots=True)
class Start:
    """Connect with the peer's line; `active` opens the connection, else the peer does."""

    remote: MessageMedia
    file: FileAttributes
    active: bool


@dataclass(frozen=True, slots=True)
class End:
    """End the transfer; what has come stays for another attempt."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The session is about to end at the wish of this side: what breaks from now on is no failure."""


@dataclass(frozen=True, slots=True)
class GoOn:
    """Go on hashing; the transfer tells it to itself, so that it hears others between two slices."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was to be written beside other work is written, or could not be, for `error`."""

    error: Exception | None


@dataclass(frozen=True, slots=True)
class Setup:
    """What one transfer is made with.

    Attributes:
        name: Of the stream in its session: `file-1`.
        file: What is sent or received; not opened yet.
        local_path: The one URI of our `a=path`.
        session_id: In that URI.
        seed: Fresh entropy for transaction ids.
        message_id: Of the message that the file will be.
        listener: Where the peer may connect to.
        owner: The session, told of the stream's fate; None for a transfer on its own.
        notify: Posts a notification of this transfer.
        describe: Gives our line once the file is opened and hashed, and what it says of the file.
        names: What names the call in the log.
        traces: Log the head of every message.
        gate: Holds up the reader of the connection while the disk is behind.
    """

    name: str
    file: SourceFile | PartFile
    local_path: str
    session_id: str
    seed: str
    message_id: str
    listener: MSRPListener
    owner: Ref | None
    notify: Callable[[str, Any], None]
    describe: Callable[[SourceFile | PartFile], tuple[Media, FileAttributes]]
    names: tuple[tuple[str, str], ...] = ()
    traces: bool = False
    gate: Gate = field(default_factory=Gate)


class TransferLine(Value, gc=True):
    """A transfer and the connection under it.

    Attributes:
        core: None until the file was opened and hashed.
        media: Our line.
        file: What our line says of the file.
        stream: The connection, None before it is made and after it is closed.
        early: A connection that the peer made before we knew its answer.
        is_ending: The end was asked for by this side.
        is_leaving: The session ends at the wish of this side.
        is_finished: The file has arrived.
        is_told: The end was told.
        failure: Why the transfer broke.
    """

    core: Sending | Receiving | None = None
    media: Media | None = None
    file: FileAttributes | None = None
    stream: SessionStream | None = None
    early: ConnectionBound | None = None
    is_ending: bool = False
    is_leaving: bool = False
    is_finished: bool = False
    is_told: bool = False
    failure: str | None = None

    @property
    def state(self) -> State:
        """Of the core; IDLE before there is one."""
        return State.IDLE if self.core is None else self.core.state


Step = tuple[TransferLine, tuple[Any, ...]]


def module_of(core: Sending | Receiving) -> ModuleType:
    """The functions for a core of this kind."""
    return transfer_sending if isinstance(core, Sending) else transfer_receiving


def take(line: TransferLine, function: str, *stimulus: Any, **options: Any) -> Step:
    """Give a stimulus to the core."""
    if line.core is None:
        return line, ()
    core, outputs = getattr(module_of(line.core), function)(line.core, *stimulus, **options)
    return _committed(line, core, outputs), outputs


def connect(line: TransferLine, stream: SessionStream, chunks: tuple[MSRPData, ...] = ()) -> Step:
    """Take the connection, and what came with it."""
    line, outputs = take(replace(line, stream=stream, early=None), "connected")
    line, more = receive_all(line, chunks)
    return line, outputs + more


def receive_all(line: TransferLine, chunks: tuple[MSRPData, ...]) -> Step:
    """Take what one read brought."""
    core, outputs = line.core, list[Any]()
    if core is None:
        return line, ()
    if isinstance(core, Sending) and line.stream is not None:
        window = WINDOW if line.stream.is_alone else NEIGHBOURLY_WINDOW
        core = core if core.window == window else replace(core, window=window)
    receive = module_of(core).receive
    for chunk in chunks:
        core, more = receive(core, chunk)
        outputs += more
    return _committed(line, core, outputs), tuple(outputs)


def _committed(line: TransferLine, core: Sending | Receiving, outputs: Iterable[object]) -> TransferLine:
    """The line with what became of its core."""
    if core is line.core:
        return line  # what was refused is answered, and changes nothing
    if core.state is line.state:
        return replace(line, core=core)
    is_finished = line.is_finished or any(type(each) is Finished for each in outputs)
    return replace(line, core=core, is_finished=is_finished)


def follow(line: TransferLine, remote_path: tuple[str, ...]) -> Step:
    """Send to where the peer has moved; the connection stays."""
    if line.core is None:
        return line, ()
    return replace(line, core=replace(line.core, terms=towards(line.core.terms, remote_path))), ()


def update(line: TransferLine, **changes: Any) -> Step:
    """Change what is not the core's."""
    return replace(line, **changes), ()
