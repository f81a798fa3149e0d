"""Disposition notifications of instant messages: what a sender asks for, and what it is told. RFC 5438.

The request stands in the headers of a message's CPIM wrapper, the notification is a document of its own inside one.
Notifications are never answered by notifications, and never sent where none was asked for.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.payloads.xml import Element, parse_xml
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.protocols.cpim import CPIMMessage

CONTENT_TYPE = "message/imdn+xml"
HEADERS = "urn:ietf:params:imdn"
"""The namespace of the CPIM headers."""
NAMESPACE = "urn:ietf:params:xml:ns:imdn"
"""That of the document."""

MAX_ROUTES = 16
_MAX_ID = 256
_NOBODY = "anonymous.invalid"


class Wish(StrEnum):
    """What may be asked for: section 6.3."""

    POSITIVE_DELIVERY = "positive-delivery"
    NEGATIVE_DELIVERY = "negative-delivery"
    PROCESSING = "processing"
    DISPLAY = "display"


class Kind(StrEnum):
    """What a notification is about."""

    DELIVERY = "delivery"
    PROCESSING = "processing"
    DISPLAY = "display"


STATUSES: dict[Kind, tuple[str, ...]] = {
    Kind.DELIVERY: ("delivered", "failed", "forbidden", "error"),
    Kind.PROCESSING: ("processed", "stored", "forbidden", "error"),
    Kind.DISPLAY: ("displayed", "forbidden", "error"),
}
"""What each kind may say: section 11."""


class Request(Value):
    """What the sender of a message asked for.

    Attributes:
        message_id: Of the message.
        wishes: What it wants to be told.
        sender: The From of the wrapper: whom to tell.
        recipient: Its To.
        original_to: Whom it was for at first, where somebody has changed that.
        datetime_text: When it was sent.
        routes: Who wants to be on the way of the notification.
    """

    message_id: str
    wishes: tuple[Wish, ...]
    sender: str
    recipient: str = ""
    original_to: str = ""
    datetime_text: str = ""
    routes: tuple[str, ...] = ()


class Notification(Value):
    """What one document says.

    Attributes:
        kind: What it is about.
        status: One of `STATUSES`.
        message_id: Of the message that it is about.
        datetime_text: When that message was sent.
        recipient: URI of who tells.
        original_recipient: URI of whom the message was for at first.
    """

    kind: Kind
    status: str
    message_id: str
    datetime_text: str = ""
    recipient: str = ""
    original_recipient: str = ""

    @property
    def is_positive(self) -> bool:
        """Whether it tells of what the sender hoped for."""
        return self.status not in ("failed", "forbidden", "error")


def wishes(names: Iterable[str]) -> tuple[Wish, ...]:
    """Read what an application asks for.

    Raises:
        LocalProtocolError: One is no disposition.
    """
    chosen = tuple(dict.fromkeys(names))
    if not chosen:
        return ()
    known = {str(each): each for each in Wish}
    if unknown := [each for each in chosen if each not in known]:
        raise LocalProtocolError(f"no disposition: {unknown[0]!r}, only {', '.join(known)}")
    return tuple([known[each] for each in chosen])


def request_headers(message_id: str, wanted: Iterable[Wish]) -> tuple[tuple[str, str], ...]:
    """The CPIM headers that ask for notifications of a message, or that only give it its id."""
    headers = [("NS", f"imdn <{HEADERS}>"), ("imdn.Message-ID", message_id)]
    text = ", ".join(wanted)
    return (*headers, ("imdn.Disposition-Notification", text)) if text else tuple(headers)


def request_of(wrapper: CPIMMessage) -> Request | None:
    """What the sender of a wrapped message asked for.

    None for nothing, for a notification, for a sender whom nobody can tell, and for what is not understood.
    """
    text = wrapper.namespaced(HEADERS, "Disposition-Notification")
    if text is None or is_notification(wrapper.content_type):
        return None
    message_id, sender = wrapper.namespaced(HEADERS, "Message-ID"), wrapper.get("From")
    names = [each.strip().lower() for each in text.split(",")]
    wanted = tuple([each for each in Wish if str(each) in names])
    if not wanted or not message_id or len(message_id) > _MAX_ID or sender is None or _NOBODY in sender:
        return None
    return Request(
        message_id,
        wanted,
        sender,
        wrapper.get("To") or "",
        wrapper.namespaced(HEADERS, "Original-To") or "",
        wrapper.get("DateTime") or "",
        wrapper.all_namespaced(HEADERS, "IMDN-Record-Route")[:MAX_ROUTES],
    )


def may_tell(request: Request, kind: Kind, status: str) -> bool:
    """Tell whether the sender asked for a notification like this."""
    if kind is not Kind.DELIVERY:
        return Wish(str(kind)) in request.wishes
    wish = Wish.POSITIVE_DELIVERY if status == "delivered" else Wish.NEGATIVE_DELIVERY
    return wish in request.wishes


def notification_for(request: Request, kind: Kind, status: str, recipient: str) -> Notification:
    """Make what tells the sender of a message what became of it.

    Raises:
        LocalProtocolError: It was not asked for, or there is no such status.
    """
    if status not in STATUSES[kind]:
        raise LocalProtocolError(f"no status of a {kind} notification: {status!r}, only {', '.join(STATUSES[kind])}")
    if not may_tell(request, kind, status):
        raise LocalProtocolError(f"the sender asked for no {kind} notification of {status!r}")
    original = request.original_to or request.recipient
    return Notification(kind, status, request.message_id, request.datetime_text, _uri(recipient), _uri(original))


def notification_headers(request: Request, message_id: str) -> tuple[tuple[str, str], ...]:
    """The CPIM headers of a notification: an id of its own, and the way back that was asked for."""
    routes = [("imdn.IMDN-Route", each) for each in request.routes]
    return (*request_headers(message_id, ()), *routes)


def build(notification: Notification) -> bytes:
    """Write a document.

    Raises:
        LocalProtocolError: A text cannot be written.
    """
    values = {
        "message-id": notification.message_id,
        "datetime": notification.datetime_text,
        "recipient-uri": notification.recipient,
        "original-recipient-uri": notification.original_recipient,
    }
    children = [Element(_name(name), (), (value,)) for name, value in values.items() if value]
    status = Element(_name("status"), (), (Element(_name(notification.status)),))
    children.append(Element(_name(f"{notification.kind}-notification"), (), (status,)))
    return bytes(Element(_name("imdn"), (), tuple(children)))


def parse(data: bytes) -> Notification:
    """Read a document; elements of other namespaces in it are extensions and are passed over.

    Raises:
        RemoteProtocolError: 400: it is none, says nothing, or too much.
    """
    root = parse_xml(data)
    if root.name != _name("imdn"):
        raise RemoteProtocolError("not an imdn document")
    message_id = _text(root, "message-id")
    if not message_id or len(message_id) > _MAX_ID:
        raise RemoteProtocolError("imdn without the id of a message")
    about = [(kind, each) for kind in Kind for each in root.all(_name(f"{kind}-notification"))]
    if len(about) != 1:
        raise RemoteProtocolError(f"imdn with {len(about)} notifications")
    kind, element = about[0]
    return Notification(
        kind,
        _status(kind, element),
        message_id,
        _text(root, "datetime"),
        _text(root, "recipient-uri"),
        _text(root, "original-recipient-uri"),
    )


def is_notification(content_type: str) -> bool:
    """Tell whether content of this type is a notification."""
    return content_type.partition(";")[0].strip().lower() == CONTENT_TYPE


def _status(kind: Kind, element: Element) -> str:
    statuses = element.all(_name("status"))
    said = [each.name.rpartition("}")[2] for status in statuses for each in status.elements if _is_ours(each)]
    if len(statuses) != 1 or len(said) != 1 or said[0] not in STATUSES[kind]:
        raise RemoteProtocolError(f"imdn whose {kind} status cannot be read")
    return said[0]


def _is_ours(element: Element) -> bool:
    return element.name.startswith(f"{{{NAMESPACE}}}")


def _text(root: Element, local: str) -> str:
    found = root.all(_name(local))
    if len(found) > 1:
        raise RemoteProtocolError(f"imdn with {len(found)} times {local}")
    return found[0].text if found else ""


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"


def _uri(address: str) -> str:
    """The URI in a From or To."""
    return address.rpartition("<")[2].rstrip("> ") if address.endswith(">") else address
