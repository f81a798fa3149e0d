"""The keeper of the flows to registrars: kept open, once for all who use them, and watched.

RFC: 5626 4.4, 4.4.1, 4.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sipsimple.actors.runtime import Actor, TimerFired, carries, handles
from sipsimple.actors.sip.kept_flows import Keep, LetGo, Ping, State, Told, Way, due, keep, let_go, lose, way_of
from sipsimple.actors.wire.messages import SendFailed
from sipsimple.actors.wire.sockets import address_text
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from sipsimple.actors.wire.transports import Transports
    from sipsimple.protocols.sip.transport import Flow


class ConnectionLost(Value):
    """A connection has ended that was opened from here."""

    flow: Flow
    reason: str


class Flows(Actor):
    """Keeps the flows to registrars.

    Args:
        transports: By which they lead.
    """

    state: State

    def __init__(self, transports: Transports) -> None:
        super().__init__()
        self.state = State()
        self.transports = transports

    def started(self) -> None:
        """Hear of connections that end."""
        self.transports.when_lost = self._hear

    def restarted(self) -> None:
        """Go on; a timer that the crash has cost starts anew."""
        self.started()
        for way, kept in self.state.kept.items():
            if kept.every is not None:
                self.start_timer(way, kept.every)

    def _hear(self, flow: Flow, reason: str) -> None:
        if way_of(flow) in self.state.kept:
            self.ref.tell(ConnectionLost(flow, reason))

    @handles(Keep)
    def take(self, event: Keep) -> None:
        """Keep a flow for somebody."""
        self.advance(keep, event)

    @handles(LetGo)
    def leave(self, event: LetGo) -> None:
        """Keep nothing for somebody."""
        self.advance(let_go, event.user)

    @handles(TimerFired)
    def fire(self, event: TimerFired) -> None:
        """Give a sign of life."""
        self.advance(due, cast("Way", event.name))

    @handles(ConnectionLost)
    def miss(self, event: ConnectionLost) -> None:
        """Tell those who needed the connection."""
        self._lose(way_of(event.flow), event.reason)

    @handles(SendFailed)
    def give_up(self, event: SendFailed) -> None:
        """Tell those whose far end gave no sign of life."""
        self._lose(cast("Way", event.token), event.error.reason)

    def _lose(self, way: Way, reason: str) -> None:
        kept = self.state.kept.get(way)
        if kept is not None:
            self.log.info("flow.lost", peer=address_text(way[1]), transport=way[0], users=len(kept.users), why=reason)
            self.advance(lose, way, reason)

    @carries(Ping)
    def ping(self, output: Ping) -> None:
        """Send the keep-alive."""
        self.transports.keep_alive(output.flow, self.ref, way_of(output.flow))

    @carries(Told)
    def tell(self, output: Told) -> None:
        """Tell one user."""
        output.user.tell(cast("Any", output.event))
