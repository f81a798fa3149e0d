"""Observers that fail, workers that die, flushing and stopping."""

import subprocess
import sys
import threading

import gevent
import pytest
from gevent.event import Event as GreenEvent

from sipsimple.api.notification.delivery import Delivery
from sipsimple.notification import NotificationData

LONG = 30.0  # seconds that no test that passes ever waits


def flushed(delivery):
    assert delivery.flush(LONG)
    return True


# Observers that fail


def test_a_failing_observer_ends_no_worker_and_keeps_nobody_from_hearing(delivery, observer, caplog):
    queue = delivery.queue()

    def fail():
        raise ValueError("observer's own fault")

    def time_out():
        raise gevent.Timeout(1)

    queue.post("s", "a", NotificationData(then=fail))
    queue.post("s", "b", NotificationData(then=time_out))
    queue.post("s", "c")
    assert flushed(delivery)
    assert observer.names("s") == ["c"]
    assert [record.exc_info[0] for record in caplog.records] == [ValueError, gevent.Timeout]


def test_a_failure_is_logged_with_the_names_of_the_call_that_the_queue_is_of(delivery, observer, caplog):
    def fail():
        raise ValueError("observer's own fault")

    delivery.queue((("session", "12ab"), ("call_id", "c"))).post("s", "a", NotificationData(then=fail))
    assert flushed(delivery)
    assert "session=12ab call_id=c" in caplog.text


def test_a_killed_worker_is_replaced_and_its_queue_goes_on(observer):
    delivery = Delivery()
    queue = delivery.queue()

    def die():
        raise gevent.GreenletExit

    queue.post("s", "a", NotificationData(then=die))
    queue.post("s", "b")
    assert flushed(delivery)
    assert observer.names("s") == ["b"]
    assert delivery.stop(LONG)


def test_a_worker_killed_while_idle_is_not_counted_on(observer):
    delivery = Delivery()
    delivery.queue().post("s", "a")
    assert flushed(delivery)
    gevent.sleep(0)
    gevent.killall(list(delivery._inside))
    assert (delivery.workers, delivery._free, delivery._idle) == (0, 0, [])
    delivery.queue().post("s", "b")
    assert flushed(delivery)
    assert observer.names("s") == ["a", "b"]
    assert delivery.stop(LONG)


# Inside, flush and stop


def test_only_an_observer_run_by_a_worker_is_inside(delivery, observer):
    told = []

    def ask():
        told.append(delivery.inside())
        with pytest.raises(RuntimeError, match="wait for itself"):
            delivery.flush()

    delivery.queue().post("s", "a", NotificationData(then=ask))
    assert flushed(delivery)
    assert told == [True]
    assert not delivery.inside()


def test_flush_counts_what_is_posted_meanwhile(delivery, observer):
    queue = delivery.queue()
    again = NotificationData(then=lambda: queue.post("s", "b"))
    queue.post("s", "a", again)
    assert flushed(delivery)
    assert observer.names("s") == ["a", "b"]


def test_flush_waits_in_a_thread_without_a_hub(delivery, observer, new_event):
    go_on, gave_up, told = new_event(), threading.Event(), []
    delivery.queue().post("s", "a", NotificationData(then=lambda: go_on.wait(LONG)))

    def flush():
        told.append(delivery.flush(0))
        gave_up.set()
        told.append(delivery.flush(LONG))

    thread = threading.Thread(target=flush)
    thread.start()
    assert gave_up.wait(LONG)
    go_on.set()
    assert flushed(delivery)
    thread.join()
    assert told == [False, True]


def test_stop_drops_what_was_not_delivered_and_what_comes_after(delivery, observer, new_event):
    slow, entered, go_on = delivery.queue(), new_event(), new_event()

    def wait():
        entered.set()
        assert go_on.wait(LONG)
        delivery.stop(0)

    slow.post("s", "a", NotificationData(then=wait))
    slow.post("s", "b")
    assert entered.wait(LONG)
    go_on.set()
    assert flushed(delivery)
    slow.post("s", "c")
    assert observer.names("s") == ["a"]
    assert slow.items is None


def test_how_many_notifications_were_dropped_is_logged_once(delivery, observer, new_event, caplog):
    slow, entered, go_on = delivery.queue(), new_event(), new_event()

    def wait():
        entered.set()
        assert go_on.wait(LONG)

    slow.post("s", "a", NotificationData(then=wait))
    slow.post("s", "b")
    slow.post("s", "c")
    assert entered.wait(LONG)
    gevent.spawn(go_on.set)
    assert delivery.stop(LONG)
    assert delivery.stop(LONG)
    told = [record.getMessage() for record in caplog.records]
    assert observer.names("s") == ["a"]
    assert told == ["delivery.dropped notifications=2"]


def test_stop_from_inside_does_not_wait_for_itself(delivery, observer):
    told = []
    delivery.queue().post("s", "a", NotificationData(then=lambda: told.append(delivery.stop(LONG))))
    assert flushed(delivery)
    assert told == [True]
    assert observer.names("s") == ["a"]


def test_a_greenlet_that_waits_longer_than_stop_allows_is_killed(observer, caplog):
    delivery, ended = Delivery(), []

    def wait():
        try:
            GreenEvent().wait(LONG)
        finally:
            ended.append(True)

    delivery.queue().post("s", "a", NotificationData(then=wait))
    gevent.sleep(0)
    assert delivery.stop(0)
    assert ended == [True]
    assert "delivery.overdue workers=1" in caplog.text


def test_a_thread_that_blocks_longer_than_stop_allows_ends_with_its_observer(observer, caplog):
    delivery, entered, go_on = Delivery(threads=True), threading.Event(), threading.Event()

    def wait():
        entered.set()
        go_on.wait(LONG)

    delivery.queue().post("s", "a", NotificationData(then=wait))
    assert entered.wait(LONG)
    assert not delivery.stop(0)
    assert "delivery.overdue workers=1" in caplog.text
    go_on.set()
    assert delivery.stop(LONG)
    assert delivery.workers == 0


def test_a_hub_that_an_observer_made_in_a_thread_goes_with_it(observer):
    delivery, hubs = Delivery(threads=True), []

    def use_gevent():
        gevent.sleep(0)
        hubs.append(gevent.get_hub())

    delivery.queue().post("s", "a", NotificationData(then=use_gevent))
    assert flushed(delivery)
    assert delivery.stop(LONG)
    assert hubs[0] is not gevent.get_hub()
    assert hubs[0].loop is None


PATCHED = """
from gevent import monkey; monkey.patch_all()
import time
from gevent.monkey import get_original
from sipsimple.api.notification.delivery import Delivery
from sipsimple.notification import NotificationCenter, NotificationData
identity, sleep = get_original("_thread", "get_ident"), get_original("time", "sleep")
seen = []
class Observer:
    def handle_notification(self, notification):
        sleep(0.01)
        time.sleep(0.01)
        seen.append(identity())
NotificationCenter().add_observer(Observer())
delivery = Delivery(threads=True)
delivery.queue().post("s", "a")
assert delivery.flush(30)
assert seen and seen[0] != identity(), seen
assert delivery.stop(30)
print("real")
"""


def test_threads_are_real_even_where_threading_is_patched():
    run = subprocess.run([sys.executable, "-c", PATCHED], capture_output=True, text=True, timeout=100, check=False)
    assert (run.stdout, run.stderr) == ("real\n", "")
