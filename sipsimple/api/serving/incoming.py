"""What comes outside of sessions, as the Engine tells it: messages, and NOTIFYs that nobody subscribed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api.body import readable
from sipsimple.api.limits import MOST_UNHEARD
from sipsimple.api.notification.notification import NotificationData
from sipsimple.api.uri import SIPURI
from sipsimple.errors import SIPCoreError
from sipsimple.protocols.sip.admission.unheard import too_much_unheard
from sipsimple.protocols.sip.outside import Policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.api.engine.options import EngineOptions
    from sipsimple.protocols.sip.outside import Told


class Incoming:
    """Tells what was taken, and says what is.

    Args:
        options: Of the engine; what they say now counts.
        post: Posts a notification of the engine.
        unheard: How many of them no observer has heard yet.
    """

    def __init__(
        self, options: EngineOptions, post: Callable[[str, NotificationData], None], unheard: Callable[[], int]
    ) -> None:
        self._options = options
        self._post = post
        self._unheard = unheard

    def policy(self) -> Policy:
        """Return what is taken now."""
        options = self._options
        return Policy(
            options.message_types,
            options.events or {},
            frozenset(options.unsolicited_events),
            frozenset(options.served_events),
        )

    def tell(self, told: Told) -> None:
        """Post the notification: addresses as SIPURI, text as str.

        Raises:
            RemoteProtocolError: 503: observers have not come to so many that more would fill the memory.
        """
        if self._unheard() >= MOST_UNHEARD:
            raise too_much_unheard()
        data = dict(told.data)
        for name in ("from_uri", "to_uri"):
            data[name] = address(data[name])
        if data["content_type"] == "text":
            data["body"] = readable(data["body"], data["headers"]["Content-Type"])
        self._post(told.name, NotificationData(**data))


def address(text: str) -> SIPURI | str:
    """Return the address; as text where it is no SIP URI."""
    try:
        return SIPURI.parse(text)
    except (SIPCoreError, ValueError):
        return text
