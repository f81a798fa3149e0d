"""What a person reads who chats in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from sipsimple.session import Session

if TYPE_CHECKING:
    from sipsimple.notification import Notification


class ChatScreen:
    """An observer that tells a call in words: messages plain, all else dimmed."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    def handle_notification(self, notification: Notification) -> None:
        """Say what happened, if it is worth a line."""
        session, data = notification.sender, notification.data
        if not isinstance(session, Session) or session.remote_uri is None:
            return
        peer = session.remote_uri
        match notification.name:
            case "SCSessionNewOutgoing":
                self._say(f"calling {peer}")
            case "SCSessionGotRingIndication":
                self._say("ringing")
            case "SCSessionDidStart":
                self._say("connected")
            case "SCSessionGotMessage":
                self._console.print(
                    Text.assemble(
                        (f"{peer.display or peer.user or peer.host}: ", "bold cyan"), _printable(data.content)
                    )
                )
            case "SCSessionDidDeliverMessage":
                self._say("delivered")
            case "SCSessionDidNotDeliverMessage":
                self._say(f"not delivered: {data.code} {data.reason}", "red")
            case "SCSessionDidFail":
                self._say(f"failed ({data.originator}): {data.code} {data.reason}", "red")
            case "SCSessionDidEnd":
                self._say(f"ended ({data.originator})")

    def _say(self, text: str, style: str = "dim") -> None:
        self._console.print(Text(_printable(text), style))


def _printable(content: str | bytes) -> str:
    """Return what a terminal may be sent: a peer's control characters could do anything to it."""
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)
