"""The SIP trace: one notification and one log event for each message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sipsimple.actors.runtime import get_logger
from sipsimple.actors.sip.redaction import sip_head
from sipsimple.api.notification.notification import NotificationData

if TYPE_CHECKING:
    from sipsimple.api.notification.delivery import NotificationQueue
    from sipsimple.protocols.sip.transport import Flow

_CALL_ID = re.compile(r"^(?:Call-ID|i)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_METHOD = re.compile(r"^CSeq[ \t]*:[ \t]*\d+[ \t]+([^\s]+)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"SIP/2\.0 (\d{3})(?!\d)")


def names_of(head: str) -> dict[str, str | int | None]:
    """Return what a message is found by: its call, its method, and the status of a response.

    The message is not parsed: one that cannot be is traced as well.
    """
    call_id, method, status = _CALL_ID.search(head), _METHOD.search(head), _STATUS.match(head)
    return {
        "call_id": None if call_id is None else call_id[1].rstrip(),
        "method": None if method is None else method[1],
        "status": None if status is None else int(status[1]),
    }


class SIPTrace:
    """Called by the transports with each message that comes or goes."""

    def __init__(self, queue: NotificationQueue, sender: object) -> None:
        self.queue = queue
        self.sender = sender
        self.log = get_logger(component="trace")

    def __call__(self, received: bool, data: bytes, flow: Flow) -> None:
        """Post SCEngineSIPTrace with the whole message, log its head without credentials."""
        message = sip_head(data)
        source, destination = (flow.remote, flow.local) if received else (flow.local, flow.remote)
        self.log.debug(
            "sip.received" if received else "sip.sent",
            transport=flow.transport,
            source=source,
            destination=destination,
            size_bytes=len(data),
            message=message,
            **names_of(message),
        )
        details = NotificationData(
            received=received,
            source_ip=source[0],
            source_port=source[1],
            destination_ip=destination[0],
            destination_port=destination[1],
            transport=flow.transport,
            data=data.decode("utf-8", "surrogateescape"),
        )
        self.queue.post(self.sender, "SCEngineSIPTrace", details)
