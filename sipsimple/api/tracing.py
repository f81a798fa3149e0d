"""The SIP trace: one notification and one log event for each message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.redaction import sip_head
from sipsimple.actors.runtime import get_logger
from sipsimple.api.notification import NotificationData

if TYPE_CHECKING:
    from sipsimple.api.delivery import NotificationQueue
    from sipsimple.protocols.sip.transport import Flow


class SIPTrace:
    """Called by the transports with each message that comes or goes."""

    def __init__(self, queue: NotificationQueue, sender: object) -> None:
        self.queue = queue
        self.sender = sender
        self.log = get_logger(component="trace")

    def __call__(self, received: bool, data: bytes, flow: Flow) -> None:
        """Post SCEngineSIPTrace with the whole message, log its head without credentials."""
        source, destination = (flow.remote, flow.local) if received else (flow.local, flow.remote)
        self.log.debug(
            "sip.received" if received else "sip.sent",
            transport=flow.transport,
            source=source,
            destination=destination,
            size_bytes=len(data),
            message=sip_head(data),
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
