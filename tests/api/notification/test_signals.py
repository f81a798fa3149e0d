"""The blinker side of the bus."""

import pytest

from sipsimple.notification import NotificationCenter, signals


class Sender:
    pass


ALICE, BOB = Sender(), Sender()


class Recorder:
    """An observer that passes what it gets to `then`."""

    def __init__(self, then):
        self.got = []
        self.then = then

    def handle_notification(self, notification):
        self.got.append(notification)
        self.then(notification)


def test_a_signal_is_made_when_first_named():
    assert signals.SCSessionWillEnd is signals["SCSessionWillEnd"]
    assert signals.SCSessionWillEnd.name == "SCSessionWillEnd"
    with pytest.raises(AttributeError):
        _ = signals._private


def test_observers_come_before_receivers_and_both_get_the_same_notification(center):
    told = []
    center.add_observer(recorder := Recorder(told.append))
    signals.a.connect(receiver := lambda sender, notification: told.append((sender, notification)))
    center.post_notification("a", ALICE)
    (notification,) = recorder.got
    assert told == [notification, (ALICE, notification)]
    assert receiver


def test_receivers_choose_their_sender_and_may_be_muted(center):
    got = []
    signals.a.connect(receiver := lambda sender, notification: got.append(sender), sender=ALICE)
    center.post_notification("a", BOB)
    center.post_notification("a", ALICE)
    with signals.a.muted():
        center.post_notification("a", ALICE)
    assert got == [ALICE]
    assert receiver


def test_a_coroutine_function_is_reported_as_a_receiver_nobody_awaits(center, caplog):
    async def receiver(sender, notification):
        """Never run."""

    signals.a.connect(receiver)
    center.post_notification("a")
    (record,) = caplog.records
    assert "coroutine" in str(record.exc_info[1])


def test_only_the_default_center_sends_signals(center):
    got = []
    signals.a.connect(receiver := lambda sender, notification: got.append(sender))
    NotificationCenter("x").post_notification("a", ALICE)
    assert got == []
    assert receiver
