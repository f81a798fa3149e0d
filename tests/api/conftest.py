"""Fixtures of the notification tests: an observer that records, and deliveries that leave nothing behind."""

import gc
import threading

import gevent
import pytest
from gevent.event import Event as GreenEvent

from sipsimple.api.notification.delivery import Delivery
from sipsimple.notification import NotificationCenter, signals

LONG = 30.0  # seconds that no test that passes ever waits


def delivery_greenlets():
    return [each for each in gc.get_objects() if isinstance(each, gevent.Greenlet) and not each.dead]


class Observer:
    """Records names by sender, and does with a notification what its data's `then` says."""

    def __init__(self):
        self.got = []

    def handle_notification(self, notification):
        then = getattr(notification.data, "then", None)
        if then is not None:
            then()
        self.got.append((notification.sender, notification.name))

    def names(self, sender):
        return [name for its_sender, name in self.got if its_sender == sender]


@pytest.fixture
def observer():
    observer = Observer()
    NotificationCenter().add_observer(observer)
    yield observer
    NotificationCenter().remove_observer(observer)


@pytest.fixture(params=["greenlets", "threads"])
def kind(request):
    return request.param


@pytest.fixture
def new_event(kind):
    """Make events that block what the workers are: a greenlet, or a thread for real."""
    return GreenEvent if kind == "greenlets" else threading.Event


@pytest.fixture
def delivery(kind):
    """A Delivery that leaves no worker."""
    before = set(delivery_greenlets()), set(threading.enumerate())
    delivery = Delivery(threads=kind == "threads")
    yield delivery
    assert delivery.stop(LONG)
    assert (delivery.workers, delivery.pending) == (0, 0)
    assert not delivery._idle
    assert not delivery._ready
    assert not delivery._watchers
    gevent.sleep(0)
    assert set(delivery_greenlets()) <= before[0]
    assert set(threading.enumerate()) <= before[1]


@pytest.fixture
def center():
    """The default center, empty again afterwards."""
    center = NotificationCenter()
    before = dict(center._anyone), dict(center._by_sender)
    yield center
    for observer in [each for bucket in center._anyone.values() for each in bucket]:
        center.purge_observer(observer)
    for _, names in tuple(center._by_sender.values()):
        for observer in [each for bucket in names.values() for each in bucket]:
            center.purge_observer(observer)
    signals.clear()
    assert (center._anyone, center._by_sender) == before == ({}, {})
