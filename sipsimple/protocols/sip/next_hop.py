"""Where the next request of a dialog goes, and whether a flow that there is leads there.

A connection serves as long as the next hop is at its end, whatever a peer forgets to say of its transport. At the end
of one that the peer opened is also where its Via says that it listens: it is the same peer, and nothing else may reach
one behind NAT.

RFC: 3261 8.1.2, 12.2.1.1, 18.2.2, 19.1.1; 3263 4; 5923 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import unbracketed
from sipsimple.protocols.sip.resolve.targets import Destination
from sipsimple.protocols.sip.transport import Flow, default_port
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.headers.via import Via

TRANSPORTS = frozenset({"udp", "tcp", "tls"})


def next_hop(dialog: Dialog) -> str:
    """Return what the next request is sent to: the value of the first route, else the peer's Contact."""
    return dialog.route_set[0] if dialog.route_set else dialog.remote_target


def towards(flow: Flow, hop: str) -> Flow | None:
    """Return the flow to a next hop, `flow` itself if it leads there; None: it is a name, which is to be looked up.

    A next hop that no transport of ours reaches is left to `flow`.

    Raises:
        RemoteProtocolError: It cannot be read.
    """
    destination = Destination.parse(hop)
    transport = _transport_of(destination)
    if transport not in TRANSPORTS or not destination.host:
        return flow
    if not destination.is_numeric:
        return None
    if _is_at_end(flow, destination):
        return flow
    remote = destination.host, destination.port or default_port(transport)
    if transport != flow.transport:
        return Flow(transport, (flow.local[0], 0), remote)
    return flow if remote == flow.remote else replace(flow, remote=remote, connection=None, back=None)


def around(flow: Flow, hop: str) -> Flow | None:
    """Return the flow to a next hop now that the connection of `flow` is lost; None: that has to be looked up."""
    lost = replace(flow, remote=("", 0), connection=None, back=None)
    way = towards(lost, hop)
    return None if way is lost else way


def still(flow: Flow | None, hop: str) -> Flow | None:
    """Return `flow` where it leads to a next hop, else None: then that is to be looked up."""
    try:
        return flow if flow is None or towards(flow, hop) is flow else None
    except RemoteProtocolError:
        return flow


def is_same(hop: str, other: str) -> bool:
    """Tell whether two next hops are one place: then whoever serves at the one goes on to serve."""
    return hop == other or Destination.parse(hop) == Destination.parse(other)


def is_sender(via: Via, flow: Flow, hop: str) -> bool:
    """Tell whether a next hop is who sent the request with this `via` by `flow`: then the connection leads there.

    Raises:
        RemoteProtocolError: It cannot be read.
    """
    destination = Destination.parse(hop)
    port = via.port or default_port(flow.transport)
    if destination.host == unbracketed(via.host).lower():
        return (destination.port or default_port(flow.transport)) == port
    return _is_at_end(flow, destination)


def _is_at_end(flow: Flow, destination: Destination) -> bool:
    """Tell whether a connection leads to a destination; a port counts where one is written."""
    host, port = destination.host, destination.port
    ends = (flow.remote,) if flow.back is None else (flow.remote, flow.back)
    return flow.reliable and any(host == end[0] and port in (None, end[1]) for end in ends)


def _transport_of(destination: Destination) -> str:
    return destination.transport or ("tls" if destination.is_secure else "udp")
