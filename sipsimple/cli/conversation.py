"""One outgoing call, followed by its notifications, for code that goes step by step."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from gevent.event import Event as Flag

from sipsimple.notification import NotificationCenter
from sipsimple.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sipsimple.account import Account
    from sipsimple.core import SIPURI, Credentials, Route
    from sipsimple.msrp import MSRPFileTransfer
    from sipsimple.notification import Notification, NotificationData


class Conversation:
    """A call that this side makes.

    Attributes:
        session: The session.
        rings: How many ring indications came.
        is_started: It was answered.
        is_over: It has ended, or was not answered.
        refusal: The status with which the peer refused it; None: he did not.
        is_failed: It failed, or something that was asked of it.
        is_interrupted: Whoever waits here shall wait no more.
        pending: Ids of messages whose fate is open.
        delivered: Ids of those that arrived.
        undelivered: Ids of those that did not.
        received: What the peer sent, in order.
        digits: The DTMF digits that the peer sent, in order.
        played: Numbers of the players that came to their end.
        recorded: Names of the recordings that can be read.
        restarts: What was told each time that a broken stream went on.
    """

    def __init__(self) -> None:
        self.session = Session()
        self.rings = 0
        self.is_started = self.is_over = self.is_failed = self.is_interrupted = False
        self.refusal: int | None = None
        self.pending: set[str] = set()
        self.delivered: list[str] = []
        self.undelivered: list[str] = []
        self.received: list[str | bytes] = []
        self.digits = ""
        self.played: list[int] = []
        self.recorded: list[str] = []
        self.restarts: list[NotificationData] = []
        self._changed = Flag()

    def connect(
        self,
        target: SIPURI,
        credentials: Credentials | None,
        route: Route | None,
        *,
        audio: bool = False,
        chat: bool = True,
        files: Iterable[MSRPFileTransfer] = (),
        account: Account | None = None,
    ) -> None:
        """Call `target`."""
        NotificationCenter().add_observer(self, sender=self.session)
        self.session.connect(target, credentials, route, audio, chat, files, account=account)

    def send(self, text: str) -> str:
        """Send a message and return its id.

        Raises:
            SessionStateError: The call has ended meanwhile.
            MSRPChatError: The peer takes no text.
        """
        message_id = self.session.send_message(text)
        self.pending.add(message_id)
        return message_id

    def interrupt(self) -> None:
        """End all waiting."""
        self.is_interrupted = True
        self.wake()

    def wake(self) -> None:
        """Have those who wait look again."""
        self._changed.set()

    def wait(self, holds: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until `holds()`, or nothing more will come; tell whether it holds.

        Args:
            holds: Looked at after each notification.
            seconds: None: as long as it takes.
        """
        deadline = None if seconds is None else monotonic() + seconds
        while not (holds() or self.is_over or self.is_interrupted):
            self._changed.clear()
            if not self._changed.wait(None if deadline is None else deadline - monotonic()):
                break
        return holds()

    def hang_up(self, seconds: float) -> bool:
        """End the call, by CANCEL or BYE; tell whether it ended in time."""
        self.is_interrupted = False
        self.session.terminate()
        return self.wait(lambda: self.is_over, seconds)

    def handle_notification(self, notification: Notification) -> None:
        """Note what happens."""
        data = notification.data
        match notification.name:
            case "SCSessionGotRingIndication":
                self.rings += 1
            case "SCSessionDidStart":
                self.is_started = True
            case "SCSessionGotMessage":
                self.received.append(data.content)
            case "SCSessionDidDeliverMessage":
                self.pending.discard(data.message_id)
                self.delivered.append(data.message_id)
            case "SCSessionDidNotDeliverMessage":
                self.pending.discard(data.message_id)
                self.undelivered.append(data.message_id)
            case "SCSessionGotDTMF":
                self.digits += data.digit
            case "SCSessionDidEndPlaying":
                self.played.append(data.player)
            case "SCSessionDidStopRecordingAudio":
                self.recorded.append(data.file_name)
            case "SCSessionMediaDidRestart":
                self.restarts.append(data)
            case "SCSessionDidFail":
                self.is_failed = True
                if data.originator == "remote" and not self.is_started:
                    self.refusal = data.code
            case "SCSessionDidEnd":
                self.is_over = True
                NotificationCenter().discard_observer(self, sender=self.session)
        self.wake()
