"""A session description: RFC 8866, as SIP uses it.

Reading is lenient where peers are known to be careless (LF line ends, blank
lines, no s= or t= line, blanks in the user name) and a document that was read
is written back byte by byte. What this side builds is strict.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sdp.direction import SENDRECV
from sipsimple.protocols.sdp.media import Attribute, Connection, Media, attribute, direction_in, in_order, number
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTENT_TYPE = "application/sdp"

_HIGHEST = 2**64 - 1
_MAX_MEDIA = 256


class Origin(Value):
    """The o= line: who describes the session, and which version of it this is."""

    username: str
    session_id: int
    session_version: int
    address: str
    address_type: str = "IP4"
    network: str = "IN"

    @classmethod
    def parse(cls, value: str) -> Origin:
        """Read the value of an o= line."""
        parts = value.rsplit(None, 5)  # from the right: some user names hold blanks
        if len(parts) != 6:
            raise RemoteProtocolError("bad origin line")  # a line of a body may hold a key, whatever it should be
        username, session_id, version, network, address_type, address = parts
        ids = number(session_id, "session id", _HIGHEST), number(version, "session version", _HIGHEST)
        return cls(username, *ids, address, address_type, network)

    def __str__(self) -> str:
        ids = f"{self.session_id} {self.session_version}"
        return f"{self.username} {ids} {self.network} {self.address_type} {self.address}"


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """One SDP document; `bytes()` of it is the body to send.

    Attributes:
        origin: The o= line.
        name: The s= line.
        media: The media descriptions; an index into them names a stream for the life of the session.
        connection: The c= line of the session, for all media without their own.
        attributes: Of the session.
        times: The first t= line.
        others: The session's lines of other types, whole.
    """

    origin: Origin
    name: str
    media: tuple[Media, ...]
    connection: Connection | None = None
    attributes: tuple[Attribute, ...] = ()
    times: str = "0 0"
    others: tuple[str, ...] = ()
    # not an argument, so that no copy with changed fields can keep it
    _source: bytes = field(default=b"", init=False, repr=False, compare=False)

    @classmethod
    def parse(cls, data: bytes | str) -> SessionDescription:
        """Read a document.

        Raises:
            RemoteProtocolError: 400: it is not SDP.
        """
        source = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else bytes(data)
        lines = _lines(source)
        starts = [index for index, line in enumerate(lines) if line.startswith("m=")]
        if len(starts) > _MAX_MEDIA:
            raise RemoteProtocolError(f"SDP with {len(starts)} media lines")
        ends = [*starts[1:], len(lines)]
        media = tuple(Media.parse(lines[start:end]) for start, end in zip(starts, ends, strict=False))
        parsed = _session(lines[: starts[0]] if starts else lines, media)
        object.__setattr__(parsed, "_source", source)
        return parsed

    @classmethod
    def create(
        cls,
        session_id: int,
        address: str,
        name: str,
        media: Iterable[Media],
        *,
        version: int | None = None,
        times: str = "0 0",
    ) -> SessionDescription:
        """Describe a session of ours.

        Args:
            session_id: Number of this session, unique for this host; by custom seconds since 1900.
            address: IP address of o= and of the session's c= line.
            name: The s= line; `-` when there is none.
            media: In the order of their m= lines.
            version: First version; `session_id` by default.
            times: The t= line; that of the offer in an answer.
        """
        connection = Connection.to(address)
        numbered = session_id if version is None else version
        origin = Origin("-", session_id, numbered, address, connection.address_type)
        return cls(origin, name or "-", tuple(media), connection, times=times)

    def __bytes__(self) -> bytes:
        if not self._source:
            object.__setattr__(self, "_source", _written(self))
        return self._source

    def with_(self, **changes: Any) -> SessionDescription:
        """Return a copy with the given fields changed."""
        return dataclasses.replace(self, **changes)

    def next_version(self) -> SessionDescription:
        """Return a copy whose version is one up, as any changed description must be (RFC 3264 section 8)."""
        return self.with_(origin=replace(self.origin, session_version=self.origin.session_version + 1))

    def attribute(self, name: str) -> str | None:
        """The value of the session's first attribute of that name: None without one, empty for a flag."""
        return next((each.value or "" for each in self.attributes if each.name == name), None)

    def connection_of(self, media: Media) -> Connection | None:
        """Where `media` is sent to: its own c= line, else that of the session."""
        return media.connection or self.connection

    def direction_of(self, media: Media) -> str:
        """The direction of `media`: its own, else that of the session, else sendrecv."""
        return media.own_direction or direction_in(self.attributes) or SENDRECV


def outline(source: bytes) -> tuple[str, tuple[Media, ...]]:
    """The t= line and the bare m= lines of a document that was read before, at a fraction of the cost of reading it."""
    lines = source.decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n")
    times = next((line[2:] for line in lines if line.startswith("t=")), "0 0")
    return times, tuple(Media.parse((line,)) for line in lines if line.startswith("m="))


def _lines(source: bytes) -> list[str]:
    text = source.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    if "\r" in text or "\0" in text:
        raise RemoteProtocolError("SDP with a CR or NUL inside a line")
    lines = [line for line in text.split("\n") if line]
    if not lines or lines[0].rstrip() != "v=0":
        raise RemoteProtocolError("SDP does not start with v=0")
    for count, line in enumerate(lines, 1):
        if line[1:2] != "=":
            raise RemoteProtocolError(f"not a line of SDP: line {count}, blank ones left out")  # it may hold a key
    return lines


def _session(lines: list[str], media: tuple[Media, ...]) -> SessionDescription:
    """Read the lines before the first m= line; of a line that must be single, the first counts."""
    single: dict[str, str] = {}
    attributes: list[Attribute] = []
    others: list[str] = []
    for line in lines[1:]:
        kind = line[0]
        if kind == "a":
            attributes.append(attribute(line))
        elif kind in "osct" and kind not in single:
            single[kind] = line[2:]
        else:
            others.append(line)
    if "o" not in single:
        raise RemoteProtocolError("SDP without an origin line")
    connection = Connection.parse(single["c"]) if "c" in single else None
    origin, name, times = Origin.parse(single["o"]), single.get("s", "-"), single.get("t", "0 0")
    return SessionDescription(origin, name, media, connection, tuple(attributes), times, tuple(others))


def _written(document: SessionDescription) -> bytes:
    lines = ["v=0", f"o={document.origin}", f"s={document.name}"]
    if document.connection:
        lines.append(f"c={document.connection}")
    lines.append(f"t={document.times}")
    if document.others:
        lines = in_order((*lines, *document.others))
    lines += [f"a={each}" for each in document.attributes]
    for media in document.media:
        lines += media.lines()
    lines.append("")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise LocalProtocolError("SDP value with a line break in it")
    return text.encode("utf-8", "surrogateescape")
