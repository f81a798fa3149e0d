"""How many connections far ends may open, and who has to go first."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.message import MAX_SIZE

if TYPE_CHECKING:
    from sipsimple.actors.wire.connection import Connection

SWEEPS = 4  # in the shortest time that is watched


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Bounds on SIP connections.

    Attributes:
        total: Open at once, ours and theirs.
        per_source: Accepted from one address, or from one IPv6 network of 64 bits.
        strangers: Accepted, but without a whole message yet; one more costs the oldest.
        silence: Seconds until a stranger is given up.
        idle: Seconds without a byte until a connection is given up; a session timer of RFC 4028 is shorter.
        message_bytes: Size of one message; a connection that brings a greater one is answered 513 and ended.

    Raises:
        LocalProtocolError: One is not above 0.
    """

    total: int = 10_000
    per_source: int = 2_000
    strangers: int = 1_000
    silence: float = 32.0
    idle: float = 1800.0
    message_bytes: int = MAX_SIZE

    def __post_init__(self) -> None:
        if min(self.total, self.per_source, self.strangers, self.silence, self.idle, self.message_bytes) <= 0:
            raise LocalProtocolError(f"limits of connections are above 0: {self}")

    @property
    def sweep(self) -> float:
        """Seconds between two looks at all connections."""
        return min(self.silence, self.idle) / SWEEPS


class Door:
    """The accepted connections: how many from where, and which have said nothing yet."""

    __slots__ = ("_by_source", "_sources", "_strangers")

    def __init__(self) -> None:
        self._by_source: dict[str, int] = {}
        self._sources: dict[Connection, str] = {}
        self._strangers: dict[Connection, None] = {}

    @property
    def strangers(self) -> int:
        """How many have said nothing yet."""
        return len(self._strangers)

    def count(self, host: str) -> int:
        """How many came from where this host is."""
        return self._by_source.get(source_of(host), 0)

    def oldest_stranger(self) -> Connection | None:
        """Who has been silent for longest."""
        return next(iter(self._strangers), None)

    def enter(self, connection: Connection) -> None:
        """Count one."""
        source = source_of(connection.flow.remote[0])
        self._sources[connection] = source
        self._by_source[source] = self._by_source.get(source, 0) + 1
        self._strangers[connection] = None

    def introduce(self, connection: Connection) -> None:
        """Take one off the list of strangers."""
        self._strangers.pop(connection, None)

    def leave(self, connection: Connection) -> None:
        """Count one less, if it was counted."""
        self._strangers.pop(connection, None)
        source = self._sources.pop(connection, None)
        if source is None:
            return
        self._by_source[source] -= 1
        if not self._by_source[source]:
            del self._by_source[source]


def source_of(host: str) -> str:
    """Return what counts as one source: an IPv4 address, or the network that one IPv6 customer has."""
    if ":" not in host:
        return host
    return IPv6Address(host.partition("%")[0]).packed[:8].hex()
