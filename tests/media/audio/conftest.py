"""Audio legs as actors: a session that keeps what it is told, and either a pool of the test's own or the real one."""

from __future__ import annotations

import importlib.util
import secrets
from collections import deque
from time import monotonic
from typing import Any

import gevent
import pytest
from gevent.event import Event

from sipsimple.actors.runtime import Actor, ChildSpec, Ref, Restart, SupervisorSpec, System, handles
from sipsimple.media.audio import AudioLeg
from sipsimple.media.leg import events
from sipsimple.media.leg.facts import Settings
from sipsimple.media.pool.pool import AudioPool
from sipsimple.media.settings import PoolSettings
from sipsimple.media.switchboard import Switchboard
from sipsimple.protocols.sdp.audio_media import outward
from sipsimple.protocols.sdp.media import Attribute, Connection, Media
from sipsimple.protocols.sip.usage.events import Abandoned, StreamFailed, StreamMoved, StreamPrepared
from tests.media import tones
from tests.media.rtp_peer import RTPPeer

HAS_LIBRARY = importlib.util.find_spec("pjsua2") is not None
SECONDS = 10.0
LOOPBACK = "127.0.0.1"


class Keeper(Actor):
    """In place of a session: keeps what it is told."""

    def __init__(self, take: Any) -> None:
        super().__init__()
        self.take = take

    @handles(StreamPrepared, StreamFailed, StreamMoved, Abandoned)
    def keep(self, event: object) -> None:
        """Keep it."""
        self.take(event)


def peer_line(peer: RTPPeer, direction: str = "sendrecv", crypto: str | None = None) -> Media:
    """Return the line of a peer: PCMU and digits."""
    names = (Attribute("rtpmap", "0 PCMU/8000"), Attribute("rtpmap", "101 telephone-event/8000"))
    attributes = names if crypto is None else (*names, Attribute("crypto", crypto))
    protocol = "RTP/AVP" if crypto is None else "RTP/SAVP"
    media = Media("audio", peer.port, protocol, ("0", "101"), attributes, Connection.to(LOOPBACK))
    return media.with_direction(direction)


class Call:
    """One call seen from outside: its leg, the peer behind it, and the part of its session that concerns audio."""

    def __init__(self, supervisor: Any, pool: Ref, switchboard: Any, settings: Settings) -> None:
        self.told: deque[Any] = deque()
        self.notifications: list[tuple[str, dict[str, Any]]] = []
        self.ends = 0
        self.peer = RTPPeer()
        self.peer.play_silence()
        self.supervisor = supervisor
        self._changed = Event()
        self.id = f"call-{secrets.token_hex(4)}"
        owner = supervisor.start_child(ChildSpec(f"{self.id}-owner", Keeper, (self._keep,)))
        arguments = (owner, pool, switchboard, settings, self._notify, self._end, (("session", self.id),))
        self.ref: Ref = supervisor.start_child(ChildSpec(self.id, AudioLeg, arguments, Restart.TRANSIENT))

    def _keep(self, event: object) -> None:
        self.told.append(event)
        self._changed.set()

    def _notify(self, name: str, data: Any) -> None:
        self.notifications.append((name, dict(data)))
        self._changed.set()

    def _end(self) -> None:
        self.ends += 1
        self._changed.set()

    @property
    def facts(self) -> Any:
        return self.ref.state.facts

    def until(self, holds: Any, what: str = "what the test expects") -> Any:
        """Wait until `holds()`."""
        deadline = monotonic() + SECONDS
        while not (value := holds()):
            assert monotonic() < deadline, f"waited in vain for {what}: {self.notifications} {self.ref.state}"
            self._changed.clear()
            self._changed.wait(0.005)
        return value

    def next(self, kind: type) -> Any:
        """What the session is told next, which is of this kind."""
        self.until(lambda: self.told, kind.__name__)
        event = self.told.popleft()
        assert isinstance(event, kind), event
        return event

    def notified(self, name: str) -> dict[str, Any]:
        """Wait for a notification and return its data."""
        self.until(lambda: any(each == name for each, _ in self.notifications), name)
        return next(data for each, data in self.notifications if each == name)

    def line(self, direction: str = "sendrecv", crypto: str | None = None) -> Media:
        return peer_line(self.peer, direction, crypto)

    def offered(self) -> Media:
        """Ask for an offer and return it."""
        self.ref.tell(events.Prepare())
        return outward(self.next(StreamPrepared).media)

    def answered(self, remote: Media) -> Media:
        """Ask for an answer and return it."""
        self.ref.tell(events.Prepare(remote))
        return outward(self.next(StreamPrepared).media)

    def start(self, local: Media, remote: Media | None = None) -> None:
        """Agree on lines; the peer sends there."""
        self.ref.tell(events.Start(remote or self.line(), local))
        self.peer.send_to(local.port)

    def run(self) -> Media:
        """Have it run by an offer of ours."""
        local = self.offered()
        self.start(local)
        self.until(lambda: self.facts.codec, "Flowing")
        return local

    def follow(self) -> Media:
        """Agree on the line that the leg moved to."""
        local = outward(self.next(StreamMoved).media)
        self.start(local)
        return local

    def end(self) -> None:
        self.ref.tell(events.End())
        self.until(lambda: self.ends, "the end")


@pytest.fixture(autouse=True)
def time_limit(hub):
    """A test that waits for what never comes fails."""
    with gevent.Timeout(40):
        yield


@pytest.fixture
def system():
    system = System()
    yield system
    system.stop()
    assert (system.actors, system.timers) == (0, 0)


@pytest.fixture
def media(system):
    return system.start_child(SupervisorSpec("media", intensity=100, period=10.0))


@pytest.fixture
def tone(tmp_path):
    """A file of half a second of 600 Hz."""
    return str(tones.write_tone(tmp_path / "600.wav", 600, 0.5))


class Real:
    """The real pool and switchboard."""

    def __init__(self, media: Any, system: System) -> None:
        self.pool = AudioPool(media, PoolSettings())
        self.switchboard = Switchboard(media)
        self.calls: list[Call] = []
        self._legs = system.start_child(SupervisorSpec("calls", intensity=100, period=10.0))

    def call(self, **settings: Any) -> Call:
        """Make a leg that binds its RTP to loopback."""
        options = Settings(**{"address": LOOPBACK, **settings})
        call = Call(self._legs, self.pool.ref, self.switchboard, options)
        self.calls.append(call)
        return call

    @property
    def places(self) -> Any:
        """The tokens that the pool has given away."""
        return self.pool.ref.state.places


@pytest.fixture
def real(media, system):
    """The real pool; after the test no place is taken and nobody waits at the switchboard."""
    if not HAS_LIBRARY:
        pytest.skip("needs pjsua2")
    real = Real(media, system)
    yield real
    for call in real.calls:
        if call.ref.is_alive:
            call.end()
        call.peer.close()
        assert call.ends == 1
    with gevent.Timeout(SECONDS):
        while len(real.places) or len(real.switchboard):
            gevent.sleep(0.005)
    real.switchboard.close()
    real.pool.close()
