"""From a SIP URI to a flow: IP literals at once, host names by a look-up of their own.

RFC: 3261 18.1.1, 26.2.2; 3263 4.2 (A and AAAA records).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gevent import socket as cooperative

from sipsimple.actors.runtime import Actor, ChildSpec, Ref, Restart, Supervisor
from sipsimple.errors import LocalProtocolError, RemoteProtocolError, TransportFailed
from sipsimple.protocols.sip.grammar import is_ip_literal, unbracketed
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.transport import default_port
from sipsimple.protocols.sip.uri import URI
from sipsimple.protocols.sip.usage.events import TargetFailed, TargetResolved

if TYPE_CHECKING:
    from sipsimple.actors.wire.transports import Transports


@dataclass(frozen=True, slots=True)
class NextHop:
    """Where a request goes: host, port and transport, as its next hop's URI says."""

    host: str
    port: int
    transport: str


def next_hop(text: str, transport: str | None = None) -> NextHop:
    """Read a Route value or a URI; `transport` overrides what it says, though never that `sips:` means TLS.

    Raises:
        RemoteProtocolError: It is no SIP URI.
    """
    uri = Address.parse(text).uri if "<" in text else URI.parse(text)
    chosen = "tls" if uri.scheme == "sips" else (transport or uri.transport or "udp").lower()
    return NextHop(unbracketed(uri.host), uri.port or default_port(chosen), chosen)


class Lookup(Actor):
    """Looks one host name up and tells the outcome; begins again when it is killed."""

    def __init__(self, hop: NextHop, transports: Transports, asker: Ref) -> None:
        super().__init__()
        self.hop = hop
        self.transports = transports
        self.asker = asker

    def run(self) -> None:
        """Ask the resolver of the host."""
        hop = self.hop
        try:
            found = cooperative.getaddrinfo(hop.host, hop.port, type=cooperative.SOCK_DGRAM)
            flow = self.transports.flow_to(hop.transport, str(found[0][4][0]), hop.port, hop.host)
        except OSError as error:
            self.asker.tell(TargetFailed(f"{hop.host} has no address: {error}"))
        except (LocalProtocolError, TransportFailed) as error:
            self.asker.tell(TargetFailed(error.reason))
        else:
            self.asker.tell(TargetResolved(flow))


class Resolver:
    """Finds flows; a look-up that takes time is a child of `supervisor`."""

    def __init__(self, transports: Transports, supervisor: Supervisor) -> None:
        self.transports = transports
        self.supervisor = supervisor
        self._lookups = 0

    def resolve(self, text: str, transport: str | None, asker: Ref) -> TargetResolved | TargetFailed | None:
        """Return the outcome when it is known at once; else None, and `asker` is told."""
        try:
            hop = next_hop(text, transport)
            if is_ip_literal(hop.host):
                return TargetResolved(self.transports.flow_to(hop.transport, hop.host, hop.port))
        except (LocalProtocolError, RemoteProtocolError, TransportFailed) as error:
            return TargetFailed(error.reason)
        self._lookups += 1
        spec = ChildSpec(f"lookup-{self._lookups}", Lookup, (hop, self.transports, asker), Restart.TRANSIENT)
        self.supervisor.start_child(spec)
        return None
