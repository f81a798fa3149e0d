"""The m=message line of an MSRP session: RFC 4975 section 8.

RFC 4145 and 6135 say who connects, RFC 6714 (CEMA) to where; RFC 7701 section 8 what a chat room can do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp.direction import SENDRECV
from sipsimple.protocols.sdp.media import Attribute, Connection, Media, number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.protocols.sdp.document import SessionDescription

TCP = "TCP/MSRP"
TLS = "TCP/TLS/MSRP"
SCHEMES = {TCP: "msrp://", TLS: "msrps://"}

ACTIVE = "active"
PASSIVE = "passive"
ACTPASS = "actpass"
HOLDCONN = "holdconn"
CEMA = "msrp-cema"
_DEFAULT_PORT, _DISCARD = 2855, 9
_HOP = re.compile(r"(msrps?://)(?:[^@/;]*@)?(\[[^\]]*\]|[^:/;\s]+)(?::([0-9]{1,5}))?(.*)", re.IGNORECASE)
_ANSWERS = {ACTIVE: PASSIVE, PASSIVE: ACTIVE, ACTPASS: PASSIVE, HOLDCONN: HOLDCONN}


@dataclass(frozen=True, slots=True)
class MessageMedia:
    """What an m=message line says.

    Attributes:
        path: MSRP URIs, relays first; the last one is the side's own.
        accept_types: Content types; `*` and `text/*` are patterns.
        accept_wrapped_types: Those taken inside message/cpim only.
        setup: Of RFC 4145, None without one.
        fingerprint: Hash name and hex pairs of the TLS certificate (RFC 8122), None without one.
        protocol: `TCP/MSRP` or `TCP/TLS/MSRP`.
        port: Of its own URI.
        max_size: Bytes that a message may have, None for no limit.
        file_selector: The value of RFC 5547 that tells a file transfer from a chat, None for a chat.
        direction: sendrecv for a chat.
        chatroom: What its side can do as a chat room; None: it is none.
        cema: Its side connects to where c= and m= say, whatever the path says, if the other does so too.
        address: Where that is, of a line that was read; None where no c= line holds.
    """

    path: tuple[str, ...]
    accept_types: tuple[str, ...]
    accept_wrapped_types: tuple[str, ...] = ()
    setup: str | None = None
    fingerprint: str | None = None
    protocol: str = TCP
    port: int = 2855
    max_size: int | None = None
    file_selector: str | None = None
    direction: str = SENDRECV
    chatroom: tuple[str, ...] | None = None
    cema: bool = False
    address: tuple[str, int] | None = field(default=None, compare=False)

    @classmethod
    def from_media(cls, media: Media, session: SessionDescription | None = None) -> MessageMedia:
        """Read a media description that is not rejected.

        Args:
            media: Of kind `message`.
            session: The document it is from; its setup, fingerprint and direction hold where `media` has none.

        Raises:
            RemoteProtocolError: 488: no MSRP, no path or accept-types, or a value that cannot be used.
        """
        protocol = media.protocol.upper()
        if media.kind != "message" or protocol not in SCHEMES:
            raise _unusable(f"{media.kind} over {media.protocol} is not MSRP")
        accept_types = _words(media, "accept-types")
        if not accept_types:
            raise _unusable("MSRP media without accept-types")
        return cls(
            _path(media, protocol),
            accept_types,
            _words(media, "accept-wrapped-types"),
            _setup(_inherited(media, session, "setup")),
            (_inherited(media, session, "fingerprint") or "").strip() or None,
            protocol,
            media.port,
            _max_size(media.attribute("max-size")),
            media.attribute("file-selector"),
            session.direction_of(media) if session else media.direction,
            None if media.attribute("chatroom") is None else _words(media, "chatroom"),
            media.attribute(CEMA) is not None,
            _address(media, session),
        )

    @property
    def is_tls(self) -> bool:
        """Whether the connection to its own URI is TLS."""
        return self.protocol == TLS

    @property
    def is_file_transfer(self) -> bool:
        """Whether a file goes over it; such a line is no chat."""
        return self.file_selector is not None

    @property
    def hop(self) -> str:
        """The URI to connect to.

        That is the first of the path, but that with CEMA what c= and m= say holds where it is another place: somebody
        between the two has changed that.

        RFC: 6714 4.
        """
        return self.path[0] if self.address is None or not self.cema else _moved(self.path[0], *self.address)

    @property
    def is_led_astray(self) -> bool:
        """Whether c= and m= of a line without CEMA lead to where none of its path is: somebody has changed them.

        Names cannot be compared with addresses. Of a side that connects the port says nothing, and 9 that nothing
        does (RFC 4145 4.1).
        """
        if self.cema or self.address is None or not _is_number(self.address[0]):
            return False
        places = [_place(each) for each in self.path]
        if self.setup == ACTIVE and self.port == _DISCARD:
            return False
        host, port = ip_address(self.address[0]), None if self.setup == ACTIVE else self.address[1]
        return not any(each is None or (ip_address(each[0]) == host and port in (None, each[1])) for each in places)

    @property
    def hop_fingerprint(self) -> str | None:
        """That of the certificate to find there: the side's own, unless relays stand before it."""
        return self.fingerprint if len(self.path) == 1 else None

    def to_media(self, connection: Connection | None = None) -> Media:
        """Write it, with `connection` as its own c= line.

        Chat attributes come first, in the order that RFC 4975 lists them and peers write them. With CEMA c= and m=
        say what the first URI of the path says; where that is a name, they cannot, and CEMA is left out.
        """
        port, cema = self.port, None
        if self.cema and (place := _place(self.path[0])) is not None:
            (host, port), cema = place, Attribute(CEMA)
            connection = Connection.to(host)
        values = {
            "path": " ".join(self.path),
            "accept-types": " ".join(self.accept_types),
            "accept-wrapped-types": " ".join(self.accept_wrapped_types) or None,
            "setup": self.setup,
            "fingerprint": self.fingerprint,
            "max-size": None if self.max_size is None else str(self.max_size),
            "file-selector": self.file_selector,
        }
        attributes = [Attribute(name, value) for name, value in values.items() if value is not None]
        if self.chatroom is not None:
            attributes.append(Attribute("chatroom", " ".join(self.chatroom) or None))
        if cema is not None:
            attributes.append(cema)
        if self.direction != SENDRECV:
            attributes.append(Attribute(self.direction))
        return Media("message", port, self.protocol, ("*",), tuple(attributes), connection)


