"""Programs that have an engine and call themselves, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

PATCHED = "from gevent import monkey; monkey.patch_all()"

PARTY = """
import os, sys, time
import gevent
from sipsimple import *
from sipsimple.notification import NotificationCenter

class Observer:
    def __init__(self):
        self.started = 0
    def handle_notification(self, notification):
        if notification.name == "SCSessionNewIncoming":
            notification.sender.accept(chat=True)
        elif notification.name == "SCSessionDidStart":
            self.started += 1
        elif notification.name in ("SCSessionDidFail", "SCSessionDidEnd", "SCEngineDidEnd"):
            print(notification.name + "\\n", end="", flush=True)  # in one piece: others may print

observer, engine = Observer(), Engine()
NotificationCenter().add_observer(observer)
SessionManager().msrp_config.local_use_tls = False

def start():
    engine.start(local_ip="127.0.0.1", hub=HUB)

def call_oneself(times):
    observer.started = 0
    bob = SIPURI("127.0.0.1", "bob", port=engine.local_udp_port)
    for _ in range(times):
        Session().connect(bob, Credentials(SIPURI("b", "a")), chat=True)
    deadline = time.monotonic() + 20
    while observer.started < 2 * times and time.monotonic() < deadline:
        (time.sleep if HUB == "own" else gevent.sleep)(0.01)
    return observer.started // 2
"""


def output(prologue: str, hub: str, program: str) -> list[str]:
    """Run a program that has an engine; return what it printed."""
    text = f"{prologue}\nHUB = {hub!r}\n{PARTY}\n{program}"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()
