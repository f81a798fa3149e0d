"""`Publication`: one publication as applications hold it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sipsimple.actors.sip.publication import Publication as Actor
from sipsimple.api import checking
from sipsimple.api.asking.asked import Asked, lock
from sipsimple.api.asking.events import checked_event
from sipsimple.api.asking.header_lines import checked_content_type, checked_lines
from sipsimple.api.body import body_bytes
from sipsimple.api.session.calling import party_value, refuse_in_clear, request_uri
from sipsimple.protocols.sip.publication import publication as core
from sipsimple.protocols.sip.publication.publication import Document
from sipsimple.protocols.sip.publication.step import Unpublish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipsimple.api.identity import Credentials, Route
    from sipsimple.protocols.sip.request.client import RequestClient

LONGEST = 30 * 86400
"""Seconds that may be asked for."""


class Publication(Asked):
    """Keeps a document about our own state published.

    What is published is refreshed before it ends, published anew when the
    server has lost it, and tried for again, with growing pauses, after failures
    that may pass. Its states are unpublished, publishing, published and unpublishing.

    Args:
        credentials: Whose state it is, and the passwords.
        event: The event package: any, known or not.
        route: The outbound proxy; None: the host of the address says where to go.
        expires: Seconds to ask for.
        extra_headers: Header lines for each PUBLISH.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: One has a bad value.
        SIPCoreError: A `sips:` URI would be reached in clear.
    """

    actor = Actor
    idle_state = "unpublished"
    begun_state = "publishing"
    prefix = "SCPublication"

    def __init__(
        self,
        credentials: Credentials,
        event: str,
        route: Route | None = None,
        expires: int = 300,
        extra_headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(credentials, route)
        refuse_in_clear(self._credentials.uri, self._route)
        self._event = checked_event(event)
        self._expires = checking.integer("expires", expires, 1, LONGEST)
        self._headers = checked_lines(extra_headers, ("event", "expires", "sip-if-match", "sip-etag"))
        self._number = 0

    def __repr__(self) -> str:
        return f"<Publication of {self._event} of {self._credentials.uri} {self.state}>"

    @property
    def event(self) -> str:
        """The event package."""
        return str(self._event)

    @property
    def expires(self) -> int:
        """Seconds to ask for; a change counts when something is published after the end of what is now."""
        return self._expires

    @expires.setter
    def expires(self, value: int) -> None:
        self._expires = checking.integer("expires", value, 1, LONGEST)

    def publish(self, content_type: str, content_subtype: str, body: str | bytes) -> None:
        """Publish a document, in place of the one before.

        While a PUBLISH is under way the document waits; of several that wait the last one is published.

        Args:
            content_type: `application`, of `application/pidf+xml`.
            content_subtype: `pidf+xml`.
            body: The document; text is sent as UTF-8.

        Raises:
            ValueError: The content type is none.
            TypeError: An argument is of the wrong type.
            SIPCoreError: The engine does not run, or is stopping.

        Notifications:
            SCPublicationChangedState to publishing, then to published; SCPublicationDidSucceed for each PUBLISH that
            was accepted, refreshes too; SCPublicationDidFail, whose `retry_after` says when the next try comes. After
            one without a next try SCPublicationDidEnd comes last.

        RFC: 3903 4.1 to 4.4.
        """
        from sipsimple.api.engine.engine import Engine

        if not isinstance(content_type, str) or not isinstance(content_subtype, str):
            raise TypeError(f"not a content type: {content_type!r}/{content_subtype!r}")
        both = checked_content_type(f"{content_type}/{content_subtype}")
        content = body_bytes(body, both)
        home = Engine().core.publications
        self._want(home, lambda: self._numbered(both, content))

    def _numbered(self, content_type: str, body: bytes) -> Document:
        self._number += 1
        return Document(self._number, content_type, body)

    def unpublish(self) -> None:
        """Have the document removed; nothing happens where there is none.

        Notifications:
            SCPublicationChangedState to unpublishing, SCPublicationWillEnd; then SCPublicationChangedState to
            unpublished, SCPublicationDidEnd. What the server does not remove expires by itself.

        RFC: 3903 4.5.
        """
        with lock:
            if self.is_running:
                self._want_end(Unpublish())

    # For `Askers`

    def initial(self, client: RequestClient, host: str) -> core.Publication:
        """Return the core to begin with; the engine calls this."""
        own = self._credentials.uri
        terms = core.Terms(
            self._event, request_uri(own), party_value(own), self._routes, self._expires, tuple(self._headers.items())
        )
        return core.new(terms, client, f"{secrets.token_hex(16)}@{host}")

    def _has_more(self, core: Any) -> bool:
        """Tell whether a document was given to an actor that had ended."""
        return isinstance(self._wish, Document) and core is not None and self._wish.number > core.taken

    def post(self, name: str, data: Mapping[str, Any]) -> None:
        """Post a notification; it tells the way, too; the engine calls this."""
        super().post(name, {**data, "route": self.route})

    def finish(self) -> None:
        """End in the ordinary way: the engine is stopping; the engine calls this."""
        self._want_end(Unpublish())
