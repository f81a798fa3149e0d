"""Where peers outside reach us, where that is not where we listen: in a container, or behind NAT with forwarded ports.

RFC: 3261 8.1.1.8, 18.1.1; 8866 5.7; 4975 6.
"""

from __future__ import annotations

from socket import AF_INET
from typing import TYPE_CHECKING, Any

from sipsimple.actors.wire.own_address import Advertised
from sipsimple.actors.wire.sockets import family_of
from sipsimple.api import checking
from sipsimple.api.uri import is_host
from sipsimple.errors import LocalProtocolError

if TYPE_CHECKING:
    from sipsimple.api.engine.options import EngineOptions
    from sipsimple.api.session.session import Session


def host_or_none(name: str, value: Any) -> str | None:
    """Return a host name or an IP literal, or None."""
    if value is None:
        return None
    if not isinstance(value, str) or not is_host(value):
        raise ValueError(f"{name} must be a host name or an IP literal, not {value!r}")
    return value.strip("[]")


def port_or_none(name: str, value: Any) -> int | None:
    """Return a port that is not 0, or None."""
    return None if value is None else checking.integer(name, value, 1, 65535)


def networks(name: str, value: Any) -> tuple[str, ...]:
    """Return networks like `10.0.0.0/8`."""
    inside = checking.texts(name, value, "networks")
    try:
        Advertised("localhost", None, inside)
    except LocalProtocolError as error:
        raise ValueError(f"{name} must be networks like 10.0.0.0/8, not {value!r}") from error
    return inside


def advertised(options: EngineOptions, transport: str = "udp") -> Advertised | None:
    """Return what Via and Contact say for a SIP transport; None: where we listen."""
    if options.advertised_host is None:
        return None
    port = getattr(options, f"advertised_{transport}_port")
    return Advertised(options.advertised_host, port, options.advertised_inside)


def is_ipv4(host: str) -> bool:
    """Tell whether a host is an IPv4 literal: the audio processes write no other into the `c=` line."""
    return family_of(host) == AF_INET


def peer_host(session: Session) -> str | None:
    """Return the host that SIP is spoken with; None while it is being looked up."""
    call = session.call
    return None if call is None or call.flow is None else call.flow.remote[0]


def media_host(options: EngineOptions, own: str, peer: str | None) -> str:
    """Return what an MSRP path or the `c=` line says.

    Args:
        options: Of the engine.
        own: The address that we listen on.
        peer: The host that SIP is spoken with; None while it is not known: then it counts as outside.
    """
    outside = advertised(options)
    if outside is None:
        return own
    return outside.host if peer is None else outside.address_for(peer, (own, 0))[0]
