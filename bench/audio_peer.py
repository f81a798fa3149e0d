"""An endpoint of ours with audio as a process of its own, told what to do by JSON lines.

It accepts every audio call. `call` places many, `packets` says what every call
has sent and received, `workers` names the audio processes, `lose` ends or stops
one, `cpu` says what this process and its audio processes have used, `end` hangs
up. It ends with its standard input.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import gevent
from gevent.event import Event
from gevent.fileobject import FileObjectPosix
from processes import cpu_nanoseconds, descendants, open_files, raise_open_files, resident_bytes, say

from sipsimple.core import SIPURI, Credentials, Engine, Route
from sipsimple.notification import NotificationCenter
from sipsimple.session import Session, SessionManager

HOST = "127.0.0.1"


class Observer:
    """Counts what is told, accepts calls, and remembers how long moves took."""

    def __init__(self):
        self.counts = {}
        self.reasons = {}
        self.recovered = []
        self.moved = Event()

    def handle_notification(self, notification):
        name, data = notification.name, notification.data
        self.counts[name] = self.counts.get(name, 0) + 1
        if name == "SCSessionNewIncoming":
            notification.sender.accept(audio=True)
        elif name == "SCSessionMediaDidRestart":
            self.recovered.append((id(notification.sender), data.duration_ms))
        elif name == "SCSessionDidFail":
            self.reasons[f"{data.code} {data.reason}"] = self.reasons.get(f"{data.code} {data.reason}", 0) + 1
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

    def __init__(self, ceiling):
        self.observer = Observer()
        NotificationCenter().add_observer(self.observer)
        self.engine = Engine()
        options = {"auto_sound": False, "sample_rate": 8, "codecs": ("g711",), "max_audio_calls": ceiling}
        self.engine.start(local_ip=HOST, hub="current", **options)
        self.sessions = []

    def call(self, port, count, window, seconds):
        """Place `count` calls, `window` at a time."""
        observer, mine = self.observer, Credentials(SIPURI(HOST, user="alice"))
        observer.counts, observer.reasons = {}, {}
        over = ("SCSessionDidStart", "SCSessionDidFail")
        begun = time.monotonic()
        for number in range(count):
            if not observer.wait(lambda: number < observer.count(*over) + window, seconds):  # noqa: B023
                break
            session = Session()
            session.connect(SIPURI(HOST, user=f"bob{number}", port=port), mine, Route(HOST, port), audio=True)
            self.sessions.append(session)
        observer.wait(lambda: observer.count(*over) >= count, seconds)
        return {"started": observer.count("SCSessionDidStart"), "failed": observer.count("SCSessionDidFail"),
                "reasons": observer.reasons, "seconds": time.monotonic() - begun}  # fmt: skip

    def packets(self):
        """Say for each established call what it has sent and received, and when."""
        found = [each.audio_statistics for each in SessionManager().sessions if each.state == "ESTABLISHED"]
        calls = [[each.packets_sent, each.packets_received] for each in found if each is not None]
        return {"at": time.monotonic(), "calls": calls}

    def connect(self, port):
        """Place one call whose audio is echoed; say when."""
        session = Session()
        begun = time.monotonic()
        session.connect(SIPURI(HOST, user="bob", port=port), Credentials(SIPURI(HOST, user="alice")),
                        Route(HOST, port), audio=True)  # fmt: skip
        self.sessions.append(session)
        return {"at": begun}

    def echo(self):
        """Send every peer what it says."""
        for session in self.sessions:
            session.echo_audio()
        return {}

    def workers(self):
        """Say which processes have calls."""
        found = {each.audio_transport.worker_pid for each in SessionManager().sessions if each.audio_transport}
        return {"pids": sorted(found - {None})}

    def lose(self, pid, seconds, how):
        """Kill or stop one worker; say when, how many calls it had and how long each was without audio."""
        hit = [each for each in SessionManager().sessions if each.audio_transport.worker_pid == pid]
        observer = self.observer
        observer.recovered, observer.counts = [], {}
        begun = time.monotonic()
        os.kill(pid, getattr(signal, how))
        observer.wait(lambda: len(observer.recovered) >= len(hit), seconds)
        return {"at": begun, "calls": len(hit), "ports": [each.remote_uri.port for each in hit],
                "recovered": [each for _, each in observer.recovered],
                "sessions": len({each for each, _ in observer.recovered}),
                "ended": observer.count("SCSessionDidEnd")}  # fmt: skip

    def cpu(self):
        """Say what this process and all below it have used, in nanoseconds."""
        below = descendants(os.getpid())
        return {"engine": cpu_nanoseconds(os.getpid()), "workers": sum(map(cpu_nanoseconds, below)),
                "processes": len(below), "at": time.monotonic()}  # fmt: skip

    def end(self, seconds):
        """Hang up every call that this side placed."""
        observer, count = self.observer, len(self.sessions)
        observer.counts = {}
        for session in self.sessions:
            session.terminate()
        self.sessions.clear()
        observer.wait(lambda: observer.count("SCSessionDidEnd") >= count, seconds)
        return {"ended": observer.count("SCSessionDidEnd"), "of": count}

    def count(self):
        """Say what there is now."""
        gevent.sleep(0)
        below = descendants(os.getpid())
        core = self.engine.core
        return {"rss": resident_bytes(), "workers_rss": sum(map(resident_bytes, below)), "processes": len(below),
                "files": open_files(), "actors": core.system.actors, "timers": core.system.timers,
                "sessions": len(SessionManager().sessions)}  # fmt: skip


def serve(ceiling):
    raise_open_files()
    endpoint = Endpoint(ceiling)
    say(port=endpoint.engine.local_udp_port, pid=os.getpid())
    for line in FileObjectPosix(sys.stdin.fileno(), "rb"):
        command = json.loads(line)
        say(**getattr(endpoint, command.pop("word"))(**command))
    endpoint.engine.stop()
    os._exit(0)


serve(int(sys.argv[1]) if len(sys.argv) > 1 else 256)
