"""Instant messages outside of sessions: `send_message()`, and the order in which messages go out.

A message to somebody waits until the one before was answered (RFC 3428 8), so
that they arrive in the order in which they were sent.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from sipsimple.api.asking.asked import lock
from sipsimple.api.asking.request import Request
from sipsimple.api.notification.notification import NotificationData
from sipsimple.errors import SIPCoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sipsimple.api.asking.askers import Askers
    from sipsimple.api.identity import Credentials, Route
    from sipsimple.api.uri import SIPURI

MOST_WAITING = 1000
"""Messages to one address that wait for the answers to those before."""


def send_message(
    credentials: Credentials,
    to_uri: SIPURI,
    content_type: str,
    content_subtype: str,
    body: str | bytes,
    route: Route | None = None,
    extra_headers: Mapping[str, str] | None = None,
) -> str:
    """Send an instant message outside of any session, and return its id.

    It waits until the messages before it to the same address were answered. One of more than 1300 bytes goes by TCP,
    and by UDP only where there is no way by TCP.

    Args:
        credentials: Who sends it, and the passwords.
        to_uri: Whom to.
        content_type: `text`, of `text/plain`.
        content_subtype: `plain`.
        body: The content; text is sent as UTF-8, or in the charset that the subtype names.
        route: The outbound proxy; None: the host of `to_uri` says where to go.
        extra_headers: More header lines.

    Returns:
        The Call-ID, which SCEngineGotMessageResponse has as `message_id`.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: One has a bad value.
        SIPCoreError: The engine does not run or is stopping, a `sips:` URI would be reached in clear, or too many
            messages to this address wait.

    Notifications:
        SCEngineGotMessageResponse, sent by the Engine, once.

    RFC: 3428 4, 8; 3261 18.1.1.
    """
    from sipsimple.api.engine.engine import Engine

    if not isinstance(content_type, str) or not isinstance(content_subtype, str):
        raise TypeError(f"not a content type: {content_type!r}/{content_subtype!r}")
    message = Message(
        "MESSAGE",
        credentials,
        to_uri,
        to_uri,
        None,
        route,
        extra_headers=extra_headers,
        content_type=_with_charset(f"{content_type}/{content_subtype}", body),
        body=body,
    )
    Engine().core.messages.send(message)
    return message.call_id


def _with_charset(content_type: str, body: str | bytes) -> str:
    is_text = isinstance(body, str) and content_type[:5].lower() == "text/"
    return f"{content_type};charset=UTF-8" if is_text and "charset" not in content_type.lower() else content_type


class Message(Request):
    """One message; its outcome is told by the Engine."""

    messages: Messages
    is_answered = False

    def begin(self, home: Askers) -> None:
        """Send it.

        Raises:
            SIPCoreError: The engine is stopping.
        """
        self._want(home, lambda: self._allowed(None))

    def post(self, name: str, data: Mapping[str, Any]) -> None:
        """Tell the outcome, and have the next one sent."""
        if name in ("SCRequestDidSucceed", "SCRequestDidFail"):
            self.messages.answered(self, data["code"], data["reason"])

    def finish(self) -> None:
        """Wait for the answer as long as there is time."""

    def give_up(self, reason: str) -> None:
        """Tell that nobody has answered."""
        self.detach(self.core, is_over=True)
        self.messages.answered(self, 0, reason)


class Messages:
    """The messages of one engine that are not answered yet.

    Args:
        home: Makes the actors.
        post: Posts a notification of the engine.
    """

    def __init__(self, home: Askers, post: Callable[[str, NotificationData], None]) -> None:
        self._home = home
        self._post = post
        self._waiting: dict[str, deque[Message]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def send(self, message: Message) -> None:
        """Send a message, now or when those before it to the same address were answered.

        Raises:
            SIPCoreError: The engine is stopping, or too many wait.
        """
        message.messages = self
        key = _key(message)
        with lock:
            line = self._waiting.get(key)
            if line is not None and len(line) >= MOST_WAITING:
                raise SIPCoreError(f"{len(line)} messages to {message.to_uri} wait for an answer")
            if line is not None:
                line.append(message)
                return
            self._waiting[key] = deque([message])
        try:
            message.begin(self._home)
        except BaseException:
            self._go_on(self._next(message))
            raise

    def answered(self, message: Message, code: int, reason: str) -> None:
        """Tell the outcome of a message; the next one to the same address begins."""
        if not message.is_answered:
            self._tell(message, code, reason)
            self._go_on(self._next(message))

    def _tell(self, message: Message, code: int, reason: str) -> None:
        message.is_answered = True
        data = NotificationData(to_uri=message.to_uri, code=code, reason=reason, message_id=message.call_id)
        self._post("SCEngineGotMessageResponse", data)

    def _next(self, message: Message) -> Message | None:
        """Take `message` out of its line; return the one behind it."""
        key = _key(message)
        with lock:
            line = self._waiting[key]
            line.popleft()
            if line:
                return line[0]
            del self._waiting[key]
            return None

    def _go_on(self, message: Message | None) -> None:
        while message is not None:
            try:
                message.begin(self._home)
            except SIPCoreError as error:
                self._tell(message, 0, str(error))
                message = self._next(message)
            else:
                return


def _key(message: Message) -> str:
    return str(message.request_uri)
