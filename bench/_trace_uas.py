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

from sipsimple.actors.admission import Admission
from sipsimple.core import Engine
from sipsimple.notification import NotificationCenter
from sipsimple.protocols.sip.admission_limits import AdmissionLimits
from sipsimple.protocols.sip.throttle import Patience
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
    engine.start(local_ip="127.0.0.1", hub="current", sip_t1=sip_t1)
    core = engine.core
    limits = AdmissionLimits(patience=Patience(burst, standing))
    core.router.admission = Admission(core.log, limits)
    core.router.admission.send = core.transports.send
    say(port=engine.local_udp_port)
    for line in FileObjectPosix(sys.stdin.fileno(), "rb"):
        assert json.loads(line)["word"] == "count"
        say(**count(core))
    os._exit(0)



import gevent, time
from sipsimple.protocols.sip.throttle import Throttle
log=open('/tmp/t/trace.txt','w')
old=Throttle._look
def look(self, now):
    begun, least, since = self._begun, self._least, self._since
    old(self, now)
    log.write(f"{now:.3f} dt={1000*(now-since):.0f} begun={begun} least={1000*least:.1f} rate={self.rate} drain={self._is_draining} carried={self._carried:.0f}\n")
Throttle._look=look
t0=[0]
def cb(phase, info):
    if phase=='start': t0[0]=time.perf_counter()
    else:
        d=time.perf_counter()-t0[0]
        if d>.003: log.write(f"GC gen{info['generation']} {1000*d:.1f} ms collected={info['collected']}\n")
gc.callbacks.append(cb)
serve(*map(float, sys.argv[1:]))
