"""Opening SIP connections, and knowing who is at the other end of a TLS connection.

RFC: 3261 26.3.1; 5922 7.2, 7.3.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.stream import Stream
from sipsimple.actors.wire.tls_identity import Identities, must_bear
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.errors import TransportFailed

if TYPE_CHECKING:
    from sipsimple.actors.wire.connection import Connection
    from sipsimple.actors.wire.sockets import Address, Socket
    from sipsimple.actors.wire.tls import Contexts

CONNECT_TIMEOUT = 10.0


def dial(transport: str, remote: Address, name: str, contexts: Contexts) -> Stream:
    """Connect; of a TLS connection the handshake, which verifies `name`, is still to come.

    Raises:
        TransportFailed: Nobody answers, or no certificate could bear this name.
    """
    if transport != "tls":
        return Stream(_connected(remote), remote)
    try:
        name.encode("idna")
    except UnicodeError as error:
        peer = sockets.address_text(remote)
        raise TransportFailed(f"no certificate can bear the name {name!r}", peer, "tls") from error
    verify = partial(must_bear, name) if contexts.verifies_servers else None
    return TLSStream(_connected(remote), remote, contexts.client, server_name=name, verify=verify)


def proved(connection: Connection, contexts: Contexts) -> Identities | None:
    """Whom the far end of an open connection has proved to be; None when nobody verified it."""
    stream = connection.stream
    trust = contexts.client if connection.is_dialled else contexts.server
    if stream is None or stream.peer_certificate is None or not trust.verify_mode:
        return None
    return Identities.of(stream.peer_certificate)


def may_carry(connection: Connection, name: str, contexts: Contexts) -> bool:
    """Whether what is for the domain `name` may go over a connection to its address (RFC 5922 7.3)."""
    if connection.flow.transport != "tls" or not contexts.verifies_servers:
        return True
    if connection.identities is not None:
        return connection.identities.include(name)
    return connection.is_dialled and connection.name == name  # it is opening, and will be verified


def _connected(remote: Address) -> Socket:
    sock = sockets.connect(*remote, CONNECT_TIMEOUT)
    sockets.keep_alive(sock)
    return sock
