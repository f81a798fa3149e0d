"""A subscription that was made here, driven by hand, and the subscriber that it notifies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.notifier.admission import admit
from sipsimple.protocols.sip.notifier.notifier import Accept, Document
from sipsimple.protocols.sip.notifier.step import Begin, request_arrived, step, timer_fired
from sipsimple.protocols.values import replace
from tests.protocols.sip.asker import FLOW, TOKEN, Asker, client

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transport import Flow

XML = "application/x-tea+xml"


def subscribe(number: int = 1, expires: int | None = 600, *, tag: str | None = TOKEN, **lines: str | None) -> Request:
    """A SUBSCRIBE of Carol; lines by name replace its own, None leaves one out."""
    own: dict[str, str | None] = {
        "Via": f"SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKs{number}",
        "From": "<sip:carol@example.net>;tag=theirs",
        "To": f"<sip:bob@example.com>{'' if tag is None else f';tag={tag}'}",
        "Call-ID": "call-1",
        "CSeq": f"{number} SUBSCRIBE",
        "Contact": "<sip:carol@192.0.2.9>",
        "Event": "x-tea;id=7",
        "Expires": None if expires is None else str(expires),
        **{name.replace("_", "-"): value for name, value in lines.items()},
    }
    return Request("SUBSCRIBE", "sip:bob@192.0.2.1", [(name, each) for name, each in own.items() if each is not None])


class Notifying(Asker):
    """One that waits for the decision of the application."""

    def __init__(self, expires: int | None = 600, flow: Flow = FLOW, **lines: str | None) -> None:
        first = subscribe(1, expires, tag=None, **lines)
        super().__init__(admit(first, flow, client()), step, timer_fired, request_arrived)
        self.first = first
        self.number = 1
        self.take(Begin())

    def document(self, text: str) -> Document:
        """The next document."""
        self.number += 1
        return Document(self.number, XML, text.encode())

    def notify(self, text: str) -> None:
        """Have the subscriber told a document."""
        self.take(self.document(text))

    def wait(self, seconds: float) -> None:
        """Let time pass; timers are fired by hand."""
        self.core = replace(self.core, now=self.core.now + seconds)

    def last(self) -> tuple[str | None, bytes]:
        """The state and the body of the last NOTIFY."""
        request = self.requests[-1]
        return request.get("subscription-state"), request.body


def accepted(expires: int = 600, **options: Any) -> Notifying:
    """One that is accepted, and whose first NOTIFY was answered; what was told until then is forgotten."""
    party = Notifying()
    party.take(Accept(expires, **options))
    party.answer(200)
    party.told.clear()
    return party
