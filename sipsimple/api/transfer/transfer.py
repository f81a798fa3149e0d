"""`MSRPFileTransfer`: one file transfer as applications hold it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sipsimple.actors.transfer.line import End, Leave
from sipsimple.actors.transfer.part import PartFile
from sipsimple.api import checking
from sipsimple.api.notification.notification import NotificationData
from sipsimple.api.relay_settings import chosen_relays
from sipsimple.api.telling import tell_or
from sipsimple.api.transfer.description import chosen_selector
from sipsimple.api.uri import SIPURI
from sipsimple.errors import MSRPChatError
from sipsimple.protocols.msrp.transfer.outputs import Finished, NotFinished, Progress, TransferFailed
from sipsimple.protocols.msrp.transfer.state import Sending, State
from sipsimple.protocols.sdp.direction import RECVONLY
from sipsimple.protocols.sdp.file_attributes import FileAttributes

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from sipsimple.actors.runtime import Ref
    from sipsimple.actors.transfer.line import TransferLine
    from sipsimple.actors.transfer.source import SourceFile
    from sipsimple.api.relay_settings import MSRPRelaySettings
    from sipsimple.protocols.sdp.file_selector import FileSelector
    from sipsimple.protocols.sdp.media import Media

    Post = Callable[[object, str, NotificationData], None]

_STATES = {
    State.IDLE: "INITIALIZED",
    State.CONNECTING: "STARTING",
    State.BINDING: "STARTING",
    State.ASKING: "STARTED",
    State.SENDING: "STARTED",
    State.REPORTING: "STARTED",
    State.RECEIVING: "STARTED",
    State.VERIFYING: "STARTED",
    State.FINISHED: "ENDING",
    State.CLOSING: "ENDING",
    State.CLOSED: "ENDED",
}


class MSRPFileTransfer:
    """The transfer of one file over MSRP (RFC 5547), the file stream of a session.

    With a `file_path` this side sends: it pushes the file that it offers, or serves the one that the peer asked for.
    Without, it receives: the file that the peer offers, or the one that `file_selector` asks the peer for.

    Attributes:
        from_uri: The local party.
        to_uri: The remote party.
        outgoing: Whether this side made the offer.
        relay: The MSRP relays that it goes through, the nearest first; None: as the session's `msrp_config` says.
        file_path: The file to send; at the receiver the file once it has come, None before.
        file_selector: What tells the file from others: name, type, size, hashes.
        save_directory: Where a received file goes, under its own name or one with a number behind it. An attempt that
            was cut leaves a `.part` there, which the next one goes on from. None: where the session's `msrp_config`
            says.
        sends: Whether this side has the file. One that the peer asks for gets its `file_path` before it is accepted.
        transferred_bytes: How much of the file has arrived.
        file_size: Bytes, None while they are not known.

    Notifications:
        MSRPFileTransferDidInitialize when the file is open and, to be sent, hashed; MSRPFileTransferDidStart,
        MSRPFileTransferGotProgress some times a second; then MSRPFileTransferDidDeliverFile or
        MSRPFileTransferDidNotDeliverFile at the sender, MSRPFileTransferGotFile at the receiver when size and hash
        are right; MSRPFileTransferWillEnd when this side stops it before that; MSRPFileTransferDidFail when it
        breaks; MSRPFileTransferDidEnd last and once.
    """

    def __init__(
        self,
        from_uri: SIPURI,
        to_uri: SIPURI,
        outgoing: bool,
        relay: MSRPRelaySettings | Sequence[MSRPRelaySettings] | None = None,
        file_path: str | os.PathLike[str] | None = None,
        file_selector: FileSelector | str | None = None,
        save_directory: str | os.PathLike[str] | None = None,
    ) -> None:
        if file_path is not None and save_directory is not None:
            raise ValueError("a transfer has a file_path to send or a save_directory to receive into, not both")
        if outgoing and file_path is None and file_selector is None:
            raise ValueError("an outgoing transfer needs a file_path to send or a file_selector to ask for")
        self.from_uri = checking.instance("from_uri", from_uri, SIPURI)
        self.to_uri = checking.instance("to_uri", to_uri, SIPURI)
        self.outgoing = checking.boolean("outgoing", outgoing)
        self.relay = chosen_relays(relay) or None
        self.file_path = checking.file_or_none("file_path", file_path)
        self.file_selector = None if file_selector is None else chosen_selector(file_selector)
        self.save_directory = checking.file_or_none("save_directory", save_directory)
        self.transferred_bytes = 0
        self.file_size: int | None = None
        self.sends = file_path is not None
        self._post: Post | None = None
        self._ref: Ref | None = None
        self._file: SourceFile | PartFile | None = None
        self._media: Media | None = None
        self._has_failed = False
        self._has_ended = False
        self._is_leaving = False
        self._begun: tuple[float, int | None] | None = None
        self._rate = 0.0

    def __repr__(self) -> str:
        what = "to send" if self.sends else "to receive"
        return f"<MSRPFileTransfer {what} {self.file_name or self.file_path} {self.state}>"

    def belong_to(self, post: Post | None) -> None:
        """Be a stream of a session, whose `post` gives its notifications their order; the engine calls this."""
        self._post = post

    @property
    def is_taken(self) -> bool:
        """Whether it belongs to a session; it serves once."""
        return self._post is not None

    def be_offered(self, media: Media) -> None:
        """Know what the peer offers, or asks for, by its line; the engine calls this."""
        offered = FileAttributes.from_media(media)
        if offered is not None:
            self.file_selector, self.file_size = offered.selector, offered.selector.size
        self.sends = media.direction == RECVONLY

    def give_up(self, reason: str) -> None:
        """Tell the end of a transfer that was to be and has not begun; the engine calls this."""
        if self._ref is None and not self._has_ended:
            self.notify("MSRPFileTransferDidFail", TransferFailed("initialize", reason))
            self.notify("MSRPFileTransferDidEnd", None)

    def attach(self, ref: Ref, file: SourceFile | PartFile) -> None:
        """Be the face of the actor `ref`; the engine calls this."""
        self._ref, self._file = ref, file
        if self._is_leaving:
            ref.tell(Leave())

    def describe(self, media: Media, selector: FileSelector) -> None:
        """Know our line, and what is known of the file now; the engine calls this."""
        self._media = media
        self.file_selector, self.file_size = selector, selector.size

    @property
    def ref(self) -> Ref | None:
        """The actor behind it; None before there is one."""
        return self._ref

    @property
    def remote_uri(self) -> SIPURI:
        """The remote party."""
        return self.to_uri

    @property
    def local_media(self) -> Media | None:
        """Our m=message line; None before it is known."""
        return self._media

    @property
    def _line(self) -> TransferLine | None:
        line: TransferLine | None = None if self._ref is None else self._ref.state
        return line

    @property
    def state(self) -> str:
        """NULL, INITIALIZING, INITIALIZED, STARTING, STARTED, ENDING, ENDED, or ERROR after a failure."""
        if self._has_failed:
            return "ERROR"
        line = self._line
        if line is None:
            return "NULL"
        if self._has_ended:
            return "ENDED"
        return "INITIALIZING" if line.core is None else _STATES[line.state]

    @property
    def has_ended(self) -> bool:
        """Whether MSRPFileTransferDidEnd was told."""
        return self._has_ended

    @property
    def is_active(self) -> bool:
        """Whether the transfer is starting or started."""
        return self.state in ("STARTING", "STARTED")

    @property
    def is_started(self) -> bool:
        """Whether the session is bound."""
        return self.state == "STARTED"

    @property
    def file_name(self) -> str | None:
        """The name of the file as it is announced."""
        if self.file_selector is not None and self.file_selector.name is not None:
            return self.file_selector.name
        return Path(self.file_path).name if self.sends and self.file_path is not None else None

    @property
    def rate(self) -> float:
        """Bytes per second, of this attempt so far."""
        return self._rate

    @property
    def resumed_from(self) -> int:
        """Bytes that an earlier attempt had brought, which this one does not send again."""
        line = self._line
        if line is not None and isinstance(line.core, Sending):
            return line.core.begun
        return self._file.held if isinstance(self._file, PartFile) else 0

    @property
    def eta(self) -> float | None:
        """Seconds until the end at this rate; None while it cannot be told."""
        if self.file_size is None or not self._rate:
            return None
        return max(0.0, (self.file_size - self.transferred_bytes) / self._rate)

    def stop(self) -> None:
        """End the transfer; what has come stays for another attempt. Calling it again changes nothing.

        Notifications:
            MSRPFileTransferWillEnd unless the file has arrived, MSRPFileTransferDidNotDeliverFile at the sender,
            MSRPFileTransferDidEnd.

        RFC: 4975 7.1, 7.3.
        """
        if self._ref is not None:
            tell_or(self._ref, End(), lambda: None)  # one that is over is not stopped

    end = stop

    def leave(self) -> None:
        """Know that the session will end; the session calls this."""
        self._is_leaving = True
        if self._ref is not None:
            tell_or(self._ref, Leave(), lambda: None)

    def notify(self, name: str, output: Any) -> None:
        """Post a notification of this transfer; its actor calls this."""
        if self._has_ended:
            return
        self._note(name, output)
        if self._post is not None:
            self._post(self, name, self._data(name, output))

    def _note(self, name: str, output: Any) -> None:
        """Know before others are told."""
        if name == "MSRPFileTransferDidEnd":
            self._has_ended = True
        elif isinstance(output, TransferFailed):
            self._has_failed = True
        elif isinstance(output, Progress):
            self._note_progress(output)
        elif name == "MSRPFileTransferDidStart":
            self._begun = time.monotonic(), None
            if isinstance(self._file, PartFile):
                self.file_selector = self._file.selector  # with what the peer's answer said
        elif name == "MSRPFileTransferGotFile" and isinstance(self._file, PartFile):
            self.file_selector, self.file_path = self._file.selector, self._file.path

    def _note_progress(self, progress: Progress) -> None:
        now = time.monotonic()
        if self._begun is None:
            self._begun = now, progress.transferred
        begun, before = self._begun
        before = self.resumed_from if before is None else before
        self._rate = (progress.transferred - before) / (now - begun) if now > begun else 0.0
        self.transferred_bytes, self.file_size = progress.transferred, progress.total

    def _data(self, name: str, output: Any) -> NotificationData:
        selector = self.file_selector
        if isinstance(output, Progress):
            return NotificationData(transferred_bytes=output.transferred, file_size=output.total)
        if isinstance(output, TransferFailed):
            failure = MSRPChatError(output.reason)
            return NotificationData(context=output.context, reason=output.reason, code=output.code, failure=failure)
        if name == "MSRPFileTransferGotFile" and selector is not None:
            return NotificationData(
                file_name=str(self.file_path),
                size=self.file_size,
                hash=":".join(selector.hashes[-1]) if selector.hashes else None,
                content_type=selector.type,
                file_selector=selector,
            )
        if isinstance(output, Finished | NotFinished):
            return NotificationData(
                message_id=output.message_id,
                code=output.code,
                reason=output.reason,
                file_selector=selector,
                message=output.message,
            )
        return NotificationData()
