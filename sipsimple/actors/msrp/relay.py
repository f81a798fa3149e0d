"""The actor that keeps a path at an MSRP relay: it asks for the path and refreshes it.

The rules live in `protocols.msrp.relay`. Sessions meet the connection at the `MSRPRelayPort`: what comes for them
goes from its reader straight to them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sipsimple.actors.msrp.messages import ChunksReceived, ConnectionFailed, ConnectionLost, ConnectionMade
from sipsimple.actors.msrp.relay_finder import LookUp, MSRPRelayDialer, look_up
from sipsimple.actors.msrp.relay_messages import RelayFailed, RelayPathChanged, RelayReserved, Release
from sipsimple.actors.msrp.relay_port import RelayConnection
from sipsimple.actors.msrp.relay_reader import MSRPRelayReader
from sipsimple.actors.runtime import Actor, ChildSpec, Ref, Restart, TimerFired, carries, handles
from sipsimple.errors import TransportFailed
from sipsimple.protocols.msrp.outputs import Send
from sipsimple.protocols.msrp.relay import relay as core
from sipsimple.protocols.msrp.relay.state import (
    PathChanged,
    Reservation,
    ReservationEnded,
    ReservationFailed,
    Reserved,
    State,
)

if TYPE_CHECKING:
    import ssl

    from sipsimple.actors.msrp.relay_finder import RelayTarget
    from sipsimple.actors.msrp.relay_port import MSRPRelayPort
    from sipsimple.actors.wire.stream import Stream


@dataclass(frozen=True, slots=True)
class RelayLine:
    """A reservation and the connection under it: the state of its actor."""

    reservation: Reservation = field(repr=False)
    stream: Stream | None = None


class MSRPRelay(Actor):
    """Keeps one path at a relay, for one session or for many.

    Args:
        reservation: From `protocols.msrp.relay.create`.
        port: Where the sessions meet the connection; made by who starts this actor.
        target: The nearest relay.
        owner: Told `RelayReserved`, then perhaps `RelayPathChanged`, or `RelayFailed`.
        context: For TLS; None for one that trusts the system's authorities.
        find: Looks SRV records up.
    """

    state: RelayLine

    def __init__(
        self,
        reservation: Reservation,
        port: MSRPRelayPort,
        target: RelayTarget,
        owner: Ref,
        context: ssl.SSLContext | None = None,
        find: LookUp = look_up,
    ) -> None:
        super().__init__()
        self.state = RelayLine(reservation)
        self.port = port
        self.target = target
        self.owner = owner
        self.context = context
        self.find = find

    def started(self) -> None:
        """Connect."""
        self.log = self.log.bind(relay=self.target.host or self.target.domain)
        self._dial()
        self.advance(_take, core.start)

    def restarted(self) -> None:
        """Go on with the last committed state; connect again if the crash may have kept us from it."""
        self.log = self.log.bind(relay=self.target.host or self.target.domain)
        state = self.state.reservation.state
        self.log.warning("relay.restarted", state=str(state))
        if state is State.CLOSED:
            self._let_go("the relay's actor crashed")
        elif state is State.IDLE:
            self.advance(_take, core.start)
            self._dial()

    def stopped(self, reason: str) -> None:
        """Close what is open."""
        if self.state.reservation.state is not State.CLOSED:
            self.advance(_take, core.end)
        self.port.lose(True, reason)

    def _dial(self) -> None:
        arguments = (self.ref, self.target, self.context, self.find)
        self._start_child("dialer", MSRPRelayDialer, arguments)

    def _start_child(self, role: str, actor: type[Actor], arguments: tuple[Any, ...]) -> None:
        child_id = f"{self.name.rpartition('/')[2]}-{role}"
        if self.supervisor.child(child_id) is None:  # else an incarnation that crashed started it already
            self.supervisor.start_child(ChildSpec(child_id, actor, arguments, Restart.TRANSIENT))

    @handles(ConnectionMade)
    def be_connected(self, event: ConnectionMade) -> None:
        """Go on with the connection."""
        if self.state.reservation.state is not State.CONNECTING:
            event.stream.close()
            return
        self.advance(_keep, event.stream)
        connection = self.port.connection = RelayConnection(event.stream, self.ref)
        self._start_child("connection", MSRPRelayReader, (connection, self.port))
        self.advance(_take, core.connected)

    @handles(ChunksReceived)
    def receive(self, event: ChunksReceived) -> None:
        """Take what came for us: the answers to AUTH."""
        for each in event.chunks:
            self.advance(_take, core.receive, each, secrets.token_hex(16))

    @handles(ConnectionLost, ConnectionFailed)
    def lose(self, event: ConnectionLost | ConnectionFailed) -> None:
        """Take the end of the connection, or that there was none."""
        self.advance(_take, core.connection_lost, event.reason)

    @handles(TimerFired)
    def fire(self, event: TimerFired) -> None:
        """Take a timer."""
        self.advance(_take, core.timer_fired, event.name)

    @handles(Release)
    def release(self, _command: Release) -> None:
        """End at the request of this side."""
        self.advance(_take, core.end)

    # Outputs

    @carries(Send)
    def put_on_wire(self, output: Send) -> None:
        """Write one request; the reader tells of a broken connection."""
        stream = self.state.stream
        if stream is not None:
            try:
                stream.write_soon(output.data.encode())
            except TransportFailed as error:
                self.ref.tell(ConnectionLost(False, error.reason))

    @carries(Reserved)
    def tell_path(self, output: Reserved) -> None:
        """Tell the path."""
        self.log.info("relay.reserved", hops=len(output.path), expires=output.expires)
        self.port.path = output.path
        self.owner.tell(RelayReserved(output.path))

    @carries(PathChanged)
    def tell_change(self, output: PathChanged) -> None:
        """Tell another path."""
        self.log.warning("relay.changed", hops=len(output.path))
        self.port.path = output.path
        self.owner.tell(RelayPathChanged(output.path))

    @carries(ReservationFailed)
    def tell_failure(self, output: ReservationFailed) -> None:
        """Tell that there is no path; the end follows."""
        self.log.warning("relay.failed", code=output.code, reason=output.reason)
        self.port.lose(False, f"the relay failed: {output.reason}")
        self.owner.tell(RelayFailed(output.code, output.reason))

    @carries(ReservationEnded)
    def finish(self, _output: ReservationEnded) -> None:
        """Close and end."""
        self._let_go("the path at the relay was given back")

    def _let_go(self, reason: str) -> None:
        self.port.path = ()
        self.port.lose(True, reason)
        if self.state.stream is not None:
            self.state.stream.close()
        for message in self.slot.mailbox.messages():
            if isinstance(message, ConnectionMade):
                message.stream.close()
        self.stop()


def _take(line: RelayLine, step: Any, *stimulus: Any) -> tuple[RelayLine, tuple[Any, ...]]:
    """Give a stimulus to the core."""
    reservation, outputs = step(line.reservation, *stimulus)
    return RelayLine(reservation, line.stream), outputs


def _keep(line: RelayLine, stream: Stream) -> tuple[RelayLine, tuple[Any, ...]]:
    return RelayLine(line.reservation, stream), ()
