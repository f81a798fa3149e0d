"""Where SIP is listened for: the ports, and which of them a far end reaches or is sent to from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sipsimple.actors.runtime import Actor, AutoShutdown, ChildSpec, Restart, Supervisor, SupervisorSpec
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.sockets import WILDCARDS, address_text, family_of, local_towards, source_address
from sipsimple.actors.wire.tcp import TCPAcceptor, TCPPort
from sipsimple.actors.wire.udp import UDPPort, UDPReader
from sipsimple.errors import ActorDied, TransportFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.wire.own_address import OwnAddresses
    from sipsimple.actors.wire.receiver import Receiver, Trace
    from sipsimple.actors.wire.sockets import Address, Socket
    from sipsimple.protocols.sip.transport import Flow

    Accept = Callable[[str, Socket, Address], None]

KNOWN_SENDERS = 4096
RESTARTS, RESTART_PERIOD = 100, 1.0  # of one listener: a fault in what receives must not silence the port


class Listeners:
    """The bound ports, each read by an actor with a restart budget of its own."""

    def __init__(
        self, supervisor: Supervisor, receiver: Receiver, trace: Trace, accept: Accept, own: OwnAddresses
    ) -> None:
        self._own = own
        self._supervisor = supervisor
        self._receiver = receiver
        self._trace = trace
        self._accept = accept
        self._ports: list[tuple[str, UDPPort | TCPPort]] = []
        self._senders: dict[tuple[Address, int | None], UDPPort] = {}
        self._children: list[str] = []

    def listen(self, transport: str, host: str, port: int) -> int:
        """Bind, start the actor that reads, and return the port.

        Raises:
            TransportFailed: The address cannot be bound.
        """
        if transport == "udp":
            udp = UDPPort(sockets.udp(host, port), self._own)
            self._start(transport, UDPReader, udp, self._receiver, self._trace)
            return udp.local[1]
        tcp = TCPPort(sockets.tcp_listener(host, port))
        self._start(transport, TCPAcceptor, tcp, partial(self._accept, transport))
        return tcp.local[1]

    @property
    def families(self) -> set[int | None]:
        """The families of the addresses that are listened on."""
        return {family_of(port.local[0]) for _, port in self._ports}

    def has(self, transport: str) -> bool:
        """Whether this transport is listened on."""
        return any(kind == transport for kind, _ in self._ports)

    def local_address(self, transport: str, remote_host: str) -> Address | None:
        """Where a host reaches us by this transport if nothing stands between; None: nothing listens in its family."""
        port = self._towards(transport, remote_host)
        return None if port is None else local_towards(port.local, remote_host)

    def sender(self, flow: Flow) -> UDPPort:
        """The UDP port that a flow's datagrams leave from.

        Raises:
            TransportFailed: No UDP port is open in the far end's family.
        """
        key = flow.local, family_of(flow.remote[0])
        port = self._senders.get(key)
        if port is None:
            port = self._find_sender(flow)
            if len(self._senders) >= KNOWN_SENDERS:  # as many as far ends told us different addresses of ours
                self._senders.clear()
            self._senders[key] = port
        return port

    def deafen(self) -> None:
        """Close the ports; who reads them ends by itself."""
        for _, port in self._ports:
            port.close()

    def close(self) -> None:
        """Stop listening."""
        self.deafen()
        for child in self._children:
            self._supervisor.terminate_child(child)
        self._ports.clear()
        self._senders.clear()
        self._children.clear()

    def _find_sender(self, flow: Flow) -> UDPPort:
        host, number = flow.local
        for _, port in self._ports:
            if isinstance(port, UDPPort) and _covers(port, host, number) and port.family == family_of(flow.remote[0]):
                return port
        towards = self._towards("udp", flow.remote[0])
        if isinstance(towards, UDPPort):
            return towards
        raise TransportFailed("no UDP port is open for it", address_text(flow.remote), "udp")

    def _towards(self, transport: str, remote_host: str) -> UDPPort | TCPPort | None:
        family = family_of(remote_host)
        found = [port for kind, port in self._ports if kind == transport and family_of(port.local[0]) == family]
        if len(found) > 1:
            ours = {source_address(remote_host), *WILDCARDS}
            found.sort(key=lambda port: port.local[0] not in ours)
        return found[0] if found else None

    def _start(self, transport: str, actor: type[Actor], port: UDPPort | TCPPort, *args: object) -> None:
        name = f"{transport} {address_text(port.local)}"
        start_listener(self._supervisor, name, actor, port, *args)
        self._ports.append((transport, port))
        self._children.append(name)


def _covers(port: UDPPort, host: str, number: int) -> bool:
    """Whether this port is, or listens on all addresses for, a host and port number of ours."""
    bound, bound_number = port.local
    return bound_number == number and port.family == family_of(host) and bound in (host, *WILDCARDS)


def start_listener(
    supervisor: Supervisor, id_: str, actor: type[Actor], port: UDPPort | TCPPort, *args: object
) -> None:
    """Start the tree of one listener: an actor, made with the port and `args`, that reads until the port is closed.

    Raises:
        ActorDied: The supervisor is ending; the port is closed.
    """
    reader = ChildSpec("reader", actor, (port, *args), Restart.TRANSIENT, shutdown=1.0, significant=True)
    spec = SupervisorSpec(
        id_,
        intensity=RESTARTS,
        period=RESTART_PERIOD,
        auto_shutdown=AutoShutdown.ANY_SIGNIFICANT,
        children=(reader,),
        restart=Restart.TRANSIENT,
    )
    try:
        supervisor.start_child(spec)
    except ActorDied:
        port.close()
        raise
