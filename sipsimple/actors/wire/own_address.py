"""What our Via and Contact say to each far end: the address that it reaches us at.

A listener's own address is right where nothing stands between. Behind NAT or
in a container the operator tells the outside address; or the far end tells how
it saw us, in the top Via of its responses.

RFC: 3261 18.2.1, 3581 4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from sipsimple.actors.wire.sockets import family_of
from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sip.grammar import bracketed, unbracketed
from sipsimple.protocols.sip.uri import URI

if TYPE_CHECKING:
    from sipsimple.actors.wire.sockets import Address
    from sipsimple.protocols.sip.headers.via import Via

PEERS = 4096


@dataclass(frozen=True, slots=True)
class Advertised:
    """Where far ends outside reach one transport of ours.

    Attributes:
        host: An address, without brackets, or a name.
        port: None: the port that we listen on.
        inside: Networks, like `10.0.0.0/8`, whose hosts reach us at our own address.

    Raises:
        LocalProtocolError: The host is none, or a network is none.
    """

    host: str
    port: int | None = None
    inside: tuple[str, ...] = ()
    _networks: tuple[IPv4Network | IPv6Network, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            URI.parse(f"sip:{bracketed(self.host)}")
            networks = tuple([ip_network(each) for each in self.inside])
        except (RemoteProtocolError, ValueError) as error:
            raise LocalProtocolError(f"cannot advertise {self.host!r} outside {self.inside}: {error}") from error
        if self.port is not None and not 0 < self.port < 65_536:
            raise LocalProtocolError(f"cannot advertise port {self.port!r}")
        object.__setattr__(self, "_networks", networks)

    def address_for(self, remote_host: str, bound: Address) -> Address:
        """What to say to a far end that reaches us at `bound` if nothing stands between."""
        family = family_of(self.host)
        if family is not None and family != family_of(remote_host):
            return bound
        if self._networks:
            remote = ip_address(remote_host)
            if any(remote in each for each in self._networks):
                return bound
        return self.host, self.port or bound[1]


def seen_from_outside(via: Via) -> Address | None:
    """Return where the far end saw the request come from whose response bears this Via; None when it does not say."""
    try:
        host, port = via.received, via.rport
    except RemoteProtocolError:
        return None
    if host is None or port is None or family_of(unbracketed(host)) is None:
        return None
    return unbracketed(host), port


class OwnAddresses:
    """Our addresses as the far ends need them.

    Attributes:
        version: Goes up with each change, for who keeps what was said.
    """

    __slots__ = ("_advertised", "_learned", "version")

    def __init__(self) -> None:
        self.version = 0
        self._advertised: dict[str, Advertised] = {}
        self._learned: dict[tuple[str, Address], Address] = {}

    @property
    def has_learned(self) -> bool:
        """Whether any far end sees us elsewhere than where we are."""
        return bool(self._learned)

    def advertise(self, transport: str, advertised: Advertised | None) -> None:
        """Say this address of a transport from now on; None for our own."""
        self._advertised.pop(transport, None)
        if advertised is not None:
            self._advertised[transport] = advertised
        self.version += 1

    def forget(self) -> None:
        """Know no more how far ends see us; what was kept of our own addresses is old, too."""
        self._learned.clear()
        self.version += 1

    def learn(self, transport: str, remote: Address, bound: Address, seen: Address) -> None:
        """Say to `remote` from now on what it says itself, as long as it differs from our own host.

        The same host with another port is no NAT: it is the port of an outgoing connection.
        """
        key = transport, remote
        outside = seen if seen[0] != bound[0] else None
        if self._learned.get(key) == outside:
            return
        self._learned.pop(key, None)
        if outside is not None:
            if len(self._learned) >= PEERS:
                del self._learned[next(iter(self._learned))]
            self._learned[key] = outside
        self.version += 1

    def towards(self, transport: str, remote: Address, bound: Address) -> Address:
        """What to say to `remote`: what is advertised, else what it told, else `bound`.

        Who advertises knows better: what a far end sees may be the port of a mapping that will not last.
        """
        if transport in self._advertised:
            return self.advertised(transport, remote[0], bound)
        learned = self._learned.get((transport, remote)) if self._learned else None
        return learned or bound

    def advertised(self, transport: str, remote_host: str, bound: Address) -> Address:
        """What to say to a host of which nothing was learned."""
        advertised = self._advertised.get(transport)
        return bound if advertised is None else advertised.address_for(remote_host, bound)
