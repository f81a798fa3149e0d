"""The sound device as an actor: with a pool of its own making, and a worker that only notes what it is told."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors.runtime import Actor, ChildSpec, System, handles
from sipsimple.media import messages, sounds, wire
from sipsimple.media.device import SoundDevice

RING = wire.Play("", 7, "/ring.wav", loop_count=0)


class Link:
    """A worker that hears everything and says nothing by itself."""

    ready = wire.Ready(1, 1, 5060, 4, ("PCMU",), ("Speaker",), ("Microphone",))

    def __init__(self):
        self.told = []
        self.refs = {}

    def send(self, command):
        self.told.append(command)

    def attach(self, token, ref):
        self.refs[token] = ref

    def detach(self, token):
        del self.refs[token]


class FakePool(Actor):
    """Grants each wish, or refuses all."""

    def __init__(self, link):
        super().__init__()
        self.state = ()
        self.link = link

    @handles(messages.Wanted)
    def want(self, wish):
        assert not wish.is_call
        self.state = (*self.state, wish.token)
        if self.link is None:
            wish.leg.tell(messages.Refused(wish.token, 503, "no room"))
        else:
            wish.leg.tell(messages.Granted(wish.token, self.link))

    @handles(messages.Released)
    def release(self, event):
        self.state = (*self.state, ("released", event.token))


class Rig:
    """A device, its pool and its worker."""

    def __init__(self, link):
        self.system = System()
        self.link = link
        self.ended = []
        self.recorded = []
        self.pool = self.system.start_child(ChildSpec("pool", FakePool, (link,)))
        arguments = (self.pool, lambda *told: self.ended.append(told), lambda *told: self.recorded.append(told))
        self.device = self.system.start_child(ChildSpec("sound", SoundDevice, arguments))

    def settle(self):
        for _ in range(5):
            gevent.sleep(0)


@pytest.fixture
def rig():
    rig = Rig(Link())
    yield rig
    rig.system.stop()


@pytest.fixture
def poor_rig():
    rig = Rig(None)
    yield rig
    rig.system.stop()


def test_a_sound_reaches_the_worker_and_its_end_whoever_began_it(rig):
    rig.device.tell(sounds.Sounding(RING))
    rig.settle()
    assert rig.link.told == [RING]
    rig.link.refs[""].tell(wire.PlayingEnded("", 7, "the disk is full"))
    rig.settle()
    assert rig.ended == [(7, "the disk is full")]


def test_the_devices_are_asked_of_a_worker(rig):
    assert rig.device.ask(sounds.Devices()) == (("Speaker",), ("Microphone",))
    assert rig.device.ask(sounds.Devices()) == (("Speaker",), ("Microphone",))
    assert len(rig.pool.state) == 1


def test_without_a_worker_sounds_end_and_no_device_is_known(poor_rig):
    poor_rig.device.tell(sounds.Sounding(RING))
    poor_rig.settle()
    assert poor_rig.ended == [(7, "no room")]
    assert poor_rig.device.ask(sounds.Devices()) == ((), ())


def test_a_worker_that_is_lost_is_replaced(rig):
    rig.device.tell(sounds.Sounding(RING))
    rig.settle()
    rig.device.tell(messages.WorkerLost(rig.pool.state[0], "killed"))
    rig.settle()
    assert rig.link.told == [RING, RING]
    assert len(set(rig.pool.state)) == 2


def test_a_killed_device_plays_on(rig):
    rig.device.tell(sounds.Sounding(RING))
    rig.settle()
    rig.device.kill()
    rig.settle()
    rig.device.tell(sounds.Silence(7))
    rig.settle()
    assert rig.link.told == [RING, wire.StopPlaying(7)]


def test_what_still_sounds_when_the_engine_stops_is_told_to_have_ended():
    rig = Rig(Link())
    rig.device.tell(sounds.Sounding(RING))
    rig.device.tell(sounds.Recording("/a.wav"))
    rig.settle()
    rig.system.stop()
    assert rig.ended == [(7, "the engine is stopping")]
    assert rig.recorded == [("/a.wav", "the engine is stopping")]
    assert rig.link.refs == {}
