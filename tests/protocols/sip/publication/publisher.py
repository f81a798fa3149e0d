"""A publication driven by hand."""

from __future__ import annotations

from sipsimple.protocols.sip.headers.event import Event
from sipsimple.protocols.sip.publication.publication import Document, Terms, new
from sipsimple.protocols.sip.publication.step import step, timer_fired
from tests.protocols.sip.asker import Asker, client

TERMS = Terms(Event("presence"), "sip:alice@example.com", "<sip:alice@example.com>", headers=(("X-Colour", "red"),))


class Publisher(Asker):
    """A publication of numbered documents."""

    def __init__(self) -> None:
        super().__init__(new(TERMS, client(), "call-1"), step, timer_fired)
        self.number = 0

    def publish(self, body: str = "open") -> None:
        """Have a document published."""
        self.number += 1
        self.take(Document(self.number, "application/pidf+xml", body.encode()))

    def accept(self, entity_tag: str | None = "e1", expires: int = 300) -> None:
        """Have the PUBLISH accepted."""
        tag = () if entity_tag is None else (("SIP-ETag", entity_tag),)
        self.answer(200, (*tag, ("Expires", str(expires))))

    def last(self) -> tuple[str | None, bytes, str | None]:
        """The entity tag, the body and the lifetime of the last PUBLISH."""
        request = self.requests[-1]
        return request.get("sip-if-match"), request.body, request.get("expires")


def published(expires: int = 300) -> Publisher:
    """One that is published; what was told until then is forgotten."""
    publisher = Publisher()
    publisher.publish()
    publisher.accept(expires=expires)
    publisher.told.clear()
    return publisher
