"""An observer on both buses that tests can wait with, from a greenlet or from a plain thread."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sipsimple.api.waiting import place_here
from sipsimple.notification import NotificationCenter, signals

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 15.0
"""No test that passes waits so long."""

SESSION = (
    "ChangedState NewIncoming NewOutgoing GotRingIndication WillStart DidStart DidFail WillEnd DidEnd "
    "GotMessage DidDeliverMessage DidNotDeliverMessage DidDisplayMessage DidNotDisplayMessage "
    "GotHoldRequest GotUnholdRequest GotStreamProposal AcceptedStreamProposal RejectedStreamProposal GotStreamUpdate "
    "WillStartRecordingAudio DidStartRecordingAudio WillStopRecordingAudio DidStopRecordingAudio "
    "GotNoAudio GotDTMF DidEndPlaying MediaDidRestart "
    "TransferNewOutgoing TransferNewIncoming TransferDidStart TransferGotProgress TransferDidEnd TransferDidFail "
    "GotInfo InfoDidSucceed InfoDidFail GotRedirect"
)
CHAT = (
    "DidInitialize DidStart DidFail WillEnd DidEnd GotMessage DidDeliverMessage DidNotDeliverMessage "
    "GotComposingIndication GotDeliveryNotification DidDisplayMessage DidNotDisplayMessage "
    "DidSetNickname DidNotSetNickname GotNicknameRequest"
)
FILE = "DidInitialize DidStart GotProgress DidDeliverFile DidNotDeliverFile GotFile WillEnd DidEnd DidFail"
REGISTRATION = "ChangedState DidSucceed DidFail WillEnd DidEnd"
ENGINE = "WillStart DidStart DidFail WillEnd DidEnd SIPTrace GotMessage GotMessageResponse GotNotify"
ASKED = "ChangedState DidSucceed DidFail WillEnd DidEnd"
REQUEST = "GotProvisionalResponse DidSucceed DidFail WillExpire DidEnd"
NAMES = (
    *(f"SCSession{each}" for each in SESSION.split()),
    *(f"MSRPChat{each}" for each in CHAT.split()),
    *(f"MSRPFileTransfer{each}" for each in FILE.split()),
    *(f"SCRegistration{each}" for each in REGISTRATION.split()),
    *(f"SCEngine{each}" for each in ENGINE.split()),
    *(f"{prefix}{each}" for prefix in ("SCSubscription", "SCPublication") for each in ASKED.split()),
    "SCSubscriptionGotNotify",
    *(f"SCRequest{each}" for each in REQUEST.split()),
    "SCAudioTransportGotDTMF",
    "SCWaveFileDidEnd",
    "SCRecordingWaveFileDidEnd",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One notification."""

    name: str
    sender: Any
    data: Any


class Watch:
    """Records what is told on both buses, and reacts as it is told to; use as a context."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.signalled: list[Seen] = []
        self.on: dict[str, Callable[[Any], Any]] = {}
        self._waiting: list[Any] = []

    def __enter__(self) -> Watch:
        NotificationCenter().add_observer(self)
        for name in NAMES:
            signals[name].connect(self._signalled)
        return self

    def __exit__(self, *_: object) -> None:
        NotificationCenter().remove_observer(self)
        for name in NAMES:
            signals[name].disconnect(self._signalled)

    def handle_notification(self, notification: Any) -> None:
        self.seen.append(Seen(notification.name, notification.sender, notification.data))
        for place in tuple(self._waiting):
            place.wake()
        react = self.on.get(notification.name)
        if react is not None:
            react(notification.sender)

    def _signalled(self, sender: Any, notification: Any) -> None:
        self.signalled.append(Seen(notification.name, sender, notification.data))

    # Waiting

    def until(self, holds: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
        """Wait until `holds()` is true, looking after each notification and now and then; return what it gives."""
        deadline = time.monotonic() + seconds
        place = place_here()
        self._waiting.append(place)
        try:
            while not (value := holds()):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"waited in vain for {what}\n{self}")
                place.wait(min(left, 0.02))
            return value
        finally:
            self._waiting.remove(place)

    def wait_for(self, name: str, sender: Any = None, count: int = 1, seconds: float = SECONDS) -> Seen:
        """Wait until `name` was told `count` times by `sender` (of anybody by default); return the last of them."""
        found = self.until(lambda: self._found(name, sender, count), f"{count} {name} of {sender}", seconds)
        return found[count - 1]

    def _found(self, name: str, sender: Any, count: int) -> list[Seen]:
        found = [each for each in self.seen if each.name == name and sender in (None, each.sender)]
        return found if len(found) >= count else []

    # Reading

    def of(self, *senders: Any) -> list[Seen]:
        """What these senders told, in order."""
        return [each for each in self.seen if any(each.sender is sender for sender in senders)]

    def names(self, *senders: Any) -> list[str]:
        """The names of what these senders told; changes of state as `A>B`."""
        return [_short(each) for each in self.of(*senders)]

    def data(self, name: str, sender: Any = None) -> Any:
        """The data of the first `name`, without the timestamp."""
        first = next(each for each in self.seen if each.name == name and sender in (None, each.sender))
        return {key: value for key, value in vars(first.data).items() if key != "timestamp"}

    def count(self, name: str, sender: Any = None) -> int:
        """How often `name` was told."""
        return len([each for each in self.seen if each.name == name and sender in (None, each.sender)])

    def __str__(self) -> str:
        return "\n".join(f"{_short(each)} {each.sender!r} {vars(each.data)}"[:200] for each in self.seen)


def _short(seen: Seen) -> str:
    if seen.name.endswith("ChangedState"):
        return f"{seen.data.prev_state}>{seen.data.state}"
    return seen.name
