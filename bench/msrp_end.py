"""One end of many MSRP sessions as a process of its own, without SIP: our actors, told what to do by JSON lines.

`open` makes chats and says their paths, `start` connects them, `talk` measures how long a message takes until it is
answered, `file` begins a transfer on the connection of the chats. It ends with its standard input.
"""

from __future__ import annotations

import gc
import json
import os
import secrets
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import gevent  # noqa: E402
from gevent.fileobject import FileObjectPosix  # noqa: E402
from processes import cpu_seconds, open_files, raise_open_files, resident_bytes, say  # noqa: E402
from transfer import hash_nothing, keep_nothing, media  # noqa: E402

from sipsimple.actors.chat.chat import MSRPChat  # noqa: E402
from sipsimple.actors.chat.line import Line, SendMessage, Start  # noqa: E402
from sipsimple.actors.msrp.listener import MSRPListeners  # noqa: E402
from sipsimple.actors.runtime import ChildSpec, Restart, SupervisorSpec, System  # noqa: E402
from sipsimple.protocols.msrp.chat import chat as chats  # noqa: E402
from sipsimple.protocols.sdp.message_media import MessageMedia  # noqa: E402
from tests.api.transfer.parties import Party, receiving, sending  # noqa: E402

HOST = "127.0.0.1"
TEXT = b"x" * 200
MOMENT = "2026-01-01T00:00:00+00:00"


def tune_collector():
    """What docs/performance.md advises a server to do."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


class End:
    """The chats of this process, and what happens to them."""

    def __init__(self, tls):
        self.system = System()
        self.listeners = MSRPListeners(self.system.start_child(SupervisorSpec("msrp", intensity=100, period=10)))
        self.tls = tls
        self.chats = []
        self.counts = {}
        self.sent = {}
        self.taken = []
        self.parties = []

    def notify(self, name, output):
        self.counts[name] = self.counts.get(name, 0) + 1
        if name == "MSRPChatDidDeliverMessage":
            self.taken.append(time.perf_counter() - self.sent.pop(output.message_id))

    def open(self, count):
        """Make chats; say their paths."""
        listener, paths = self.listeners.get(HOST, None, self.tls), []
        for number in range(count):
            path = f"{'msrps' if self.tls else 'msrp'}://{HOST}:{listener.port}/{secrets.token_hex(10)};tcp"
            line = Line(chats.create((path,), secrets.token_hex(4)))
            supervisor = self.system.start_child(SupervisorSpec(f"call-{number}"))
            arguments = (line, None, listener, None, self.notify)
            self.chats.append(supervisor.start_child(ChildSpec("chat", MSRPChat, arguments, Restart.TRANSIENT)))
            paths.append(path)
            if number % 100 == 99:
                gevent.sleep(0)
        return {"paths": paths, "fingerprint": listener.fingerprint}

    def start(self, paths, fingerprint, active):
        """Connect the chats to those of the other process."""
        begun = time.perf_counter()
        for number, (chat, path) in enumerate(zip(self.chats, paths, strict=True)):
            types = {"accept_types": ("message/cpim", "text/*"), "accept_wrapped_types": ("*",)}
            chat.tell(Start(MessageMedia(path=(path,), fingerprint=fingerprint, **types), active))
            if number % 100 == 99:
                gevent.sleep(0)
        if active:
            self.wait(lambda: self.counts.get("MSRPChatDidStart", 0) >= len(paths), 120)
        tune_collector()
        return {"seconds": time.perf_counter() - begun}

    def talk(self, count, rate, chats):
        """Send messages over the first so many chats, at a pace; say in seconds how long each took."""
        self.taken.clear()
        begun = time.perf_counter()
        arguments = TEXT, "text/plain", f"<sip:alice@{HOST}>", f"<sip:bob@{HOST}>", MOMENT
        for number in range(count):
            late = begun + number / rate - time.perf_counter()
            if late > 0:
                gevent.sleep(late)
            self.sent[f"m{number:09}"] = time.perf_counter()
            chat = self.chats[number % chats]
            chat.tell(SendMessage(f"m{number:09}", *arguments, success_report="no"))
        self.wait(lambda: len(self.taken) >= count, 60)
        taken = sorted(self.taken)
        return {
            "delivered": len(taken),
            "seconds": time.perf_counter() - begun,
            "p50": taken[len(taken) // 2],
            "p99": taken[len(taken) * 99 // 100],
            "most": taken[-1],
        }

    def file(self, role, path, line=None):
        """Make one end of a transfer that uses the connection of the chats; say its line."""
        name = f"{role}-{len(self.parties)}"
        party = Party(self.system, (sending if role == "send" else receiving)(path), name, tls=self.tls)
        party.stream.settings = SimpleNamespace(**vars(party.stream.settings) | {"listeners": self.listeners})
        party.stream.settings.options.trace_msrp = False
        self.parties.append(party)
        remote = None if line is None else media(line)
        told = party.prepare(remote).lines()
        if remote is not None:
            party.start(remote)
        return {"line": told}

    def go(self, line):
        """Begin the last transfer, and wait until something of it has come."""
        party = self.parties[-1]
        party.start(media(line))
        self.wait(lambda: party.transfer.transferred_bytes, 20)
        return {"moved": party.transfer.transferred_bytes}

    def moved(self):
        """Say how much of all files has been sent, and the memory of this process."""
        return {
            "moved": sum(each.transfer.transferred_bytes for each in self.parties),
            "done": sum(each.transfer.state == "ENDED" for each in self.parties),
            "rss": resident_bytes(),
            "cpu": cpu_seconds(),
            "files": open_files(),
        }

    def wait(self, done, seconds):
        with gevent.Timeout(seconds):
            while not done():
                gevent.sleep(0.002)


def serve(tls):
    raise_open_files()
    keep_nothing()
    hash_nothing()
    end = End(tls)
    say(pid=os.getpid())
    for line in FileObjectPosix(sys.stdin.fileno(), "rb"):
        command = json.loads(line)
        say(**partial(getattr(end, command.pop("word")), **command)())
    os._exit(0)


serve(sys.argv[1:] == ["tls"])
