"""The answerer of `calls.py`: our engine, which accepts every chat call from within an observer.

One observer on each bus. Says its port as a JSON line, then serves.
"""

from __future__ import annotations

import gc
import sys

from gevent.event import Event
from processes import say

from sipsimple.core import Engine
from sipsimple.notification import NotificationCenter, signals

NAMES = (
    "SCSessionNewIncoming",
    "SCSessionChangedState",
    "SCSessionWillStart",
    "SCSessionDidStart",
    "SCSessionDidEnd",
    "MSRPChatDidInitialize",
    "MSRPChatDidEnd",
)


class Answerer:
    """The observer of the one bus."""

    def handle_notification(self, notification):
        if notification.name == "SCSessionNewIncoming":
            notification.sender.accept(chat=True)


class Counter:
    """The observer of the other."""

    def __init__(self):
        self.seen = dict.fromkeys(NAMES, 0)

    def __call__(self, _sender, notification):
        self.seen[notification.name] += 1


def tune_collector():
    """What docs/performance.md advises a server to do."""
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def serve():
    if "tuned" in sys.argv[1:]:
        tune_collector()
    answerer, counter = Answerer(), Counter()
    NotificationCenter().add_observer(answerer)
    for name in NAMES:
        signals[name].connect(counter, weak=False)
    engine = Engine()
    engine.start(local_ip="127.0.0.1", hub="current")
    say(port=engine.local_udp_port)
    Event().wait()


serve()
