"""What goes into a chat message, and what comes out of it as the data of a notification."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sipsimple.api.body import readable
from sipsimple.api.notification.notification import NotificationData
from sipsimple.api.uri import SIPURI
from sipsimple.errors import MSRPChatError, RemoteProtocolError, SIPCoreError
from sipsimple.protocols import cpim
from sipsimple.protocols.msrp.chat.outputs import GotComposing, GotDisposition, NicknameAnswered, NicknameWanted
from sipsimple.protocols.msrp.outputs import Delivered, Failed, GotMessage, NotDelivered
from sipsimple.protocols.sip.grammar import bracketed
from sipsimple.protocols.sip.uri import URI

_FATES = (Delivered, NotDelivered)


def notification_data(output: Any, remote: SIPURI | None = None) -> NotificationData:
    """Return what a notification of a chat with `remote` carries."""
    if isinstance(output, GotMessage):
        return _of_message(output)
    if isinstance(output, _FATES):
        return NotificationData(
            message_id=output.message_id, code=output.code, reason=output.reason, message=output.message
        )
    if isinstance(output, Failed):
        return NotificationData(context=output.context, failure=MSRPChatError(output.reason), reason=output.reason)
    return _of_feature(output, remote)


def _of_message(output: GotMessage) -> NotificationData:
    asked = output.disposition
    return NotificationData(
        content=readable(output.content, output.content_type),
        content_type=output.content_type,
        cpim_headers={} if output.cpim is None else cpim_headers(output.cpim),
        message=output.message,
        message_id=output.message.message_id if asked is None else asked.message_id,
        disposition=() if asked is None else tuple([str(each) for each in asked.wishes]),
    )


def _of_feature(output: Any, remote: SIPURI | None) -> NotificationData:
    if isinstance(output, GotComposing):
        return _of_composing(output, remote)
    if isinstance(output, GotDisposition):
        told = output.notification
        return NotificationData(
            message_id=told.message_id,
            type=str(told.kind),
            status=told.status,
            recipient=_uri_of(told.recipient) or remote,
            original_recipient=_uri_of(told.original_recipient),
            sent_at=_moment(told.datetime_text),
        )
    if isinstance(output, NicknameAnswered):
        return NotificationData(
            nickname=output.nickname, code=output.code, reason=output.reason, message=output.message
        )
    if isinstance(output, NicknameWanted):
        return NotificationData(nickname=output.nickname, message=output.message)
    return NotificationData()


def _of_composing(output: GotComposing, remote: SIPURI | None) -> NotificationData:
    status = output.status
    return NotificationData(
        state=str(status.state),
        refresh=status.refresh,
        content_type=status.content_type,
        last_active=None if status.last_active is None else _moment(status.last_active),
        sender=remote if not output.sender else _address(output.sender),
    )


def _address(value: str) -> SIPURI | str:
    try:
        return _sip_uri(cpim.parse_address(value))
    except RemoteProtocolError:
        return value


def _uri_of(text: str) -> SIPURI | str | None:
    return _sip_uri((None, text)) if text else None


def _moment(text: str) -> datetime | None:
    try:
        return _with_zone(datetime.fromisoformat(text))
    except ValueError:
        return None


def cpim_headers(message: cpim.CPIMMessage) -> dict[str, Any]:
    """Return the headers of a CPIM wrapper: addresses as SIPURI, DateTime as datetime, the rest as text."""
    headers = cpim.cpim_headers(message).items()
    return {name: _sip_uri(value) if isinstance(value, tuple) else value for name, value in headers}


def _sip_uri(value: tuple[str | None, str]) -> SIPURI | str:
    """The address as an object of the receiver's own."""
    found = _read(value)
    return found.twin() if isinstance(found, SIPURI) else found


@lru_cache(maxsize=256)  # those who write in a chat are the same for every message
def _read(value: tuple[str | None, str]) -> SIPURI | str:
    display, text = value
    try:
        uri = SIPURI.parse(text)
        if display is None:
            return uri
        return SIPURI(uri.host, uri.user, uri.password, uri.port, display, uri.secure, uri.parameters, uri.headers)
    except (SIPCoreError, ValueError):
        return text


def cpim_address(uri: SIPURI) -> str:
    """Return the address for a From or To of a CPIM wrapper: without port and parameters."""
    return _written(uri.secure, uri.user, uri.host, uri.display)


@lru_cache(maxsize=256)  # likewise
def _written(secure: bool, user: str | None, host: str, display: str | None) -> str:
    bare = URI("sips" if secure else "sip", user or None, host=bracketed(host))
    return cpim.format_address(str(bare), display)


def same_party(one: SIPURI, other: SIPURI) -> bool:
    """Tell whether two URIs name the same party, however it is reached."""
    return (one.user, one.host.lower()) == (other.user, other.host.lower())


def cpim_time(dt: datetime | None) -> str:
    """Return the text of a DateTime: of now by default, in UTC where no zone is given.

    Raises:
        TypeError: It is no datetime.
    """
    if dt is not None and not isinstance(dt, datetime):
        raise TypeError(f"dt must be a datetime, not {type(dt).__name__}")
    return _with_zone(dt).isoformat()


def _with_zone(dt: datetime | None) -> datetime:
    if dt is None:
        return datetime.now(UTC)
    return dt if dt.tzinfo is not None else dt.replace(tzinfo=UTC)
