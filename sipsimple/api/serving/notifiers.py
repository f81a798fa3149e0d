"""Handing SUBSCRIBEs to the application, for the event packages that it serves.

Our tag, by which the router knows a subscription, follows from the SUBSCRIBE
and a secret: so a repeat, which bears no tag yet, finds it without a table.

RFC: 6665 4.2.1; 3261 8.2.2.2, 17.2.3.
"""

from __future__ import annotations

import secrets
from collections import Counter
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING

from sipsimple.actors.sip.admission import sender_of
from sipsimple.api.notification.notification import NotificationData
from sipsimple.api.serving.incoming_subscription import IncomingSubscription
from sipsimple.errors import RemoteProtocolError, SIPCoreError
from sipsimple.protocols.sip.transaction.matching import merge_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime import Ref
    from sipsimple.actors.sip.router import Router
    from sipsimple.api.asking.askers import Askers
    from sipsimple.protocols.sip.admission.limits import AdmissionLimits
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transport import Flow

RETRY_AFTER = "30"
"""Seconds that those are told to wait for whom there is no room."""


class Notifiers:
    """Makes the subscriptions of others.

    Args:
        home: Runs them.
        router: Knows which run.
        post: Posts a notification of the engine.
        limits: How many there may be.
    """

    def __init__(
        self, home: Askers, router: Router, post: Callable[[str, NotificationData], None], limits: AdmissionLimits
    ) -> None:
        self._limits = limits
        self._counts: Counter[str] = Counter()
        self._home = home
        self._router = router
        self._post = post
        self._secret = secrets.token_bytes(32)

    def of(self, request: Request) -> Ref | None:
        """Return whoever has this SUBSCRIBE already, or what is left of it."""
        try:
            return self._router.named(self._token(request))
        except RemoteProtocolError:
            return None

    def open(self, request: Request, flow: Flow, user: str | None) -> None:
        """Have the application decide.

        Raises:
            RemoteProtocolError: The SUBSCRIBE is refused.
        """
        token = self._token(request)
        if self._router.named(token) is not None:
            raise RemoteProtocolError("merged request", 482)
        source = sender_of(request)
        self._check_room(source)
        subscription = IncomingSubscription(request, flow, user, partial(self._forget, source))
        try:
            subscription.present(self._home, token)
        except SIPCoreError as error:
            raise RemoteProtocolError(str(error), 503) from error
        self._counts[source] += 1
        data = NotificationData(
            subscription=subscription,
            event=subscription.event,
            from_uri=subscription.from_uri,
            to_uri=subscription.to_uri,
            expires=subscription.expires,
            accept_types=subscription.accept_types,
            headers=subscription.headers,
            body=subscription.body,
            authenticated_user=user,
        )
        self._post("SCEngineGotSubscribe", data)

    def _check_room(self, source: str) -> None:
        for count, most, whose in (
            (len(self._home), self._limits.subscriptions, ""),
            (self._counts[source], self._limits.subscriptions_per_source, " of one source"),
        ):
            if count >= most:
                raise RemoteProtocolError(f"{most} subscriptions{whose} already", 503, ("Retry-After", RETRY_AFTER))

    def _forget(self, source: str) -> None:
        self._counts[source] -= 1
        if not self._counts[source]:
            del self._counts[source]

    def _token(self, request: Request) -> str:
        return blake2b(repr(merge_key(request)).encode(), key=self._secret, digest_size=8).hexdigest()
