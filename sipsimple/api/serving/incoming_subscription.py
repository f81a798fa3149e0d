"""`IncomingSubscription`: what somebody else has subscribed to, as applications hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.sip.notifier import Notifier as Actor
from sipsimple.api import checking
from sipsimple.api.asking.asked import Carried, lock
from sipsimple.api.asking.header_lines import checked_content_type
from sipsimple.api.body import body_bytes
from sipsimple.api.serving.incoming import address
from sipsimple.errors import SessionStateError
from sipsimple.protocols.sip.grammar import is_token
from sipsimple.protocols.sip.headers.shown import shown_headers
from sipsimple.protocols.sip.notifier.admission import admit, event_of, seconds_of
from sipsimple.protocols.sip.notifier.notifier import Accept, Document, Notifier, Reject, Terminate
from sipsimple.protocols.sip.notifier.step import Again, Begin

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.api.asking.askers import Askers
    from sipsimple.api.uri import SIPURI
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.request.client import RequestClient
    from sipsimple.protocols.sip.transport import Flow

LONGEST = 7 * 86400
"""Seconds that may be granted."""

ENDED = "terminated"

REQUEST_TIMEOUT = 408


class IncomingSubscription(Carried):
    """One subscription that somebody made here; `SCEngineGotSubscribe` brings it.

    It is to be accepted or rejected within 32*T1 (16 seconds), else it is refused with 480. Its states are incoming,
    pending, active and terminated. Refreshes are granted and answered with what was told last, by themselves; what
    nobody refreshes ends.

    Attributes:
        event: The event package, with the id that the subscriber gave.
        from_uri: Who subscribes, as he says.
        to_uri: What to.
        expires: Seconds that he asks for; 0: he wants the present state, once.
        accept_types: Content types that he takes, as he writes them; empty: those that the package means.
        headers: Of the SUBSCRIBE.
        body: Of the SUBSCRIBE: a filter, for instance.
        authenticated_user: Who he has proven to be; None where nobody asked.
    """

    actor = Actor
    idle_state = ENDED
    begun_state = "incoming"
    prefix = "SCIncomingSubscription"

    def __init__(self, request: Request, flow: Flow, user: str | None, forgotten: Callable[[], None]) -> None:
        super().__init__()
        self._forgotten = forgotten
        self._request: tuple[Request, Flow] | None = (request, flow)
        self.event = str(event_of(request))
        self.from_uri: SIPURI | str = address(str(request.from_))
        self.to_uri: SIPURI | str = address(str(request.to))
        self.expires = seconds_of(request)
        self.accept_types = tuple([each.strip() for each in (request.get("accept") or "").split(",") if each.strip()])
        self.headers = shown_headers(request)
        self.body = request.body
        self.authenticated_user = user
        self._decision: Accept | Reject | None = None
        self._number = 0

    def __repr__(self) -> str:
        return f"<IncomingSubscription to {self.event} of {self.from_uri} {self.state}>"

    def accept(
        self,
        expires: int | None = None,
        content_type: str | None = None,
        body: str | bytes | None = None,
        *,
        pending: bool = False,
    ) -> None:
        """Take it, and tell the present state at once.

        Args:
            expires: Seconds to grant at the most, now and for each refresh; None: as the subscriber asks, a week at
                the most.
            content_type: Of the first document, `application/pidf+xml`; None: there is nothing to tell yet.
            body: The document; text is sent as UTF-8.
            pending: Whether he may see anything is not decided yet; `notify()` decides it.

        Raises:
            SessionStateError: It was accepted or rejected, or is over.
            ValueError: A value is bad, or there is a body without type, or a type without body.
            TypeError: An argument is of the wrong type.

        Notifications:
            SCIncomingSubscriptionChangedState to active or pending, SCIncomingSubscriptionNotifyDidSucceed.

        RFC: 6665 4.2.1.
        """
        most = LONGEST if expires is None else checking.integer("expires", expires, 1, LONGEST)
        if (content_type is None) != (body is None):
            raise ValueError("content_type and body go together")
        pending = checking.boolean("pending", pending)
        with lock:
            self._check_incoming("accept")
            document = None if content_type is None or body is None else self._document(content_type, body)
            self._decide(Accept(most, document, pending))

    def reject(self, code: int = 403) -> None:
        """Refuse it.

        Raises:
            SessionStateError: It was accepted or rejected, or is over.
            ValueError: The code is not from 300 to 699, or is 408: who asks for a subscription is never told that it
                took too long (RFC 4320 4).

        Notifications:
            SCIncomingSubscriptionChangedState to terminated, SCIncomingSubscriptionDidEnd.
        """
        if checking.integer("code", code, 300, 699) == REQUEST_TIMEOUT:
            raise ValueError("code must not be 408, which answers INVITE only")
        with lock:
            self._check_incoming("reject")
            self._decide(Reject(code))

    def notify(self, content_type: str, body: str | bytes) -> None:
        """Tell a document; each goes out when the one before was answered. Silent when it is over.

        Raises:
            SessionStateError: It was not accepted.
            ValueError: The content type is none.
            TypeError: An argument is of the wrong type.

        Notifications:
            SCIncomingSubscriptionNotifyDidSucceed or SCIncomingSubscriptionNotifyDidFail.

        RFC: 6665 4.2.2.
        """
        with lock:
            if self._decision is None:
                raise SessionStateError("notify", self.state, ("pending", "active"))
            document = self._document(content_type, body)
            if self.is_running:
                self._want_end(document)

    def terminate(self, reason: str = "deactivated", retry_after: int | None = None) -> None:
        """End it; silent when it is over.

        Args:
            reason: `deactivated` (he is to subscribe anew at once), `rejected`, `noresource`, `probation`, ...
            retry_after: Seconds after which he may come again.

        Raises:
            ValueError: The reason is no token, or the seconds are less than 0.

        Notifications:
            SCIncomingSubscriptionChangedState to terminated; SCIncomingSubscriptionDidEnd when the last NOTIFY was
            answered.

        RFC: 6665 4.1.3.
        """
        if not isinstance(reason, str) or not is_token(reason):
            raise ValueError(f"reason must be a token, not {reason!r}")
        after = None if retry_after is None else checking.integer("retry_after", retry_after, 0, LONGEST)
        with lock:
            if self.is_running:
                self._want_end(Terminate(reason, after))

    def _decide(self, decision: Accept | Reject) -> None:
        self._decision = decision
        self._want_end(decision)

    def _check_incoming(self, method: str) -> None:
        if self._decision is not None or isinstance(self._wish, Terminate) or not self.is_running:
            raise SessionStateError(method, self.state, ("incoming",))

    def _document(self, content_type: str, body: str | bytes) -> Document:
        kind = checked_content_type(content_type)
        content = body_bytes(body, kind)
        self._number += 1
        return Document(self._number, kind, content)

    # For `Notifiers` and `Askers`

    def present(self, home: Askers, token: str) -> None:
        """Wait for the decision of the application; the engine calls this.

        Raises:
            SIPCoreError: The engine is stopping.
            RemoteProtocolError: The SUBSCRIBE is malformed.
        """
        self._wish, self._is_running = Begin(), True
        home.begin(self, token)

    def initial(self, client: RequestClient, _host: str) -> Notifier:
        """Return the core to begin with; the engine calls this."""
        assert self._request is not None, "it begins once"
        request, flow = self._request
        self._request = None
        return admit(request, flow, client)

    def wish(self) -> Again:
        """Return what a crash may have cost: the decision, and the last command; the engine calls this."""
        return Again(tuple([each for each in (self._decision, self._wish) if each is not None]))

    def finish(self) -> None:
        """End in the ordinary way: the engine is stopping; the engine calls this."""
        self._want_end(Terminate("deactivated"))

    def forgotten(self) -> None:
        """Let it be counted no more; the engine calls this."""
        self._forgotten()
