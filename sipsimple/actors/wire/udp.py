"""UDP: the bound socket, and the actor that reads it (RFC 3261 section 18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.runtime import Actor
from sipsimple.actors.wire.own_address import OwnAddresses
from sipsimple.actors.wire.sockets import UNUSABLE, address_of, address_text, family_of, local_towards
from sipsimple.actors.wire.waiting import Readable
from sipsimple.errors import RemoteProtocolError, TransportFailed
from sipsimple.protocols.sip.message import parse
from sipsimple.protocols.sip.transport import Flow

if TYPE_CHECKING:
    from sipsimple.actors.wire.receiver import Receiver, Trace
    from sipsimple.actors.wire.sockets import Address, Socket

DATAGRAM_BYTES = 65536
BATCH = 64
KEEP_ALIVE_BYTES = b"\r\n\0"
KNOWN_FLOWS = 4096


class UDPPort:
    """A bound UDP socket: sending never waits, one greenlet reads.

    The system's buffer is the only backlog: what finds it full is dropped, as
    the network may drop it, and SIP's retransmissions repair it.

    Attributes:
        local: The bound address.
        dropped: Datagrams that found the system's buffer full.
    """

    __slots__ = ("_flows", "_own", "_readable", "_socket", "_version", "dropped", "family", "local")

    transport = "udp"

    def __init__(self, sock: Socket, own: OwnAddresses | None = None) -> None:
        self.local = address_of(sock.getsockname())
        self.family = family_of(self.local[0])
        self.dropped = 0
        self._socket: Socket | None = sock
        self._readable = Readable(sock.fileno())
        self._flows: dict[Address, Flow] = {}
        self._own = own or OwnAddresses()
        self._version = self._own.version

    def wait(self) -> bool:
        """Wait until datagrams may have come; False once the port is closed."""
        if self._socket is not None:
            self._readable.wait()
        return self._socket is not None

    def take(self) -> tuple[bytes, Address] | None:
        """Return one datagram and its source; None when nothing waits."""
        if self._socket is None:
            return None
        try:
            data, source = self._socket.recvfrom(DATAGRAM_BYTES)
        except OSError:  # nothing waits, or an ICMP error about what was sent, which only retransmissions answer
            return None
        return data, source if len(source) == 2 else address_of(source)

    def send(self, data: bytes, remote: Address) -> None:
        """Send one datagram to a numeric address.

        Raises:
            TransportFailed: The system refuses this datagram or this address, or the port is closed.
        """
        try:
            if self._socket is None:
                raise ConnectionError("the port is closed")
            if family_of(remote[0]) != self.family:
                raise ConnectionError("not an address of the port's family")  # a name would wait for DNS
            self._socket.sendto(data, remote)
        except BlockingIOError:
            self.dropped += 1
        except UNUSABLE as error:
            peer = address_text(remote)
            reason = getattr(error, "strerror", None) or error
            raise TransportFailed(f"cannot send to {peer}: {str(reason).lower()}", peer, "udp") from error

    def flow_from(self, source: Address) -> Flow:
        """The flow to where a datagram came from."""
        own = self._own
        flow = self._flows.get(source)
        if flow is None or own.version != self._version:
            if len(self._flows) >= KNOWN_FLOWS or own.version != self._version:
                self._flows.clear()
                self._version = own.version
            local = own.towards("udp", source, local_towards(self.local, source[0]))
            flow = self._flows[source] = Flow("udp", local, source)
        return flow

    def close(self) -> None:
        """Close the socket; the reader's `wait` returns False."""
        if self._socket is not None:
            self._readable.close()
            self._socket.close()
            self._socket = None


class UDPReader(Actor):
    """Reads the datagrams of one port and gives each message to the receiver.

    A reader that crashed goes on with the next datagram: the port and what waits in it are not its own.
    """

    def __init__(self, port: UDPPort, receiver: Receiver, trace: Trace) -> None:
        super().__init__()
        self.port = port
        self.receiver = receiver
        self.trace = trace

    def run(self) -> None:
        """Read until the port is closed; everybody else has a turn after each batch."""
        port = self.port
        take = port.take
        while port.wait():
            for _ in range(BATCH):
                datagram = take()
                if datagram is None:
                    break
                self._deliver(*datagram)

    def _deliver(self, data: bytes, source: Address) -> None:
        flow = self.port.flow_from(source)
        if self.trace.hook is not None:
            self.trace.hook(True, data, flow)
        if not data.strip(KEEP_ALIVE_BYTES):
            return  # a keep-alive; over UDP it asks for no answer
        try:
            message = parse(data)
        except RemoteProtocolError as error:
            self.receiver.malformed(data, error, flow)
        else:
            self.receiver.receive(message, flow)
