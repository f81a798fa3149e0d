"""A subscription driven by hand, and the NOTIFYs that it gets."""

from __future__ import annotations

from typing import Any

from sipsimple.protocols.sip.headers.event import Event
from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.request.draft import OwnContact
from sipsimple.protocols.sip.subscription.step import Subscribe, request_arrived, step, timer_fired
from sipsimple.protocols.sip.subscription.subscription import Subscription, Terms
from tests.protocols.sip.asker import TOKEN, Asker, client

PIDF = (("Content-Type", "application/pidf+xml"),)


def terms(expires: int = 300, **changes: Any) -> Terms:
    """Presence of Bob."""
    values: dict[str, Any] = {
        "event": Event("presence"),
        "uri": "sip:bob@example.com",
        "local": "<sip:alice@example.com>",
        "remote": "<sip:bob@example.com>",
        "host": "192.0.2.1",
        "contact": OwnContact("alice"),
        "expires": expires,
        "accept": ("application/pidf+xml",),
        **changes,
    }
    return Terms(**values)


class Subscriber(Asker):
    """A subscription that was begun."""

    def __init__(self, expires: int = 300, **changes: Any) -> None:
        subscription = Subscription(terms(expires, **changes), client(), expires=expires)
        super().__init__(subscription, step, timer_fired, request_arrived)
        self.cseq = 0
        self.take(Subscribe())

    def notification(
        self,
        state: str = "active;expires=300",
        *,
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
        tag: str = "theirs",
        cseq: int | None = None,
        call_id: str | None = None,
        event: str = "presence",
        method: str = "NOTIFY",
        contact: str = "<sip:server@192.0.2.9>",
    ) -> Request:
        """Make a NOTIFY, the next one."""
        self.cseq = self.cseq + 1 if cseq is None else cseq
        lines = [
            ("Via", f"SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{len(self.responses)}n"),
            ("From", f"<sip:bob@example.com>;tag={tag}"),
            ("To", f"<sip:alice@example.com>;tag={TOKEN}"),
            ("Call-ID", call_id or self.core.call_id),
            ("CSeq", f"{self.cseq} {method}"),
            ("Contact", contact),
            ("Event", event),
            *headers,
        ]
        if state:
            lines.append(("Subscription-State", state))
        return Request(method, "sip:alice@192.0.2.1", lines, body)

    def notify(self, *state: str, **changes: Any) -> int:
        """Get a NOTIFY; return the status of the answer."""
        return self.receive(self.notification(*state, **changes))

    def accept(self, expires: int = 300) -> None:
        """Have the SUBSCRIBE accepted."""
        self.answer(200, (("Expires", str(expires)), ("Contact", "<sip:server@192.0.2.9>")))

    def expires(self, number: int = -1) -> str | None:
        """What a SUBSCRIBE asked for."""
        return self.requests[number].get("expires")


def active(expires: int = 300, **changes: Any) -> Subscriber:
    """One that is active; what was told until then is forgotten."""
    subscriber = Subscriber(expires, **changes)
    subscriber.accept(expires)
    assert subscriber.notify(f"active;expires={expires}") == 200
    subscriber.told.clear()
    return subscriber
