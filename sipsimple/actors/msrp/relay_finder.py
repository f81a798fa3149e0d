"""Finding and reaching an MSRP relay: SRV records, or a given host, then TCP and TLS (RFC 4976 section 5.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import TYPE_CHECKING

import dns.exception
import dns.resolver
from gevent import get_hub

from sipsimple.actors.msrp.connection import BACKLOG_LIMIT_BYTES, DIAL_TIMEOUT
from sipsimple.actors.msrp.messages import ConnectionFailed, ConnectionMade
from sipsimple.actors.runtime import Actor, Ref
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.stream import Stream
from sipsimple.actors.wire.tls import verifying_context
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.errors import TransportFailed
from sipsimple.protocols.msrp.uri import DEFAULT_PORT
from sipsimple.protocols.sip.grammar import bracketed

if TYPE_CHECKING:
    import ssl

    from sipsimple.actors.wire.sockets import Address

LOOKUP_TIMEOUT = 5.0
MAX_ADDRESSES = 8


@dataclass(frozen=True, slots=True)
class RelayTarget:
    """Which relay to use.

    Attributes:
        domain: Of the user; what the AUTH is addressed to and the certificate must bear.
        host: Where to connect; None looks for SRV records of the domain.
        port: Of the host; None is 2855.
        tls: Speak TLS with it.
    """

    domain: str
    host: str | None = None
    port: int | None = None
    tls: bool = True

    @property
    def uri(self) -> str:
        """The relay's URI, without a session id."""
        return f"{'msrps' if self.tls else 'msrp'}://{bracketed(self.domain)};tcp"

    @property
    def service(self) -> str:
        """The name of its SRV records."""
        return f"_{'msrps' if self.tls else 'msrp'}._tcp.{self.domain}"


@dataclass(frozen=True, slots=True)
class Service:
    """One SRV record."""

    priority: int
    weight: int
    host: str
    port: int


LookUp = Callable[[str], list[Service]]


def look_up(name: str) -> list[Service]:
    """Ask the DNS for SRV records, in a thread so that the hub goes on; none, or no answer, is an empty list."""
    found: list[Service] = get_hub().threadpool.apply(_query, (name,))
    return found


def _query(name: str) -> list[Service]:
    try:
        answer = dns.resolver.resolve(name, "SRV", lifetime=LOOKUP_TIMEOUT, search=False)
    except (dns.exception.DNSException, OSError):
        return []
    return [Service(each.priority, each.weight, each.target.to_text(True), each.port) for each in answer]


def in_order(services: Iterable[Service], random: Random) -> list[Service]:
    """Order records by priority, and by chance among those of equal priority, weighted (RFC 2782)."""
    ordered: list[Service] = []
    left = [each for each in services if each.host not in ("", ".")]
    while left:
        first = min(each.priority for each in left)
        equals = [each for each in left if each.priority == first]
        # a weight of 0 keeps a very small chance
        chosen = random.choices(equals, [each.weight or 0.01 for each in equals])[0]
        ordered.append(chosen)
        left.remove(chosen)
    return ordered


def addresses(target: RelayTarget, find: LookUp, random: Random) -> list[Address]:
    """Where to connect, in the order to try."""
    if target.host is not None:
        return [(target.host, target.port or DEFAULT_PORT)]
    found: list[Service] = []
    if sockets.family_of(target.domain) is None:
        found = in_order(find(target.service), random)
    return [(each.host, each.port) for each in found[:MAX_ADDRESSES]] or [(target.domain, target.port or DEFAULT_PORT)]


@dataclass(frozen=True, slots=True)
class RelayLookedUp:
    """What SRV records the domain has for its relay; none when there is no relay."""

    services: tuple[Service, ...]


class MSRPRelayFinder(Actor):
    """Looks for the relay of a domain, tells `owner`, and ends."""

    def __init__(self, owner: Ref, target: RelayTarget, find: LookUp = look_up) -> None:
        super().__init__()
        self.owner = owner
        self.target = target
        self.find = find

    def run(self) -> None:
        """Look them up."""
        self.owner.tell(RelayLookedUp(tuple(in_order(self.find(self.target.service), Random()))))  # noqa: S311


class MSRPRelayDialer(Actor):
    """Opens the connection to a relay, tells the actor that keeps it, and ends.

    Args:
        relay: Told `ConnectionMade` or `ConnectionFailed`.
        target: Which relay.
        context: For TLS; None for one that trusts the system's authorities.
        find: Looks SRV records up.
        timeout: Seconds for each address.
    """

    def __init__(
        self,
        relay: Ref,
        target: RelayTarget,
        context: ssl.SSLContext | None = None,
        find: LookUp = look_up,
        timeout: float = DIAL_TIMEOUT,
    ) -> None:
        super().__init__()
        self.relay = relay
        self.target = target
        self.context = context
        self.find = find
        self.timeout = timeout

    def run(self) -> None:
        """Try one address after another."""
        reason = "the relay has no address"
        for address in addresses(self.target, self.find, Random()):  # noqa: S311 - spreads load, hides nothing
            try:
                stream = self._dial(address)
            except TransportFailed as error:
                reason = error.reason
                self.log.info("connection.failed", reason=reason, remote=address)
                continue
            self.log.info("connection.opened", remote=stream.remote, tls=self.target.tls)
            if not self.relay.tell(ConnectionMade(stream)):
                stream.close()
            return
        self.relay.tell(ConnectionFailed(reason))

    def _dial(self, address: Address) -> Stream:
        begun = monotonic()
        sock = sockets.connect(*address, self.timeout)
        remote = sockets.remote_address(sock, address)
        if not self.target.tls:
            return Stream(sock, remote, BACKLOG_LIMIT_BYTES)
        context = self.context or verifying_context()
        # who was named by the user must be who answers, whatever the DNS says
        name = self.target.host or self.target.domain
        stream = TLSStream(sock, remote, context, server_name=name, backlog_limit=BACKLOG_LIMIT_BYTES)
        try:
            stream.handshake(max(0.0, self.timeout - (monotonic() - begun)))
        except BaseException:  # also when this actor is killed
            stream.close(flush=False)
            raise
        return stream
