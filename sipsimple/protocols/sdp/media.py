"""One media description of SDP: the m= line and what belongs to it. RFC 8866 section 5.14."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp.direction import DIRECTIONS, SENDRECV
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SECRET = frozenset({"crypto", "ice-pwd"})
_RANK = {kind: rank for rank, kind in enumerate("vosiuepcbtrzk")}


class Attribute(Value):
    """An a= line; `value` is None for a flag such as `a=sendonly`."""

    name: str
    value: str | None = None

    def __str__(self) -> str:
        return self.name if self.value is None else f"{self.name}:{self.value}"

    def __repr__(self) -> str:
        """For logs and tracebacks: without keys."""
        return f"<Attribute {self.name}:...>" if self.name in _SECRET else f"<Attribute {self}>"


class Connection(Value):
    """A c= line; the address keeps a `/ttl` when it has one."""

    address: str
    address_type: str = "IP4"
    network: str = "IN"

    @classmethod
    def parse(cls, value: str) -> Connection:
        """Read the value of a c= line."""
        parts = value.split()
        if len(parts) != 3:
            raise RemoteProtocolError("bad connection line")
        return cls(parts[2], parts[1], parts[0])

    @classmethod
    def to(cls, address: str) -> Connection:
        """For an IP address in text; its family follows from the colon."""
        return cls(address, "IP6" if ":" in address else "IP4")

    @property
    def is_unspecified(self) -> bool:
        """Whether it is the null address that RFC 2543 put a call on hold with, RFC 3264 section 8.4."""
        return self.address in ("0.0.0.0", "::")  # noqa: S104 compared, never bound

    def __str__(self) -> str:
        return f"{self.network} {self.address_type} {self.address}"


class Media(Value):
    """One media description.

    Attributes:
        kind: `audio`, `message`, ...
        port: 0 when the stream is refused or has ended.
        protocol: `RTP/AVP`, `TCP/MSRP`, ...
        formats: Payload numbers, or `*` for MSRP.
        attributes: In order.
        connection: Its own c= line; None when the one of the session holds.
        port_count: The number after the slash of the port.
        others: Its lines of other types (i=, b=, k=), whole.
    """

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    attributes: tuple[Attribute, ...] = ()
    connection: Connection | None = None
    port_count: int = 1
    others: tuple[str, ...] = ()

    @classmethod
    def parse(cls, lines: Sequence[str]) -> Media:
        """Read the lines of one media description, the m= line first."""
        kind, port, count, protocol, formats = _media_line(lines[0])
        attributes: list[Attribute] = []
        others: list[str] = []
        connection = None
        for line in lines[1:]:
            if line.startswith("a="):
                attributes.append(attribute(line))
            elif line.startswith("c=") and connection is None:
                connection = Connection.parse(line[2:])
            else:
                others.append(line)
        return cls(kind, port, protocol, formats, tuple(attributes), connection, count, tuple(others))

    @property
    def is_rejected(self) -> bool:
        """Whether its port is 0, RFC 3264 sections 6 and 8.2."""
        return self.port == 0

    def attribute(self, name: str) -> str | None:
        """The value of the first attribute of that name: None without one, empty for a flag."""
        for each in self.attributes:
            if each.name == name:
                return each.value or ""
        return None

    def all(self, name: str) -> tuple[str, ...]:
        """The values of every attribute of that name, in order."""
        return tuple([each.value or "" for each in self.attributes if each.name == name])

    @property
    def own_direction(self) -> str | None:
        """The direction that this description itself gives, None if it gives none."""
        return direction_in(self.attributes)

    @property
    def direction(self) -> str:
        """Its direction where the session gives no default: sendrecv unless it says otherwise."""
        return self.own_direction or SENDRECV

    def with_(self, **changes: Any) -> Media:
        """Return a copy with the given fields changed."""
        return replace(self, **changes)

    def with_direction(self, direction: str) -> Media:
        """Return a copy whose only direction attribute is `direction`, in the place of the former one or last."""
        mine = Attribute(direction)
        names = [each.name for each in self.attributes]
        at = next((index for index, name in enumerate(names) if name in DIRECTIONS), len(names))
        others = [each for each in self.attributes if each.name not in DIRECTIONS]
        return replace(self, attributes=(*others[:at], mine, *others[at:]))

    def lines(self) -> list[str]:
        """Write it, in the order that RFC 8866 gives the types."""
        port = f"{self.port}/{self.port_count}" if self.port_count != 1 else f"{self.port}"
        written = [f"c={self.connection}"] if self.connection else []
        if self.others:
            written = in_order((*written, *self.others))
        written.insert(0, " ".join((f"m={self.kind} {port} {self.protocol}", *self.formats)))
        written += [f"a={each}" for each in self.attributes]
        return written


def attribute(line: str) -> Attribute:
    """Read an a= line."""
    name, colon, value = line[2:].partition(":")
    return Attribute(name, value if colon else None)


def direction_in(attributes: Iterable[Attribute]) -> str | None:
    """The first direction among `attributes`."""
    for each in attributes:
        if each.name in DIRECTIONS:
            return each.name
    return None


def in_order(lines: Iterable[str]) -> list[str]:
    """Sort lines by their type, as RFC 8866 section 5 orders them; lines of one type keep their order."""
    return sorted(lines, key=lambda line: _RANK.get(line[0], len(_RANK)))


def number(text: str, what: str, highest: int) -> int:
    """Read an unsigned number of SDP."""
    if not (text.isascii() and text.isdigit()) or len(text) > 20 or (value := int(text)) > highest:
        raise RemoteProtocolError(f"bad {what}")
    return value


def _media_line(line: str) -> tuple[str, int, int, str, tuple[str, ...]]:
    parts = line[2:].split()
    if len(parts) < 3:
        raise RemoteProtocolError("bad media line")
    kind, port, protocol, *formats = parts
    port, slash, count = port.partition("/")
    counted = number(count, "port count", 65535) if slash else 1
    return kind, number(port, "port", 65535), counted, protocol, tuple(formats)
