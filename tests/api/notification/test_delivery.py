"""Queues and workers, of both kinds: order, isolation from observers that wait, fairness."""

import datetime
import gc
import threading
from collections import deque

import gevent
from gevent.event import Event as GreenEvent
from greenlet import getcurrent
from hypothesis import given, settings
from hypothesis import strategies as st

from sipsimple.api.notification.crew import Threads
from sipsimple.api.notification.delivery import BATCH, MOST_IDLE, Delivery, NotificationQueue
from sipsimple.notification import NotificationCenter, NotificationData, signals

LONG = 30.0  # seconds that no test that passes ever waits


def flushed(delivery):
    assert delivery.flush(LONG)
    return True


class Recorder:
    def __init__(self):
        self.got = []

    def handle_notification(self, notification):
        self.got.append((notification.sender, notification.name))


# Order and content


def test_what_waits_can_be_read_while_a_worker_takes_of_it():
    """The collector, which may let another thread run, stands here for the thread."""
    queue = NotificationQueue(Delivery())
    queue.items = deque((str(number), None, NotificationData()) for number in range(1_000))
    took, kept = [], []

    def take(phase, _facts):
        if phase == "start" and len(queue.items) > 1:
            took.append(queue.items.popleft())

    before = gc.get_threshold()
    gc.callbacks.append(take)
    gc.set_threshold(1)
    try:
        for _ in range(20):
            kept.append([])  # so that the collector comes at every step of the reading once
            assert queue.waiting[-1][0] == "999"
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(take)
    assert took


@settings(max_examples=25, deadline=None)
@given(posts=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=30), threads=st.booleans())
def test_each_queue_keeps_its_order_whatever_is_posted_when(posts, threads):
    delivery, observer = Delivery(threads=threads), Recorder()
    queues = [delivery.queue() for _ in range(4)]
    NotificationCenter().add_observer(observer)
    for number, (index, pause) in enumerate(posts):
        queues[index].post(index, str(number))
        if pause:
            gevent.sleep(0)
    assert flushed(delivery)
    NotificationCenter().remove_observer(observer)
    assert delivery.stop(LONG)
    for index in range(4):
        expected = [str(number) for number, (its, _) in enumerate(posts) if its == index]
        assert [name for sender, name in observer.got if sender == index] == expected


def test_senders_that_share_a_queue_share_its_order(delivery, observer):
    queue = delivery.queue()
    for number in range(10):
        queue.post(f"sender {number % 2}", str(number))
    assert flushed(delivery)
    assert [name for _, name in observer.got] == [str(number) for number in range(10)]


def test_delivery_is_outside_of_the_posters_greenlet(delivery, observer):
    where = []
    delivery.queue().post("s", "a", NotificationData(then=lambda: where.append((getcurrent(), threading.get_ident()))))
    assert where == []
    assert flushed(delivery)
    ((greenlet, _),) = where
    assert greenlet is not getcurrent()


def test_threads_deliver_outside_of_the_posters_thread(observer):
    delivery, where = Delivery(threads=True), []
    delivery.queue().post("s", "a", NotificationData(then=lambda: where.append(threading.current_thread().name)))
    assert flushed(delivery)
    assert where == ["sipsimple-delivery-1"]
    assert delivery.stop(LONG)


def test_every_notification_gets_a_naive_local_timestamp_unless_it_has_one(delivery, observer):
    queue, new, own = delivery.queue(), NotificationData(), NotificationData(timestamp="own")
    before = datetime.datetime.now()
    queue.post("s", "a", new)
    assert before <= new.timestamp <= datetime.datetime.now()
    assert new.timestamp.tzinfo is None
    queue.post("s", "b", own)
    assert own.timestamp == "own"
    assert flushed(delivery)


def test_posting_without_data_makes_some(delivery, center):
    got = []
    signals.a.connect(receiver := lambda sender, notification: got.append(notification.data.timestamp))
    delivery.queue().post("s", "a")
    assert flushed(delivery)
    assert isinstance(got[0], datetime.datetime)
    assert receiver


def test_posts_from_a_foreign_thread_are_delivered_in_their_order(delivery, observer):
    queue = delivery.queue()

    def post():
        for number in range(200):
            queue.post("s", str(number))

    thread = threading.Thread(target=post)
    thread.start()
    thread.join()
    assert flushed(delivery)
    assert observer.names("s") == [str(number) for number in range(200)]