def self_contained(document: SessionDescription, index: int) -> Media:
    """Return a line with all in it that holds for it; c=, setup, fingerprint and direction may be of the session."""
    media = document.media[index]
    own = {each.name for each in media.attributes}
    inherited = [each for each in document.attributes if each.name in ("setup", "fingerprint") and each.name not in own]
    media = media.with_(attributes=(*media.attributes, *inherited), connection=document.connection_of(media))
    return media.with_direction(document.direction_of(media))


def without_cema(media: Media) -> Media:
    """Return a line as it is offered where CEMA does not work: its path alone says where it leads."""
    return media.with_(attributes=tuple([each for each in media.attributes if each.name != CEMA]))


def choose_setup(offered: str | None) -> str:
    """The setup to answer: we listen unless the peer does.

    Without a=setup the offerer connects, RFC 4975 section 5.4.
    """
    return _ANSWERS[offered or ACTPASS]


def is_connecting(offerer: bool, answered: str | None) -> bool:
    """Whether this side opens the connection.

    Args:
        offerer: Whether this side made the offer.
        answered: The setup of the answer; anything but `active` leaves the connecting to the offerer, for there are
            peers that answer `actpass` or nothing and then wait.
    """
    return answered != HOLDCONN and offerer == (answered != ACTIVE)


def accepts(accept_types: Iterable[str], content_type: str) -> bool:
    """Whether a content type, its parameters aside, is one of `accept_types`."""
    plain = content_type.partition(";")[0].strip().lower()
    family = plain.partition("/")[0] + "/*"
    return any(each.partition(";")[0].strip().lower() in (plain, family, "*") for each in accept_types)


def _unusable(text: str) -> RemoteProtocolError:
    return RemoteProtocolError(text, 488)


def _words(media: Media, name: str) -> tuple[str, ...]:
    return tuple((media.attribute(name) or "").split())


def _inherited(media: Media, session: SessionDescription | None, name: str) -> str | None:
    value = media.attribute(name)
    return session.attribute(name) if value is None and session else value


def _address(media: Media, session: SessionDescription | None) -> tuple[str, int] | None:
    connection = session.connection_of(media) if session else media.connection
    if connection is None or connection.is_unspecified or not media.port:
        return None
    return connection.address.partition("/")[0], media.port


def _place(uri: str) -> tuple[str, int] | None:
    """Where a URI leads to, None where it has a name instead of an address."""
    found = _HOP.fullmatch(uri)
    if found is None:
        return None
    host = found[2].strip("[]")
    return (host, int(found[3] or _DEFAULT_PORT)) if _is_number(host) else None


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _moved(uri: str, host: str, port: int) -> str:
    """Lead a URI to another place; one that leads there stays as it is."""
    found = _HOP.fullmatch(uri)
    if found is None or (found[2].strip("[]").lower(), int(found[3] or _DEFAULT_PORT)) == (host.lower(), port):
        return uri
    return f"{found[1]}{f'[{host}]' if ':' in host else host}:{port}{found[4]}"


def _path(media: Media, protocol: str) -> tuple[str, ...]:
    path = _words(media, "path")
    if not path:
        raise _unusable("MSRP media without a path")
    if not all(uri.lower().startswith(tuple(SCHEMES.values())) for uri in path):
        raise _unusable("not a path of MSRP URIs")
    if not path[-1].lower().startswith(SCHEMES[protocol]):
        raise _unusable(f"a path that does not go with {protocol}")
    return path


def _setup(value: str | None) -> str | None:
    if value is None:
        return None
    setup = value.strip().lower()
    if setup not in _ANSWERS:
        raise _unusable("unknown setup")
    return setup


def _max_size(value: str | None) -> int | None:
    if value is None:
        return None
    try:
        return number(value.strip(), "max-size", 2**63)
    except RemoteProtocolError as error:
        raise _unusable(str(error)) from error
