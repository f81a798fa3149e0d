"""A chat that reaches its peer through relays of ours (RFC 4976): it gets its path first, then is like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.actors.chat.chat import KIND, MSRPChat
from sipsimple.actors.chat.line import Line, Start, begin, connect, take
from sipsimple.actors.msrp.messages import ConnectionFailed
from sipsimple.actors.msrp.relayed import RelayedSession, with_path
from sipsimple.actors.msrp.relayed import RelayPlan as RelayPlan
from sipsimple.actors.runtime import Ref, carries, handles
from sipsimple.protocols.msrp.chat import chat as core
from sipsimple.protocols.msrp.chat import relayed
from sipsimple.protocols.msrp.outputs import Ended, Failed
from sipsimple.protocols.msrp.state import State
from sipsimple.protocols.sip.usage.events import StreamMoved, StreamPrepared

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.protocols.sdp.media import Media

_OVER = (State.CLOSING, State.CLOSED)


class RelayedChat(RelayedSession, MSRPChat):
    """Carries one chat through relays.

    Args:
        line: The state to begin with; its path is our own URI only.
        media: Our m-line, with that path; the line that is told has the relays too.
        plan: How to get the path.
        owner: As for `MSRPChat`.
        notify: As for `MSRPChat`.
        names: As for `MSRPChat`.
        traces: As for `MSRPChat`.
        lags: As for `MSRPChat`.
    """

    def __init__(
        self,
        line: Line,
        media: Media,
        plan: RelayPlan,
        owner: Ref | None,
        notify: Callable[[str, Any], None],
        names: tuple[tuple[str, str], ...] = (),
        traces: bool = False,
        lags: Callable[[], bool] | None = None,
    ) -> None:
        super().__init__(line, media, plan.port, owner, notify, names, traces, lags)  # type: ignore[arg-type]
        self.plan = plan

    def started(self) -> None:
        """Ask for the path."""
        self._bind_log()
        self.ask_for_path()

    def restarted(self) -> None:
        """Go on with the last committed state."""
        if self.awaits_path:
            self.started()
            return
        if self._has_path or self.plan.direct is None:
            self._describe()
        else:
            self._use_listener()
        super().restarted()

    @property
    def awaits_path(self) -> bool:
        """Whether the path is still to be told to the peer."""
        return self.state.chat.state is State.IDLE and not self._has_path and not self._is_direct

    @property
    def path_id(self) -> str:
        """The session id in our own URI."""
        return self._session_id

    @property
    def _has_path(self) -> bool:
        return len(self.state.chat.session.local_path) > 1

    def _use_listener(self) -> None:
        assert self.plan.direct is not None
        self.listener = self.plan.direct

    @property
    def _is_direct(self) -> bool:
        return self.listener is self.plan.direct

    def _describe(self) -> None:
        """Put the path as it is now into our m-line, and let it be known."""
        self.media = with_path(self.media, self.state.chat.session.local_path)
        if self.plan.describe is not None:
            self.plan.describe(self.media)

    def be_direct(self) -> None:
        """Let the peer connect to us: there is no relay."""
        self._use_listener()
        if self.plan.describe is not None:
            self.plan.describe(self.media)
        super().started()

    def take_path(self, path: tuple[str, ...]) -> None:
        """Say that we can be reached, and how."""
        self.advance(take, relayed.through, path)
        self._describe()
        self.notify("MSRPChatDidInitialize", None)
        self._tell_owner(StreamPrepared(KIND, self.media))

    def change_path(self, path: tuple[str, ...]) -> None:
        """Send by another path from now on, and have the peer told: by a new offer."""
        if self.state.chat.state not in _OVER:
            self.advance(take, relayed.through, path)
            self._describe()
            self._tell_owner(StreamMoved(KIND, self.media))

    def lose_path(self, reason: str) -> None:
        """End: there is no way to the peer, or no longer."""
        self.advance(take, core.connection_lost, False, reason)

    @handles(Start)
    def start(self, command: Start) -> None:
        """Begin to use the relay: both sides of a relayed session are connected already."""
        if self._is_direct or self.state.chat.state is not State.IDLE:
            super().start(command)
            return
        self.advance(begin, command.remote, command.active)
        joined = self.plan.port.join(self._session_id, self.ref)
        if joined is None:
            self.ref.tell(ConnectionFailed("the connection to the MSRP relay is gone"))
        else:
            self._trace_received(joined.chunks)
            self.advance(connect, joined.stream, joined.chunks)

    @carries(Failed)
    def tell_failed(self, output: Failed) -> None:
        """Tell that the chat broke; without a path it was never initialised."""
        is_initialised = self._has_path or self._is_direct
        super().tell_failed(output if is_initialised else Failed("initialize", output.reason))

    @carries(Ended)
    def tell_ended(self, output: Ended) -> None:
        """Give the path back, then end."""
        self.release_path()
        super().tell_ended(output)
