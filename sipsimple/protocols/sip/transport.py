"""What SIP says about its transports: Via on the way out, received and rport on the way in (RFC 3261 §18, RFC 3581)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.protocols.sip.grammar import bracketed, split_list, unbracketed
from sipsimple.protocols.sip.headers.parameters import with_parameter
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.headers.via import Via
    from sipsimple.protocols.sip.message import Request

HostPort: TypeAlias = tuple[str, int]

MAX_UDP_SIZE = 1300
"""Most bytes of a request that goes by UDP where the path MTU is not known (RFC 3261 §18.1.1)."""


class Flow(Value):
    """The way between us and one peer: a pair of addresses, and for streams the connection.

    Attributes:
        transport: "udp", "tcp" or "tls".
        local: Our address and port, an IPv6 address without brackets.
        remote: The peer's.
        connection: The number of the connection; None for UDP.
        back: Where whoever sent a request by the connection takes responses when it has ended; None: at `remote`.
    """

    transport: str
    local: HostPort
    remote: HostPort
    connection: int | None = None
    back: HostPort | None = None

    @property
    def reliable(self) -> bool:
        """Whether the transport itself repeats what is lost."""
        return self.transport != "udp"


def via_value(flow: Flow, branch: str) -> str:
    """Return the Via value of a request that we send over `flow`; no port stands there when nothing listens."""
    return f"SIP/2.0/{flow.transport.upper()} {host_port(flow.local)};branch={branch};rport"


def host_port(address: HostPort) -> str:
    """Write an address for a header or a URI; port 0 means that none is known."""
    host, port = address
    return f"{bracketed(host)}:{port}" if port else bracketed(host)


def default_port(transport: str) -> int:
    """Return the port of a transport where none is written."""
    return 5061 if transport.lower() == "tls" else 5060


def too_big_for_udp(size: int) -> bool:
    """Tell whether a request of `size` bytes must go by a congestion controlled transport."""
    return size > MAX_UDP_SIZE


def stamp_received(request: Request, host: str, port: int) -> Request:
    """Write into the top Via where the request really came from.

    `received` is set when the sent-by differs from the source, when the sender
    asks for `rport`, and when the sender wrote one itself, which is not its business.

    RFC: 3261 §18.2.1, 3581 §4.
    """
    via = request.via
    if not via.wants_rport and via.received is None and unbracketed(via.host).lower() == host.lower():
        return request
    parameters = with_parameter(via.parameters, "received", host)
    if via.wants_rport:
        parameters = with_parameter(parameters, "rport", str(port))
    first, *rest = request.headers["via"]
    below = split_list(first)[1:] if "," in first else []
    return request.replacing({"Via": [str(replace(via, parameters=parameters)), *below, *rest]})


def sent_by(via: Via) -> HostPort:
    """Return where the sender of a stamped request listens, as it says: for responses whose connection is gone.

    RFC: 3261 §18.2.2.
    """
    return unbracketed(via.received or via.host), via.port or default_port(via.transport)


def response_target(via: Via, *, follows_maddr: bool = False) -> HostPort:
    """Return where a response goes when there is no connection to send it back on.

    Args:
        via: Of a request that was stamped: it goes to the host that this came from.
        follows_maddr: Unless the sender names another address in `maddr`.

    RFC: 3261 §18.2.2, 3581 §4.
    """
    port = via.port or default_port(via.transport)
    multicast = via.parameter("maddr") if follows_maddr else None
    if multicast:
        return unbracketed(multicast), port
    if via.received:
        return unbracketed(via.received), via.rport or port
    return unbracketed(via.host), port
