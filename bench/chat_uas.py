"""The answerer of `calls.py`: our engine, which accepts every chat call from within an observer.

One observer on each bus. Says its ports as a JSON line, then serves; with "streams" over TCP and TLS too.
"""

from __future__ import annotations

import gc
import sys

from gevent.event import Event
from processes import say

from sipsimple.core import AdmissionLimits, Engine, Patience
from sipsimple.notification import NotificationCenter, signals

PATIENT = AdmissionLimits(patience=Patience(5.0, 1.0))
"""What calls over a connection cost is measured, not who is refused when others use this machine."""

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
    streams = {"local_tcp_port": 0, "local_tls_port": 0, "admission": PATIENT} if "streams" in sys.argv[1:] else {}
    engine.start(local_ip="127.0.0.1", hub="current", **streams)
    say(port=engine.local_udp_port, tcp=engine.local_tcp_port, tls=engine.local_tls_port)
    Event().wait()


serve()
