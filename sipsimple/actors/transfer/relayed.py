"""A file transfer that goes through relays of ours (RFC 4976): it gets its path first, then is like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.msrp.messages import ConnectionFailed
from sipsimple.actors.msrp.relayed import RelayedSession, RelayPlan, with_path
from sipsimple.actors.runtime import carries, handles
from sipsimple.actors.transfer.line import Setup, Start, TransferLine, connect, take
from sipsimple.actors.transfer.transfer import MSRPFileTransfer
from sipsimple.protocols.msrp.chat import relayed
from sipsimple.protocols.msrp.transfer.outputs import TransferFailed
from sipsimple.protocols.msrp.transfer.state import State
from sipsimple.protocols.sip.usage.events import StreamMoved, StreamPrepared
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipsimple.protocols.sdp.message_media import MessageMedia

_OVER = (State.FINISHED, State.CLOSING, State.CLOSED)


class RelayedTransfer(RelayedSession, MSRPFileTransfer):
    """Carries one transfer through relays.

    Args:
        setup: As for `MSRPFileTransfer`; its path is our own URI only.
        plan: How to get the path.
    """

    def __init__(self, setup: Setup, plan: RelayPlan) -> None:
        super().__init__(setup)
        self.plan = plan

    @property
    def awaits_path(self) -> bool:
        """Whether the path is still to be told to the peer."""
        return self.state.state is State.IDLE and not self._has_path and not self.plan.port.is_direct

    @property
    def path_id(self) -> str:
        """The session id in our own URI."""
        return self.setup.session_id

    @property
    def _has_path(self) -> bool:
        core = self.state.core
        return core is not None and len(core.terms.local_path) > 1

    def be_reachable(self) -> None:
        """Ask for the path, or say again what it is."""
        if self.plan.port.is_direct:
            super().be_reachable()
        elif self._has_path:
            assert self.state.media is not None
            self._tell_owner(StreamPrepared(self.setup.name, self.state.media))
        else:
            self.ask_for_path()

    def be_direct(self) -> None:
        """Let the peer connect to us: there is no relay."""
        self.plan.port.is_direct = True
        super().be_reachable()

    def take_path(self, path: tuple[str, ...]) -> None:
        """Say that we can be reached, and how."""
        self._go_by(path)
        assert self.state.media is not None
        self._tell_owner(StreamPrepared(self.setup.name, self.state.media))

    def change_path(self, path: tuple[str, ...]) -> None:
        """Send by another path from now on, and have the peer told: by a new offer."""
        if self.state.state not in _OVER and self.state.media is not None:
            self._go_by(path)
            self._tell_owner(StreamMoved(self.setup.name, self.state.media))

    def _go_by(self, path: tuple[str, ...]) -> None:
        self.advance(through, path)
        if self.plan.describe is not None and self.state.media is not None:
            self.plan.describe(self.state.media)

    def lose_path(self, reason: str) -> None:
        """End: there is no way to the peer, or no longer."""
        self.advance(take, "connection_lost", False, reason)

    @handles(Start)
    def start(self, command: Start) -> None:
        """Begin to use the relay: both sides of a relayed session are connected already."""
        super().start(command)
        if self.plan.port.is_direct or self.state.state is not State.CONNECTING or self.state.stream is not None:
            return
        joined = self.plan.port.join(self.setup.session_id, self.ref, self.setup.gate)
        if joined is None:
            self.ref.tell(ConnectionFailed("the connection to the MSRP relay is gone"))
        else:
            self._trace_received(joined.chunks)
            self.advance_and_settle(connect, joined.stream, joined.chunks)

    @carries(TransferFailed)
    def tell_failed(self, output: TransferFailed) -> None:
        """Tell that the transfer broke; without a path it was never initialised."""
        has_way = self._has_path or self.plan.port.is_direct
        super().tell_failed(output if has_way else replace(output, context="initialize"))

    def _dial(self, remote: MessageMedia) -> None:
        if self.plan.port.is_direct:
            super()._dial(remote)

    def _close(self) -> None:
        super()._close()
        self.plan.port.forget(self.setup.session_id)
        self.release_path()


def through(line: TransferLine, path: Sequence[str]) -> tuple[TransferLine, tuple[object, ...]]:
    """Put relays before our own URI, in the core and in our line."""
    core, media = line.core, line.media
    if core is None or media is None:
        return line, ()
    core = replace(core, terms=relayed.through_relays(core.terms, path))
    return replace(line, core=core, media=with_path(media, core.terms.local_path)), ()
