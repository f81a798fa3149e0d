"""A chat that reaches its peer through relays of ours (RFC 4976): it gets its path first, then is like any other.

It starts the actor that keeps the path, is that actor's owner, and gives the path back when it ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sipsimple.actors.chat import KIND, MSRPChat
from sipsimple.actors.chat_line import Line, Start, connect, take
from sipsimple.actors.msrp_messages import ConnectionFailed
from sipsimple.actors.msrp_relay import MSRPRelay, RelayFailed, RelayPathChanged, RelayReserved, Release
from sipsimple.actors.msrp_relay_finder import LookUp, MSRPRelayFinder, RelayLookedUp, look_up
from sipsimple.actors.runtime import ChildSpec, Ref, Restart, carries, handles
from sipsimple.protocols.msrp import chat as core
from sipsimple.protocols.msrp import relayed
from sipsimple.protocols.msrp.outputs import Ended, Failed
from sipsimple.protocols.msrp.state import State
from sipsimple.protocols.sdp.message_media import MessageMedia
from sipsimple.protocols.sip.usage.events import StreamPrepared
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from sipsimple.actors.msrp_listener import MSRPListener
    from sipsimple.actors.msrp_relay_finder import RelayTarget
    from sipsimple.actors.msrp_relay_port import MSRPRelayPort
    from sipsimple.protocols.msrp.relay_state import Reservation
    from sipsimple.protocols.sdp.media import Media


@dataclass(frozen=True, slots=True)
class RelayPlan:
    """How a chat gets its path.

    Attributes:
        reservation: From `protocols.msrp.relay.create`, with the chat's own URI.
        port: Made for this chat, or shared with others whose relay is started elsewhere.
        target: The nearest relay.
        context: For TLS; None for one that trusts the system's authorities.
        find: Looks SRV records up.
        direct: Where the peer may connect to if the domain of the target has no relay; None: it has to have one.
        describe: Called with our line when the path is known.
    """

    reservation: Reservation = field(repr=False)
    port: MSRPRelayPort
    target: RelayTarget
    context: ssl.SSLContext | None = None
    find: LookUp = look_up
    direct: MSRPListener | None = None
    describe: Callable[[Media], None] | None = None


class RelayedChat(MSRPChat):
    """Carries one chat through relays.

    Args:
        line: The state to begin with; its path is our own URI only.
        media: Our m-line, with that path; the line that is told has the relays too.
        plan: How to get the path.
        owner: As for `MSRPChat`.
        notify: As for `MSRPChat`.
        names: As for `MSRPChat`.
        traces: As for `MSRPChat`.
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
    ) -> None:
        super().__init__(line, media, plan.port, owner, notify, names, traces)  # type: ignore[arg-type]
        self.plan = plan

    def started(self) -> None:
        """Ask for the path; what comes through it is ours from then on. A relay that may not be there is looked for."""
        self._bind_log()
        plan = self.plan
        if plan.direct is None or plan.target.host is not None:
            self._ask(plan.find)
        elif self.supervisor.child(f"{self._relay_id} finder") is None:
            arguments = (self.ref, plan.target, plan.find)
            spec = ChildSpec(f"{self._relay_id} finder", MSRPRelayFinder, arguments, Restart.TRANSIENT)
            self.supervisor.start_child(spec)

    @handles(RelayLookedUp)
    def be_found(self, event: RelayLookedUp) -> None:
        """Ask the relay of the domain, or let the peer connect to us."""
        if self.state.chat.state is not State.IDLE or self._has_path:
            return
        if event.services:
            self._ask(lambda _name: list(event.services))
            return
        self.log.info("relay.none", domain=self.plan.target.domain)
        self._be_direct()
        if self.plan.describe is not None:
            self.plan.describe(self.media)
        super().started()

    def _be_direct(self) -> None:
        assert self.plan.direct is not None
        self.listener = self.plan.direct

    @property
    def _is_direct(self) -> bool:
        return self.listener is self.plan.direct

    def _ask(self, find: LookUp) -> None:
        self.plan.port.expect(self._session_id, self.ref)
        self._start_relay(find)

    def restarted(self) -> None:
        """Go on with the last committed state."""
        if self.state.chat.state is not State.IDLE or self._has_path:
            if self._has_path or self.plan.direct is None:
                self._describe()
            else:
                self._be_direct()
            super().restarted()
        else:
            self.started()

    @property
    def _has_path(self) -> bool:
        return len(self.state.chat.session.local_path) > 1

    @property
    def _relay_id(self) -> str:
        return f"{self.name.rpartition('/')[2]}-relay"

    def _start_relay(self, find: LookUp) -> None:
        plan = self.plan
        if self.supervisor.child(self._relay_id) is None:
            arguments = (plan.reservation, plan.port, plan.target, self.ref, plan.context, find)
            self.supervisor.start_child(ChildSpec(self._relay_id, MSRPRelay, arguments, Restart.TRANSIENT))

    def _describe(self) -> None:
        """Put the path as it is now into our m-line."""
        self.media = replace(MessageMedia.from_media(self.media), path=self.state.chat.session.local_path).to_media()

    @handles(RelayReserved)
    def be_reserved(self, event: RelayReserved) -> None:
        """Say that we can be reached, and how."""
        if self.state.chat.state is State.IDLE:
            self.advance(take, relayed.through, event.path)
            self._describe()
            if self.plan.describe is not None:
                self.plan.describe(self.media)
            self.notify("MSRPChatDidInitialize", None)
            self._tell_owner(StreamPrepared(KIND, self.media))

    @handles(RelayPathChanged)
    def be_moved(self, event: RelayPathChanged) -> None:
        """Only a new offer could tell the peer; until then the chat lasts as long as the relay lets it."""
        self.log.warning("chat.moved", hops=len(event.path))

    @handles(RelayFailed)
    def not_be_reserved(self, event: RelayFailed) -> None:
        """End: there is no way to the peer, or no longer."""
        reason = f"{event.code} {event.reason}" if event.code else event.reason
        self.advance(take, core.connection_lost, False, f"the MSRP relay: {reason}")

    @handles(Start)
    def start(self, command: Start) -> None:
        """Begin to use the relay: both sides of a relayed session are connected already."""
        if self._is_direct:
            super().start(command)
            return
        remote = command.remote
        path, types, wrapped = remote.path, remote.accept_types, remote.accept_wrapped_types
        self.advance(take, core.start, path, types, wrapped, command.active)
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
        relay = self.supervisor.child(self._relay_id)
        if isinstance(relay, Ref):
            relay.tell(Release())
        super().tell_ended(output)
