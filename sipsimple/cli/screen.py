"""What a person reads who calls or chats in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from sipsimple.cli.printable import printable
from sipsimple.session import Session

if TYPE_CHECKING:
    from sipsimple.notification import Notification


class CallScreen:
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
                    Text.assemble((f"{peer.display or peer.user or peer.host}: ", "bold cyan"), printable(data.content))
                )
            case "SCSessionDidDeliverMessage":
                self._say("delivered")
            case "SCSessionDidNotDeliverMessage":
                self._say(f"not delivered: {data.code} {data.reason}", "red")
            case "SCSessionGotHoldRequest":
                self._say(f"on hold ({data.originator})")
            case "SCSessionGotUnholdRequest":
                self._say(f"off hold ({data.originator})")
            case "SCSessionGotDTMF":
                self._say(f"digit {data.digit}")
            case "SCSessionDidStartRecordingAudio":
                self._say(f"recording to {data.file_name}")
            case "SCSessionDidStopRecordingAudio":
                self._say(f"recorded {data.file_name}")
            case "SCSessionGotNoAudio":
                self._say("no audio comes from the peer", "red")
            case "SCSessionMediaDidRestart":
                self._say(f"audio went on after {data.duration_ms} ms: {data.reason}")
            case "SCSessionDidFail":
                self._say(f"failed ({data.originator}): {data.code} {data.reason}", "red")
            case "SCSessionDidEnd":
                self._say(f"ended ({data.originator})")

    def _say(self, text: str, style: str = "dim") -> None:
        self._console.print(Text(printable(text), style))


def statistics_line(told: dict[str, Any]) -> str:
    """Return the figures of an audio stream as one line."""
    encryption = "SRTP" if told["srtp"] else "plain RTP"
    return (
        f"{told['codec']} {told['sample_rate']} Hz, {encryption}: {told['packets_sent']} packets sent,"
        f" {told['packets_received']} received, {told['packets_lost']} lost, jitter {told['jitter_ms']:.1f} ms"
    )
