"""Two parties that transfer a file over loopback, without SIP: their streams, and the sessions that own them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from types import SimpleNamespace

import gevent

from sipsimple.actors.msrp.listener import MSRPListeners
from sipsimple.actors.runtime import Actor, AutoShutdown, ChildSpec, Restart, SupervisorSpec, System, handles
from sipsimple.api.configuration import MSRPConfiguration
from sipsimple.api.engine.options import EngineOptions
from sipsimple.api.transfer.stream import FileStream
from sipsimple.api.transfer.transfer import MSRPFileTransfer
from sipsimple.api.uri import SIPURI
from sipsimple.protocols.sip.usage.events import StreamEnded, StreamFailed, StreamPrepared
from sipsimple.protocols.sip.usage.outputs import Prepare, StartStream, StopStream

ALICE, BOB = SIPURI("example.com", "alice"), SIPURI("example.com", "bob")
SECONDS = 20
_open = []  # listeners, to be closed


class Owner(Actor):
    """Stands for the session, which ends with its stream."""

    def __init__(self, party):
        super().__init__()
        self.party = party

    @handles(StreamPrepared, StreamFailed, StreamEnded)
    def keep(self, event):
        """Keep it."""
        self.party.told.append(event)
        if isinstance(event, StreamEnded):
            self.party.stop()


@dataclass
class Party:
    """One end of a transfer, and what it was told."""

    system: System
    transfer: MSRPFileTransfer
    name: str
    tls: bool = False
    told: list = field(default_factory=list)
    seen: list = field(default_factory=list)

    def __post_init__(self):
        self.transfer.belong_to(lambda _sender, name, data: self.seen.append((name, data)))
        self.call = self.system.start_child(
            SupervisorSpec(f"call {self.name}", intensity=20, period=1.0, auto_shutdown=AutoShutdown.ALL_SIGNIFICANT)
        )
        self.owner = self.call.start_child(ChildSpec("session", Owner, (self,), Restart.TRANSIENT, significant=True))
        self.listeners = MSRPListeners(self.call)
        _open.append(self.listeners)
        settings = SimpleNamespace(listeners=self.listeners, host="127.0.0.1", options=EngineOptions(trace_msrp=True))
        configuration = MSRPConfiguration(local_use_tls=self.tls)
        self.stream = FileStream(self.transfer, "file-1", configuration, settings)

    @property
    def names(self):
        """What was posted, in order, without progress."""
        names = [name.removeprefix("MSRPFileTransfer") for name, _ in self.seen]
        return [name for name in names if name != "GotProgress"]

    def data(self, name):
        """The data of the first notification of this name."""
        return next(data for each, data in self.seen if each == f"MSRPFileTransfer{name}")

    def prepare(self, remote=None):
        """Our line."""
        self.begin(remote)
        until(lambda: self.told)
        assert isinstance(self.told[0], StreamPrepared), self.told
        return self.told[0].media

    def begin(self, remote=None):
        """Prepare, and wait for nothing."""
        self.stream.prepare(Prepare("file-1", remote is None, remote), self.owner, self.call)

    def start(self, remote):
        """Go by the other's line."""
        self.stream.start(StartStream("file-1", remote))

    def stop(self, *, by_peer=False):
        """End, as the session does."""
        self.stream.stop(StopStream("file-1", linger=not by_peer))

    def ended(self):
        """Whether the end was told and nothing runs."""
        return "DidEnd" in self.names and self.stream.is_over


def until(condition, seconds=SECONDS):
    """Let the others run until something holds."""
    with gevent.Timeout(seconds, AssertionError("waited in vain")):
        while not condition():
            gevent.sleep(0.001)


@contextlib.contextmanager
def systems():
    """A system of actors that leaves nothing."""
    system = System()
    try:
        yield system
    finally:
        while _open:
            _open.pop().close()
        system.stop()
        assert (system.actors, system.timers) == (0, 0)


def sending(path, *, outgoing=True, **options):
    """The side that sends."""
    return MSRPFileTransfer(ALICE, BOB, outgoing, file_path=path, **options)


def receiving(directory, *, outgoing=False, **options):
    """The side that receives."""
    return MSRPFileTransfer(BOB, ALICE, outgoing, save_directory=directory, **options)


def agree(offerer, answerer):
    """Offer and answer; both begin."""
    offer = offerer.prepare()
    answer = answerer.prepare(offer)
    offerer.start(answer)
    answerer.start(offer)
    return offer, answer


def run(offerer, answerer):
    """Transfer, from the offer to the end of both."""
    agree(offerer, answerer)
    until(lambda: offerer.ended() and answerer.ended())
