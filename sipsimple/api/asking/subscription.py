"""`Subscription`: one subscription as applications hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.sip.subscription import Subscription as Actor
from sipsimple.api import checking
from sipsimple.api.asking.asked import Asked, lock
from sipsimple.api.asking.events import LISTS, checked_event
from sipsimple.api.asking.header_lines import checked_lines
from sipsimple.api.session.calling import party_value, refuse_in_clear, request_uri
from sipsimple.api.uri import SIPURI, required_uri
from sipsimple.errors import SessionStateError
from sipsimple.protocols.sip.request.draft import OwnContact
from sipsimple.protocols.sip.subscription import subscription as core
from sipsimple.protocols.sip.subscription.step import Subscribe, Unsubscribe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipsimple.api.engine.options import EngineOptions
    from sipsimple.api.identity import Credentials, Route
    from sipsimple.protocols.sip.request.client import RequestClient

LONGEST = 7 * 86400
"""Seconds that may be asked for."""

ENDED = "TERMINATED"


class Subscription(Asked):
    """Keeps subscribed to the state of somebody or something.

    Once asked for, the subscription is refreshed before it ends, made anew when
    the notifier has lost it, and tried for again, with growing pauses, after
    failures that may pass. Its states are those of RFC 6665: SENT, ACCEPTED,
    PENDING, ACTIVE, TERMINATED; NULL while it waits for the next try.

    Args:
        credentials: Who subscribes, and the passwords. Its `token` is the user part of our Contact.
        to_uri: Whose state is wanted.
        event: The event package, `presence` or `presence;id=1`: any package, known or not.
        route: The outbound proxy; None: the host of `to_uri` says where to go.
        expires: Seconds to ask for; 0 asks for the present state, once.
        extra_headers: Header lines for each SUBSCRIBE, the last one too. `Accept` replaces what the option
            `events` says; `Supported: eventlist` has lists of resources accepted, whose bodies are told as they are.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: One has a bad value.
        SIPCoreError: A `sips:` URI would be reached in clear.
    """

    actor = Actor
    idle_state = ENDED
    begun_state = "SENT"
    prefix = "SCSubscription"

    def __init__(
        self,
        credentials: Credentials,
        to_uri: SIPURI,
        event: str,
        route: Route | None = None,
        expires: int = 300,
        extra_headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(credentials, route)
        self._to_uri = required_uri("to_uri", to_uri).copy()
        refuse_in_clear(self._to_uri, self._route)
        self._event = checked_event(event)
        self._expires = checking.integer("expires", expires, 0, LONGEST)
        self._headers = checked_lines(extra_headers, ("event", "expires"))
        self._known: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Subscription to {self._event} of {self._to_uri} {self.state}>"

    @property
    def to_uri(self) -> SIPURI:
        """Whose state is wanted; a copy."""
        return self._to_uri.copy()

    @property
    def event(self) -> str:
        """The event package."""
        return str(self._event)

    @property
    def expires(self) -> int:
        """Seconds that are asked for."""
        return self._expires

    def subscribe(self) -> None:
        """Subscribe, and stay subscribed.

        Raises:
            SessionStateError: It is subscribed already, or not ended yet.
            SIPCoreError: The engine does not run, or is stopping.

        Notifications:
            SCSubscriptionChangedState for each change, SCSubscriptionDidSucceed for each 2xx,
            SCSubscriptionGotNotify for each NOTIFY, which may come before the 2xx; SCSubscriptionDidFail, whose
            `retry_after` says when the next try comes. After one without a next try, and after what asked for one
            state only, SCSubscriptionDidEnd comes last.

        RFC: 6665 4.1.2.
        """
        from sipsimple.api.engine.engine import Engine

        engine = Engine().core
        self._want(engine.subscriptions, lambda: self._allowed(engine.options))

    def _allowed(self, options: EngineOptions) -> Subscribe:
        if self.is_running:
            raise SessionStateError("subscribe", self.state, (ENDED,))
        self._known = tuple((options.events or {}).get(self._event.package, ()))
        return Subscribe()

    def unsubscribe(self) -> None:
        """End the subscription by a SUBSCRIBE for no time.

        Raises:
            SessionStateError: There is none.

        Notifications:
            SCSubscriptionWillEnd; SCSubscriptionGotNotify for the last state; SCSubscriptionChangedState to
            TERMINATED, SCSubscriptionDidEnd when the last NOTIFY came, or 64*T1 have passed (then `expired`).

        RFC: 6665 4.1.2.3.
        """
        with lock:
            if not self.is_running:
                raise SessionStateError("unsubscribe", self.state, ("NULL", "SENT", "ACCEPTED", "PENDING", "ACTIVE"))
            self._want_end(Unsubscribe())

    # For `Askers`

    def initial(self, client: RequestClient, host: str) -> core.Subscription:
        """Return the core to begin with; the engine calls this."""
        headers = dict(self._headers)
        named = {name.lower(): name for name in headers}
        supported = frozenset(each.strip().lower() for each in headers.get(named.get("supported", ""), "").split(","))
        terms = core.Terms(
            event=self._event,
            uri=request_uri(self._to_uri),
            local=party_value(self._credentials.uri),
            remote=party_value(self._to_uri),
            host=host,
            contact=OwnContact(self._credentials.token, self._to_uri.secure),
            routes=self._routes,
            expires=self._expires,
            accept=self._accepted(headers.pop(named.get("accept", ""), None), supported),
            headers=tuple(headers.items()),
            supported=supported & {"eventlist"},
        )
        return core.Subscription(terms, client, expires=self._expires)

    def _accepted(self, own: str | None, supported: frozenset[str]) -> tuple[str, ...]:
        if own is not None:
            return tuple([each.partition(";")[0].strip().lower() for each in own.split(",") if each.strip()])
        return (*self._known, *LISTS) if self._known and "eventlist" in supported else self._known

    def finish(self) -> None:
        """End in the ordinary way: the engine is stopping; the engine calls this."""
        self._want_end(Unsubscribe())
