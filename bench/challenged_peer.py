"""Both ends of the calls of `challenged.py` in one engine, which calls itself; as "asking" it challenges each INVITE.

Says its process as a JSON line; `call` places calls and says what they used. It ends with its standard input.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import gevent
from gevent.event import Event
from gevent.fileobject import FileObjectPosix
from processes import cpu_seconds, say

from sipsimple.core import SIPURI, Credentials, Engine, Passwords, Route
from sipsimple.notification import NotificationCenter
from sipsimple.session import Session, SessionManager

HOST = "127.0.0.1"
ALICE = Credentials(SIPURI(HOST, user="alice"), "secret")


class Caller:
    """The observer of both ends: accepts, hangs up, and places the next call."""

    def __init__(self):
        self.left = self.ended = self.failed = 0
        self.done = Event()

    def handle_notification(self, notification):
        name, session = notification.name, notification.sender
        if name == "SCSessionNewIncoming":
            session.accept(chat=True)
        elif name == "SCSessionDidStart" and session.direction == "outgoing":
            session.terminate()
        elif name == "SCSessionDidFail":
            self.failed += 1
        elif name == "SCSessionDidEnd" and session.direction == "outgoing":
            self.ended += 1
            self.place()

    def place(self):
        if self.left:
            self.left -= 1
            port = Engine().local_udp_port
            Session().connect(SIPURI(HOST, user="bob", port=port), ALICE, Route(HOST, port), chat=True)
        elif not SessionManager().sessions:
            self.done.set()

    def call(self, count, window):
        """Place `count` calls, `window` at a time; say how many came to their end and what they used."""
        self.left, self.ended, self.failed = count, 0, 0
        self.done.clear()
        used, begun = cpu_seconds(), time.monotonic()
        for _ in range(window):
            self.place()
        with gevent.Timeout(300, False):
            while self.ended < count:
                self.done.wait(0.05)
        return {"ended": self.ended, "failed": self.failed, "cpu": cpu_seconds() - used,
                "seconds": time.monotonic() - begun}  # fmt: skip


def serve():
    SessionManager().msrp_config.local_use_tls = False
    caller = Caller()
    NotificationCenter().add_observer(caller)
    asking = {"authenticate": Passwords("bench", {"alice": "secret"})} if "asking" in sys.argv else {}
    Engine().start(local_ip=HOST, hub="current", **asking)
    say(pid=os.getpid())
    for line in FileObjectPosix(sys.stdin.fileno(), "rb"):
        command = json.loads(line)
        say(**getattr(caller, command.pop("word"))(**command))
    os._exit(0)


serve()
