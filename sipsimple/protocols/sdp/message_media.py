"""The m=message line of an MSRP session: RFC 4975 section 8, RFC 4145 and 6135 for who connects."""

from __future__ import annotations

from dataclasses import dataclass
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
        )

    @property
    def is_tls(self) -> bool:
        """Whether the connection to its own URI is TLS."""
        return self.protocol == TLS

    @property
    def is_file_transfer(self) -> bool:
        """Whether a file goes over it; such a line is no chat."""
        return self.file_selector is not None

    def to_media(self, connection: Connection | None = None) -> Media:
        """Write it, with `connection` as its own c= line.

        Chat attributes come first, in the order that RFC 4975 lists them and peers write them.
        """
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
        if self.direction != SENDRECV:
            attributes.append(Attribute(self.direction))
        return Media("message", self.port, self.protocol, ("*",), tuple(attributes), connection)


def self_contained(document: SessionDescription, index: int) -> Media:
    """Return a line with all in it that holds for it; setup, fingerprint, direction may stand in the session part."""
    media = document.media[index]
    own = {each.name for each in media.attributes}
    inherited = [each for each in document.attributes if each.name in ("setup", "fingerprint") and each.name not in own]
    media = media.with_(attributes=(*media.attributes, *inherited))
    return media.with_direction(document.direction_of(media))


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


def _path(media: Media, protocol: str) -> tuple[str, ...]:
    path = _words(media, "path")
    if not path:
        raise _unusable("MSRP media without a path")
    if not all(uri.lower().startswith(tuple(SCHEMES.values())) for uri in path):
        raise _unusable(f"not a path of MSRP URIs: {' '.join(path)!r}")
    if not path[-1].lower().startswith(SCHEMES[protocol]):
        raise _unusable(f"{path[-1]} does not go with {protocol}")
    return path


def _setup(value: str | None) -> str | None:
    if value is None:
        return None
    setup = value.strip().lower()
    if setup not in _ANSWERS:
        raise _unusable(f"unknown setup {setup!r}")
    return setup


def _max_size(value: str | None) -> int | None:
    if value is None:
        return None
    try:
        return number(value.strip(), "max-size", 2**63)
    except RemoteProtocolError as error:
        raise _unusable(str(error)) from error
