"""The file transfer of one call: which actor runs it, what its line says, and the object that applications hold."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from sipsimple.actors.msrp.messages import ConnectionLost
from sipsimple.actors.runtime import ChildSpec, Ref, Restart, Supervisor
from sipsimple.actors.transfer import transfer as transfer_actor
from sipsimple.actors.transfer.line import End, Setup, Start, take
from sipsimple.actors.transfer.part import PartFile
from sipsimple.actors.transfer.relayed import RelayedTransfer
from sipsimple.actors.transfer.source import SourceFile
from sipsimple.api.advertising import media_host
from sipsimple.api.host import reachable_ip
from sipsimple.api.transfer.description import attributes, check_direction, own_line
from sipsimple.errors import LocalProtocolError, MSRPChatError, RemoteProtocolError, SIPSimpleError, TransportFailed
from sipsimple.protocols.msrp.outputs import Ended
from sipsimple.protocols.msrp.transfer.outputs import NotFinished, TransferFailed
from sipsimple.protocols.sdp.file_attributes import FileAttributes
from sipsimple.protocols.sdp.file_selector import FileSelector
from sipsimple.protocols.sdp.media import Media
from sipsimple.protocols.sdp.message_media import MessageMedia, is_connecting
from sipsimple.protocols.sip.usage.events import StreamFailed, StreamPrepared
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from sipsimple.actors.msrp.listener import MSRPListener, MSRPListeners
    from sipsimple.actors.msrp.relay_port import MSRPRelayPort
    from sipsimple.actors.msrp.relayed import RelayPlan
    from sipsimple.api.configuration import MSRPConfiguration
    from sipsimple.api.engine.options import EngineOptions
    from sipsimple.api.transfer.transfer import MSRPFileTransfer
    from sipsimple.protocols.sip.usage.outputs import Prepare, StartStream, StopStream

    Plan = Callable[[Prepare, str, MSRPListener, Callable[[Media], None], object], RelayPlan | None]

    class Settings(Protocol):
        """What every stream of an engine is made with; `api.streams.StreamSettings` is one."""

        @property
        def listeners(self) -> MSRPListeners:
            """The MSRP listeners."""

        @property
        def host(self) -> str:
            """Our address where the configuration names none."""

        @property
        def options(self) -> EngineOptions:
            """Of the engine."""


FILE = "file"

FILE_CHILD = ChildSpec(FILE, transfer_actor.MSRPFileTransfer, (), Restart.TRANSIENT, significant=True)
"""The transfer of a call, but for its id and arguments."""

_TOLD = {
    NotFinished: "MSRPFileTransferDidNotDeliverFile",
    TransferFailed: "MSRPFileTransferDidFail",
    Ended: "MSRPFileTransferDidEnd",
}


class FileStream:
    """One file transfer from its preparation to its end.

    Args:
        transfer: What the application holds; it knows its `post`.
        name: Of the stream in its session: `file-1`.
        configuration: Of the session.
        settings: What every stream is made with.
        names: What names the call in the log.
        peer: The host that SIP is spoken with, if that is known.
        plan: Tells how the transfer gets a path at a relay; None: it goes without.
    """

    __slots__ = (
        "configuration", "local", "name", "names", "peer", "plan", "port", "ref", "remote", "settings", "setup",
        "transfer",
    )  # fmt: skip

    def __init__(
        self,
        transfer: MSRPFileTransfer,
        name: str,
        configuration: MSRPConfiguration,
        settings: Settings,
        names: tuple[tuple[str, str], ...] = (),
        peer: str | None = None,
        plan: Plan | None = None,
    ) -> None:
        self.transfer = transfer
        self.name = name
        self.configuration = configuration
        self.settings = settings
        self.names = names
        self.peer = peer
        self.plan = plan
        self.port: MSRPRelayPort | None = None
        self.ref: Ref | None = None
        self.setup: Setup | None = None
        self.local: MessageMedia | None = None
        self.remote: FileAttributes | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing runs any more, or ever did."""
        return self.ref is None or not self.ref.is_alive

    def prepare(self, output: Prepare, owner: Ref | None, supervisor: Supervisor, _child: str | None = None) -> None:
        """Start the actor, or say again how it went.

        `owner` is told StreamPrepared, as soon as the file is open and what is sent is hashed, or StreamFailed.

        Args:
            output: With the peer's line, None when the offer is ours.
            owner: The session.
            supervisor: Of the call; the actor's id is the name of the stream, which no other has, ever.
        """
        if self.ref is not None:
            media = self.transfer.local_media
            if media is not None and owner is not None:
                owner.tell(StreamPrepared(self.name, media))
            return
        try:
            self._start_actor(output, owner, supervisor)
        except (MSRPChatError, TransportFailed, LocalProtocolError, RemoteProtocolError) as error:
            self._decline(error, owner)

    def _decline(self, error: SIPSimpleError, owner: Ref | None) -> None:
        self.transfer.notify("MSRPFileTransferDidFail", TransferFailed("initialize", error.reason, error.code))
        self.transfer.notify("MSRPFileTransferDidEnd", None)
        if owner is not None:
            owner.tell(StreamFailed(self.name, error.reason))

    def _start_actor(self, output: Prepare, owner: Ref | None, supervisor: Supervisor) -> None:
        transfer, settings = self.transfer, self.settings
        remote = output.remote if isinstance(output.remote, Media) else None
        offer = None if remote is None else MessageMedia.from_media(remote)
        self.remote = None if remote is None else FileAttributes.from_media(remote)
        if offer is not None:
            check_direction(offer.direction, transfer.sends, self.remote)
        tls = self.configuration.local_use_tls if offer is None else offer.is_tls
        host = reachable_ip(self.configuration.local_ip or settings.host)
        listener = settings.listeners.get(host, self.configuration.local_port, tls)
        session_id = secrets.token_hex(10)
        told = media_host(settings.options, listener.host, self.peer)
        self.local = own_line(listener, told, session_id, offer, transfer.sends)
        file = self._file()
        self.setup = Setup(
            name=self.name,
            file=file,
            local_path=self.local.path[-1],
            session_id=session_id,
            seed=secrets.token_hex(4),
            message_id=secrets.token_hex(8),
            listener=listener,
            owner=owner,
            notify=transfer.notify,
            describe=self._describe,
            names=self.names,
            traces=settings.options.trace_msrp,
        )
        plan = self._plan(output, listener)
        child = replace(FILE_CHILD, id=self.name, args=(self.setup,))
        if plan is not None:
            self.port = plan.port
            child = replace(child, actor=RelayedTransfer, args=(self.setup, plan))
        self.ref = supervisor.start_child(child)
        transfer.attach(self.ref, file)

    def _plan(self, output: Prepare, listener: MSRPListener) -> RelayPlan | None:
        if self.plan is None or self.local is None:
            return None
        return self.plan(output, self.local.path[-1], listener, self._redescribe, self.transfer.relay)

    def _redescribe(self, media: Media) -> None:
        """Know our line again, with the path that a relay has told."""
        if self.transfer.file_selector is not None:
            self.transfer.describe(media, self.transfer.file_selector)

    def _file(self) -> SourceFile | PartFile:
        transfer = self.transfer
        if transfer.sends:
            if transfer.file_path is None:
                raise MSRPChatError("the transfer has no file_path")
            return SourceFile(Path(transfer.file_path), transfer.file_selector.type if transfer.file_selector else None)
        directory = transfer.save_directory or self.configuration.save_directory
        if directory is None:
            raise MSRPChatError("the transfer has no save_directory")
        selector = transfer.file_selector or FileSelector()
        return PartFile(Path(directory).absolute(), self.remote.selector if self.remote else selector)

    def _describe(self, file: SourceFile | PartFile) -> tuple[Media, FileAttributes]:
        """Our line for a file that is open; the actor calls this when it is."""
        assert self.local is not None
        described = attributes(file, self.remote)
        media = described.added_to(self.local.to_media())
        self.transfer.describe(media, described.selector)
        return media, described

    def start(self, output: StartStream) -> None:
        """Connect with the peer's line."""
        remote = output.remote
        assert isinstance(remote, Media)
        theirs = MessageMedia.from_media(remote)
        file = FileAttributes.from_media(remote) or FileAttributes(FileSelector())
        assert self.ref is not None
        assert self.local is not None
        outgoing = self.transfer.outgoing
        answered = theirs.setup if outgoing else self.local.setup
        self.ref.tell(Start(theirs, file, is_connecting(outgoing, answered)))

    def revert(self) -> None:
        """Do nothing: what a transfer once agreed on is never renegotiated."""

    def hold(self, is_held: bool) -> None:
        """Do nothing: a transfer goes on while the session is on hold."""

    def stop(self, output: StopStream) -> None:
        """End the transfer; one that ends before the file has arrived, and not by our wish, has failed."""
        if self.ref is not None:
            self.ref.insist(End() if output.linger else ConnectionLost(True, output.reason or "the session has ended"))

    def bury(self, reason: str) -> None:
        """Account for a transfer that crashed too often as for one whose connection broke."""
        ref, setup = self.ref, self.setup
        if ref is None or setup is None or self.transfer.has_ended:
            return
        line, outputs = take(ref.state, "connection_lost", False, reason)
        for output in (*outputs, Ended()):
            name = _TOLD.get(type(output))
            if name is not None:
                self.transfer.notify(name, output)
        for stream in (line.stream, None if line.early is None else line.early.stream):
            if stream is not None:
                stream.close()
        setup.listener.forget(setup.session_id)
        if self.port is not None:
            self.port.lose(True, reason)
        setup.file.close()
