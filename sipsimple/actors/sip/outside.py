"""What is done with a MESSAGE, SUBSCRIBE or NOTIFY that belongs to nothing: told once, answered each time.

The endpoint answers without state, so what was told already is remembered here
for as long as it may be repeated (RFC 3261 17.2.2).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from sipsimple.protocols.sip.admission.recent import Recent
from sipsimple.protocols.sip.outside import Policy, Told, is_served, receive
from sipsimple.protocols.sip.transaction.matching import server_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime import Ref
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transport import Flow

ROOM = 20_000
"""So many requests are remembered at the least, if they came within the time."""


class Subscriptions(Protocol):
    """What SUBSCRIBEs are handed to, where the application serves their package."""

    def of(self, request: Request) -> Ref | None:
        """Return whoever has this SUBSCRIBE already, or what is left of it."""

    def open(self, request: Request, flow: Flow, user: str | None) -> None:
        """Have the application decide, or raise RemoteProtocolError with the status due."""


class Outside:
    """Takes such requests.

    Args:
        policy: Says what is taken now.
        tell: Tells the application, or raises RemoteProtocolError with the status due.
        subscriptions: Takes the SUBSCRIBEs for what the application serves.
        seconds: For so long a request may be repeated.
        now: The time.
    """

    def __init__(
        self,
        policy: Callable[[], Policy],
        tell: Callable[[Told], None],
        subscriptions: Subscriptions,
        seconds: float = 32.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._tell = tell
        self._subscriptions = subscriptions
        self._now = now
        self._told = Recent(ROOM, seconds)

    @property
    def events(self) -> str:
        """The event packages that are known, for Allow-Events."""
        return self._policy().allowed_events

    def owner(self, request: Request) -> Ref | None:
        """Return whoever has the SUBSCRIBE already of which this is a repeat."""
        is_first = request.method == "SUBSCRIBE" and request.to.tag is None
        return self._subscriptions.of(request) if is_first and self._policy().served else None

    def hand_over(self, request: Request, flow: Flow, user: str | None) -> bool:
        """Have the application decide about a SUBSCRIBE for what it serves; False: it is none.

        Raises:
            RemoteProtocolError: It is refused.
        """
        if request.method != "SUBSCRIBE" or not is_served(request, self._policy()):
            return False
        self._subscriptions.open(request, flow, user)
        return True

    def take(self, request: Request, user: str | None) -> None:
        """Tell a request of `user`, who has proven his name or was not asked, unless it is a repeat.

        It is to be answered 200.

        Raises:
            RemoteProtocolError: It is not taken, and to be answered so.
        """
        told = receive(request, self._policy(), user)
        key = server_key(request)
        if not self._told.has(key):
            self._tell(told)
            self._told.add(key, self._now())
