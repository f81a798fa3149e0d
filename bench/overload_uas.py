"""The answerer of `overload.py`: our engine, which accepts every chat call; says what it holds when it is asked.

Usage: python bench/overload_uas.py T1 BURST STANDING
"""

from __future__ import annotations

import gc
import json
import os
import sys

from gevent.fileobject import FileObjectPosix
from processes import cpu_seconds, resident_bytes, say

from sipsimple.core import AdmissionLimits, Engine, Patience
from sipsimple.notification import NotificationCenter
from sipsimple.session import SessionManager


class Answerer:
    """Accepts."""

    def handle_notification(self, notification):
        if notification.name == "SCSessionNewIncoming":
            notification.sender.accept(chat=True)


def count(core):
    gate = core.router.admission.gate
    refused = {each.name.lower(): count for each, count in gate.refused.items()}
    rate = gate.throttle.rate
    held = {"sessions": len(SessionManager().sessions), "routes": len(core.router), "rate": rate}
    return {"rss": resident_bytes(), "cpu": cpu_seconds(), **held, "untold": gate.untold, "refused": refused}


def serve(sip_t1, burst, standing):
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)  # what docs/performance.md advises a server to do
    answerer = Answerer()
    NotificationCenter().add_observer(answerer)
    engine = Engine()
    limits = AdmissionLimits(patience=Patience(burst, standing))
    engine.start(local_ip="127.0.0.1", hub="current", sip_t1=sip_t1, admission=limits)
    core = engine.core
    say(port=engine.local_udp_port)
    for line in FileObjectPosix(sys.stdin.fileno(), "rb"):
        assert json.loads(line)["word"] == "count"
        say(**count(core))
    os._exit(0)


serve(*map(float, sys.argv[1:]))
