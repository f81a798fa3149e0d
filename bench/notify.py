"""What a notification costs on both buses, and on its way through a queue.

The bound is what the two buses cost bare: blinker's own send and a minimal
dict-of-sets center, one after the other, with the data built once.
"""

from __future__ import annotations

import statistics
import sys
import timeit
import tracemalloc
from collections import deque
from pathlib import Path

import gevent
from blinker import Signal

sys.path.insert(0, str(Path(__file__).parent))

from lines import figure

from sipsimple.api.notification.delivery import Delivery, NotificationQueue
from sipsimple.notification import NotificationCenter, NotificationData, signals

NAME = "SCSessionDidStart"
ROUNDS = 20_000


class BareData:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


class BareNotification:
    def __init__(self, name, sender, data):
        self.name, self.sender, self.data = name, sender, data


class BareCenter:
    """The least that delivers by name and sender."""

    def __init__(self):
        self.observers = {}

    def post(self, name, sender, data):
        notification = BareNotification(name, sender, data)
        get, nobody = self.observers.get, frozenset()
        for observer in (
            get((None, None), nobody)
            | get((None, sender), nobody)
            | get((name, None), nobody)
            | get((name, sender), nobody)
        ):
            observer.handle_notification(notification)


class Sender:
    pass


class Observer:
    def handle_notification(self, notification):
        pass


def microseconds(call):
    call()
    return statistics.median(timeit.repeat(call, number=ROUNDS, repeat=7)) / ROUNDS * 1e6


def bare(observers):
    center, signal, sender = BareCenter(), Signal(), Sender()
    receivers = [lambda *_, **__: None for _ in range(observers)]
    center.observers[NAME, sender] = {Observer() for _ in range(observers)}
    for each in receivers:
        signal.connect(each, sender=sender, weak=False)

    def post():
        data = BareData(a=1)
        signal.send(sender, data=data)
        center.post(NAME, sender, data)

    return microseconds(post)


def ours(observers):
    center, sender = NotificationCenter(), Sender()
    registered = [Observer() for _ in range(observers)]
    receivers = [lambda *_, **__: None for _ in range(observers)]
    for each in registered:
        center.add_observer(each, sender=sender)
    for each in receivers:
        signals[NAME].connect(each, sender=sender, weak=False)
    try:
        return microseconds(lambda: center.post_notification(NAME, sender, NotificationData(a=1)))
    finally:
        for each in registered:
            center.remove_observer(each, sender=sender)
        for each in receivers:
            signals[NAME].disconnect(each)


def bare_queue(notifications):
    """The least that takes a notification out of the poster's greenlet: a deque and one switch."""
    hub, waiting = gevent.get_hub(), deque()

    def work():
        while True:
            while waiting:
                waiting.popleft()
            hub.switch()

    worker = gevent.spawn(work)
    gevent.sleep(0)

    def post():
        waiting.append(NotificationData(a=1))
        hub.loop.run_callback(worker.switch)
        gevent.sleep(0)

    cost = statistics.median(timeit.repeat(post, number=notifications, repeat=5)) / notifications * 1e6
    worker.kill()
    return cost


def our_queue(notifications):
    delivery = Delivery()
    queue, sender = delivery.queue(), Sender()

    def post():
        queue.post(sender, NAME, NotificationData(a=1))
        gevent.sleep(0)

    cost = statistics.median(timeit.repeat(post, number=notifications, repeat=5)) / notifications * 1e6
    delivery.stop()
    return cost


def burst(queues, threads):
    """Microseconds per notification when many calls post at once."""
    delivery, sender = Delivery(threads=threads), Sender()
    kept = [delivery.queue() for _ in range(queues)]

    def post_all():
        for queue in kept:
            queue.post(sender, NAME)
        delivery.flush(60)

    cost = statistics.median(timeit.repeat(post_all, number=1, repeat=5)) / queues * 1e6
    delivery.stop()
    return cost


def queue_bytes(count):
    delivery = Delivery()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [NotificationQueue(delivery) for _ in range(count)]
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return taken / len(kept)


def main():
    better = {"smaller_is_better": True}
    figure("notify.both_buses_1_observer", ours(1), "us", bare(1), 1.5, **better)
    figure("notify.both_buses_10_observers", ours(10), "us", bare(10), 1.5, **better)
    figure("notify.0_observers", ours(0), "us", 2.0, 1.0, **better)
    figure("notify.queue_hop", our_queue(ROUNDS), "us", bare_queue(ROUNDS), 5.0, **better)
    figure("notify.burst_greenlets", burst(10_000, threads=False), "us", 10.0, 1.0, **better)
    figure("notify.burst_threads", burst(10_000, threads=True), "us", 40.0, 1.0, **better)
    figure("notify.idle_queue", queue_bytes(10_000), "B", 100.0, 1.0, **better)


if __name__ == "__main__":
    main()
