"""What an `MSRPChat` belongs to: a session, or nothing but the engine, where an application does its own signalling."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sipsimple.api.chat.features import ChatFeatures
from sipsimple.errors import SessionStateError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from sipsimple.api.chat.chat import MSRPChat
    from sipsimple.api.notification.delivery import Item
    from sipsimple.api.notification.notification import NotificationData
    from sipsimple.protocols.sdp.media import Media

    class Home(Protocol):
        """What a chat belongs to: a session, or nothing but the engine."""

        @property
        def has_ended(self) -> bool:
            """Whether it is told of messages no more."""

        def post(self, sender: object, name: str, data: NotificationData) -> None:
            """Post a notification."""

        @property
        def waiting(self) -> Sequence[Item]:
            """What no observer was told yet."""

        def detach_stream(self, stream: object) -> None:
            """Have it no more."""


class ChatHome(ChatFeatures):
    """The beginning of a chat on its own."""

    _session: Home | None

    def initialize(self, ip: str | None = None, port: int | None = None, use_tls: bool = True) -> None:
        """Make a chat that belongs to no session known: then `local_media` is to be told to the peer.

        The chat of a session is initialised by that.

        Args:
            ip: Where to listen; None: the engine's address.
            port: TCP port; None or 0: any free one.
            use_tls: Use `msrps`.

        Raises:
            SIPCoreError: The engine is not running.
            SessionStateError: It is not NULL.
            TypeError: An argument is of the wrong type.
            ValueError: The address is none, or the port.

        Notifications:
            MSRPChatDidInitialize, or MSRPChatDidFail and MSRPChatDidEnd.

        RFC: 4975 8, 4976 5.1.
        """
        from sipsimple.api.chat import alone as chat_alone

        if self._session is not None:
            raise SessionStateError("initialize", self.state, ("NULL",))
        chat_alone.initialize(cast("MSRPChat", self), ip, port, use_tls)

    def start(self, remote_media: Media) -> None:
        """Start a chat that belongs to no session: connect with the peer's line, or wait for it to connect.

        Raises:
            SessionStateError: It is not INITIALIZED.
            TypeError: `remote_media` is no media description.

        Notifications:
            MSRPChatDidStart, or MSRPChatDidFail.

        RFC: 4975 5.4, 6135 4.
        """
        from sipsimple.api.chat import alone as chat_alone

        alone = self._session
        if self._ref is None or self.state != "INITIALIZED" or not isinstance(alone, chat_alone.Alone):
            raise SessionStateError("start", self.state, ("INITIALIZED",))
        if alone.is_begun:
            raise SessionStateError("start", "STARTING", ("INITIALIZED",))
        chat_alone.start(cast("MSRPChat", self), self._ref, remote_media)
        alone.is_begun = True
