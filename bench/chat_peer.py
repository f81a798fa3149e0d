"""An endpoint of ours as a process of its own, told what to do by JSON lines.

It accepts every chat call; as "plain" it takes text without the CPIM wrapper only. With "advertised=PORT" peers
are told to reach it there.
`call` places many, `end` ends those that it placed,
`count` says what there is, `send` floods one chat. It ends with its standard input.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import gevent
from gevent.event import Event
from gevent.fileobject import FileObjectPosix
from greenlet import greenlet
from processes import cpu_seconds, open_files, raise_open_files, resident_bytes, say

from sipsimple.actors.chat.chat import SendMessage
from sipsimple.api.chat import stream as chat_stream
from sipsimple.core import SIPURI, Credentials, Engine, Route
from sipsimple.notification import NotificationCenter
from sipsimple.session import Session, SessionManager

HOST = "127.0.0.1"


class Observer:
    """Counts what is told, and does what an endpoint does: accept, greet, go on."""

    def __init__(self):
        self.counts = {}
        self.greeting = None
        self.again = None
        self.moved = Event()

    def handle_notification(self, notification):
        name, session = notification.name, notification.sender
        self.counts[name] = self.counts.get(name, 0) + 1
        if name == "SCSessionNewIncoming":
            session.accept(chat=True)
        elif name == "SCSessionDidStart" and self.greeting and session.direction == "outgoing":
            session.send_message(self.greeting)
        elif name == "MSRPChatDidDeliverMessage" and self.again is not None:
            self.again()
        self.moved.set()

    def wait(self, done, seconds):
        """Wait until `done()`; tells whether it came to be."""
        with gevent.Timeout(seconds, False):
            while not done():
                self.moved.clear()
                self.moved.wait(0.05)
        return bool(done())

    def count(self, *names):
        return sum(self.counts.get(name, 0) for name in names)


class Endpoint:
    """The engine, and what the other process may ask of it."""

    def __init__(self, sip_t1, **options):
        self.observer = Observer()
        NotificationCenter().add_observer(self.observer)
        SessionManager().msrp_config.local_use_tls = False
        self.engine = Engine()
        self.engine.start(local_ip=HOST, hub="current", sip_t1=sip_t1, **options)
        self.sessions = []

    def call(self, port, count, window, greeting, seconds):
        """Place `count` calls, `window` at a time; each is done when its chat started and its greeting arrived."""
        observer, mine = self.observer, Credentials(SIPURI(HOST, user="alice"))
        observer.greeting, observer.counts = greeting, {}
        last = "SCSessionDidDeliverMessage" if greeting else "MSRPChatDidStart"
        failures = ("SCSessionDidFail", "SCSessionDidNotDeliverMessage")
        begun, used = time.monotonic(), cpu_seconds()
        for number in range(count):
            if not observer.wait(lambda: number < observer.count(last, *failures) + window, seconds):  # noqa: B023
                break
            session = Session()
            session.connect(SIPURI(HOST, user=f"bob{number}", port=port), mine, Route(HOST, port), chat=True)
            self.sessions.append(session)
        observer.wait(lambda: observer.count(last, *failures) >= count, seconds)
        passed = time.monotonic() - begun
        return {"established": self.active(), "done": observer.count(last), "failed": observer.count(*failures),
                "seconds": passed, "cpu": cpu_seconds() - used}  # fmt: skip

    def active(self):
        return sum(session.state == "ESTABLISHED" for session in SessionManager().sessions)

    def end(self, seconds):
        """End every session that this side placed."""
        begun, count = time.monotonic(), len(self.sessions)
        for number, session in enumerate(self.sessions):
            session.terminate()
            if number % 50 == 49:
                gevent.sleep(0)
        self.sessions.clear()
        self.observer.greeting = None
        self.observer.wait(lambda: self.observer.count("SCSessionDidEnd") >= count, seconds)
        return {"ended": self.observer.count("SCSessionDidEnd"), "seconds": time.monotonic() - begun}

    def count(self):
        """Say what there is now."""
        gevent.sleep(0)
        gc.collect()
        core = self.engine.core
        kept = core.around.lingering.state
        return {
            "rss": resident_bytes(),
            "sessions": len(SessionManager().sessions),
            "actors": core.system.actors,
            "greenlets": sum(isinstance(each, greenlet) and not each.dead for each in gc.get_objects())
            - core.delivery.workers,
            "files": open_files(),
            "timers": core.system.timers,
            "transactions": len(kept.tokens),
            "routes": len(core.router),
        }

    def settle(self, baseline, seconds):
        """Wait until nothing is left beyond `baseline`, or for `seconds`; say what is left."""
        deadline = time.monotonic() + seconds
        while True:
            left = {name: value - baseline[name] for name, value in self.count().items() if name != "rss"}
            if not any(value > 0 for value in left.values()) or time.monotonic() > deadline:
                return {**left, "rss": resident_bytes()}
            gevent.sleep(0.25)

    def send(self, count, size, window):
        """Send messages through the one chat, `window` at a time, each answered by 200 OK."""
        chat = self.sessions[-1].chat_transport
        ref, content, observer = chat._ref, b"x" * size, self.observer
        observer.counts = {}
        arguments = content, "text/plain", f"<sip:alice@{HOST}>", f"<sip:bob@{HOST}>", "2026-01-01T00:00:00+00:00"
        numbers, done = iter(range(count)), Event()

        def again():
            number = next(numbers, None)
            if number is not None:
                ref.tell(SendMessage(f"m{number:09d}", *arguments, success_report="no"))
            elif observer.counts["MSRPChatDidDeliverMessage"] == count:
                done.set()

        observer.again = again
        begun, used = time.monotonic(), cpu_seconds()
        for _ in range(window):
            again()
        with gevent.Timeout(120, False):
            done.wait()
        observer.again = None
        return {"delivered": observer.count("MSRPChatDidDeliverMessage"),
                "seconds": time.monotonic() - begun, "cpu": cpu_seconds() - used}  # fmt: skip


def serve(sip_t1, **options):
    raise_open_files()
    endpoint = Endpoint(sip_t1, **options)
    say(port=endpoint.engine.local_udp_port, pid=os.getpid())
    for line in FileObjectPosix(sys.stdin.fileno(), "rb"):
        command = json.loads(line)
        say(**getattr(endpoint, command.pop("word"))(**command))
    os._exit(0)


if "plain" in sys.argv:
    chat_stream.MSRPChat = partial(chat_stream.MSRPChat, accept_types=("text/*",))
advertised = [int(word.partition("=")[2]) for word in sys.argv if word.startswith("advertised=")]
serve(
    float(sys.argv[1]) if len(sys.argv) > 1 else 0.5,
    **({"advertised_host": HOST, "advertised_udp_port": advertised[0]} if advertised else {}),
)
