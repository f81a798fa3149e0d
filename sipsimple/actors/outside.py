"""What is done with a MESSAGE, SUBSCRIBE or NOTIFY that belongs to nothing: told once, answered each time.

The endpoint answers without state, so what was told already is remembered here
for as long as it may be repeated (RFC 3261 17.2.2).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sipsimple.protocols.sip.outside import Policy, Told, receive
from sipsimple.protocols.sip.recent import Recent
from sipsimple.protocols.sip.transaction.matching import server_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.protocols.sip.message import Request

ROOM = 20_000
"""So many requests are remembered at the least, if they came within the time."""


class Outside:
    """Takes such requests.

    Args:
        policy: Says what is taken now.
        tell: Tells the application.
        seconds: For so long a request may be repeated.
        now: The time.
    """

    def __init__(
        self,
        policy: Callable[[], Policy],
        tell: Callable[[Told], None],
        seconds: float = 32.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._tell = tell
        self._now = now
        self._told = Recent(ROOM, seconds)

    @property
    def events(self) -> str:
        """The event packages that are known, for Allow-Events."""
        return ", ".join(sorted(self._policy().events))

    def take(self, request: Request) -> None:
        """Tell a request, unless it is a repeat; it is to be answered 200.

        Raises:
            RemoteProtocolError: It is not taken, and to be answered so.
        """
        told = receive(request, self._policy())
        key = server_key(request)
        if not self._told.has(key):
            self._told.add(key, self._now())
            self._tell(told)