def test_a_post_from_a_foreign_thread_wakes_a_hub_that_sleeps(observer):
    delivery, hub_runs, seen = Delivery(), threading.Event(), GreenEvent()

    def post():
        assert hub_runs.wait(LONG)
        delivery.queue().post("s", "a", NotificationData(then=seen.set))

    thread = threading.Thread(target=post)
    thread.start()
    gevent.get_hub().loop.run_callback(hub_runs.set)
    assert seen.wait(LONG)
    thread.join()
    assert delivery.stop(LONG)


def test_an_idle_queue_holds_nothing(delivery):
    queue = NotificationQueue(delivery)
    assert queue.items is None
    queue.post("s", "a")
    assert flushed(delivery)
    assert queue.items is None
    assert not queue.busy
    assert not hasattr(queue, "__dict__")


# Observers that wait


def test_a_waiting_observer_delays_only_its_own_queue(delivery, observer, new_event):
    slow, other = delivery.queue(), delivery.queue()
    entered, go_on, seen = new_event(), new_event(), new_event()

    def wait():
        entered.set()
        assert go_on.wait(LONG)

    slow.post("slow", "a", NotificationData(then=wait))
    slow.post("slow", "b")
    other.post("other", "c", NotificationData(then=seen.set))
    assert seen.wait(LONG)
    assert entered.wait(LONG)
    assert observer.names("slow") == []
    assert delivery.pending >= 1
    assert not delivery.flush(0)
    go_on.set()
    assert flushed(delivery)
    assert observer.names("slow") == ["a", "b"]


def test_workers_grow_with_the_observers_that_wait_and_surplus_ones_end(delivery, observer, new_event):
    count, go_on = 3 * MOST_IDLE, new_event()
    entered = [new_event() for _ in range(count)]

    def wait(number):
        entered[number].set()
        assert go_on.wait(LONG)

    for number in range(count):
        delivery.queue().post(number, "a", NotificationData(then=lambda number=number: wait(number)))
    assert all(each.wait(LONG) for each in entered)
    assert delivery.workers >= count
    go_on.set()
    assert flushed(delivery)
    assert delivery._wait(lambda: delivery.workers <= MOST_IDLE, LONG)
    assert len(observer.got) == count


def test_idle_workers_are_used_again(delivery, observer):
    for number in range(20):
        delivery.queue().post("s", str(number))
        assert flushed(delivery)
    assert delivery.workers <= 2


def test_beyond_the_limit_of_threads_queues_wait_for_one(observer):
    delivery, go_on = Delivery(threads=True), threading.Event()
    delivery._crew.limit = 2
    entered = [threading.Event() for _ in range(2)]

    def wait(number):
        entered[number].set()
        assert go_on.wait(LONG)

    for number in range(2):
        delivery.queue().post("slow", str(number), NotificationData(then=lambda number=number: wait(number)))
    delivery.queue().post("late", "a")
    assert all(each.wait(LONG) for each in entered)
    assert (observer.got, delivery.workers) == ([], 2)
    go_on.set()
    assert flushed(delivery)
    assert observer.names("late") == ["a"]
    assert delivery.stop(LONG)


def test_when_the_system_gives_no_thread_the_next_post_tries_again(observer, caplog):
    class Refusing(Threads):
        refuse = True

        def start(self, body):
            if self.refuse:
                raise RuntimeError("can't start new thread")
            super().start(body)

    delivery, queue = Delivery(threads=True), None
    delivery._crew = Refusing()
    delivery.queue().post("s", "a")
    assert "delivery.thread_refused" in caplog.text
    delivery._crew.refuse = False
    queue = delivery.queue()
    queue.post("s", "b")
    assert flushed(delivery)
    assert observer.names("s") == ["a", "b"]
    assert delivery.stop(LONG)


# Fairness


def test_a_long_queue_lets_others_have_a_turn_after_a_batch(observer):
    delivery = Delivery()
    long, short = delivery.queue(), delivery.queue()
    for number in range(4 * BATCH):
        long.post("long", str(number))
    short.post("short", "a")
    assert flushed(delivery)
    assert observer.got.index(("short", "a")) == BATCH
    assert delivery.stop(LONG)


def test_the_hub_gets_a_turn_after_a_batch(observer):
    delivery = Delivery()
    for number in range(4 * BATCH):
        delivery.queue().post("s", str(number))
    seen = []
    gevent.sleep(0)
    seen.append(len(observer.got))
    assert flushed(delivery)
    assert 0 < seen[0] < 4 * BATCH
    assert delivery.stop(LONG)
