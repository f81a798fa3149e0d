"""The audio leg as an actor: its pool, its crashes, its end, its files; without workers."""

from __future__ import annotations

import wave
from types import SimpleNamespace
from typing import Any

import gevent
import pytest

from sipsimple.actors.runtime import Actor, ChildSpec, FakeClock, Restart, SupervisorSpec, System, handles
from sipsimple.media import wire
from sipsimple.media.audio import AudioLeg, bury
from sipsimple.media.leg import events
from sipsimple.media.leg.facts import Settings
from sipsimple.media.leg.state import State
from sipsimple.media.messages import Granted, Released, Wanted, WorkerLost
from sipsimple.protocols.sdp.audio_media import outward
from sipsimple.protocols.sip.message import parse
from sipsimple.protocols.sip.usage.events import StreamFailed, StreamPrepared
from tests.media.audio.conftest import Keeper
from tests.media.leg.caller import CRYPTO, PEER, SIP_PORT, Caller, line


class Pool(Actor):
    """Keeps what it is told."""

    def __init__(self, told: list[Any]) -> None:
        super().__init__()
        self.told = told

    @handles(Wanted, Released)
    def keep(self, message: object) -> None:
        """Keep it."""
        self.told.append(message)


class Board:
    """In place of the switchboard."""

    port = SIP_PORT

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.sent: list[Any] = []

    def add(self, token, _leg, _worker_sip) -> None:
        self.tokens.add(token)

    def forget(self, token) -> None:
        self.tokens.discard(token)

    def send(self, data, _flow) -> None:
        self.sent.append(parse(data))


class Link:
    """In place of the link to a worker."""

    name, port, port_count, sip = "worker-1", 0, 0, ("127.0.0.1", 6001)
    ready = SimpleNamespace(pid=4711)

    def __init__(self) -> None:
        self.commands: list[Any] = []

    def send(self, command) -> None:
        self.commands.append(command)


class Stage:
    """One leg, and the test in everybody else's place."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.board, self.link = Board(), Link()
        self.pool: list[Any] = []
        self.session: list[Any] = []
        self.notifications: list[tuple[str, Any]] = []
        self.ends: list[None] = []
        self.calls = system.start_child(SupervisorSpec("calls", intensity=10, period=10.0))
        self.pool_ref = self.calls.start_child(ChildSpec("pool", Pool, (self.pool,)))
        self.ref = self.leg("leg")

    def leg(self, name: str) -> Any:
        owner = self.calls.start_child(ChildSpec(f"{name}-owner", Keeper, (self.session.append,)))
        notify = lambda name, data: self.notifications.append((name, data))  # noqa: E731 - in one place only
        arguments = (owner, self.pool_ref, self.board, Settings(), notify, lambda: self.ends.append(None))
        return self.calls.start_child(ChildSpec(name, AudioLeg, arguments, Restart.TRANSIENT))

    def tell(self, *told: object) -> None:
        for each in told:
            self.ref.tell(each)
            gevent.idle()

    def running(self) -> Caller:
        """Have it run; return the worker's end of the call."""
        self.tell(events.Prepare())
        token = self.pool[-1].token
        caller = Caller(token, 1, with_offer=True)
        self.tell(Granted(token, self.link), caller.invite())
        self.tell(events.Start(PEER, outward(self.session[-1].media)))
        caller.remote_tag = self.board.sent[-1].to.tag
        self.tell(caller.ack(), caller.flowing())
        assert self.ref.state.facts.is_running
        return caller

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.notifications]


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def stage(clock):
    system = System(clock)
    yield Stage(system)
    system.root.stop_soon()
    clock.advance(60.0)
    assert (system.actors, system.timers) == (0, 0)


def test_a_leg_asks_the_pool_and_says_where_it_can_be_reached(stage):
    stage.tell(events.Prepare())
    wish = stage.pool[0]
    stage.tell(Granted(wish.token, stage.link))

    assert (wish.leg, wish.beside, len(wish.token)) == (stage.ref, None, 16)
    assert stage.board.tokens == {wish.token}
    assert stage.link.commands == [wire.Open(wish.token, SIP_PORT, True)]


def test_without_a_pool_there_is_no_audio(stage):
    stage.calls.terminate_child("pool")
    stage.tell(events.Prepare())

    assert stage.session == [StreamFailed("audio", "the audio engine has ended", 503)]


def test_its_end_gives_everything_back_and_is_told_once(stage):
    caller = stage.running()
    stage.tell(events.End(), events.End())

    assert stage.pool[-1] == Released(caller.token)
    assert stage.board.tokens == set()
    assert len(stage.ends) == 1
    assert not stage.ref.is_alive


def test_stopped_from_outside_it_gives_everything_back_and_is_told_once(stage):
    caller = stage.running()
    stage.tell(events.StartRecording("/tmp/none.wav"), wire.Recording(caller.token, "/tmp/none.wav"))
    stage.calls.terminate_child("leg")

    assert stage.pool[-1] == Released(caller.token)
    assert stage.names[-1] == "SCSessionDidStopRecordingAudio"
    assert len(stage.ends) == 1


def test_a_crash_costs_a_running_call_nothing(stage):
    caller = stage.running()
    stage.ref.kill()
    gevent.idle()
    stage.tell(wire.GotDigit(caller.token, "1"), events.SendDigit("2"))

    assert stage.ref.restarts == 1
    assert stage.ref.state.facts.is_running
    assert stage.names == ["SCSessionGotDTMF"]
    assert stage.link.commands[-1] == wire.SendDigit(caller.token, "2")
    stage.tell(events.End())
    assert len(stage.ends) == 1


def test_a_crash_while_it_asks_the_pool_asks_again(stage):
    stage.tell(events.Prepare())
    stage.ref.kill()
    gevent.idle()

    assert stage.pool[0] == stage.pool[1]


def test_a_crash_while_its_line_is_out_tells_it_again(stage):
    stage.tell(events.Prepare())
    token = stage.pool[-1].token
    stage.tell(Granted(token, stage.link), Caller(token, 1, with_offer=True).invite())
    stage.ref.kill()
    gevent.idle()

    assert [type(each) for each in stage.session] == [StreamPrepared] * 2


def test_silence_is_seen_by_the_clock(stage, clock):
    caller = stage.running()
    clock.advance(5.1)
    stage.tell(wire.Statistics(caller.token))

    assert stage.names == ["SCSessionGotNoAudio"]


def test_the_duration_of_a_restart_is_that_of_the_clock(stage, clock):
    first = stage.running()
    stage.tell(WorkerLost(first.token, "it hangs"))
    clock.advance(0.5)
    token = next(each.token for each in reversed(stage.pool) if isinstance(each, Wanted))
    second = Caller(token, 2, with_offer=True)
    stage.tell(Granted(token, stage.link), second.invite())
    stage.tell(events.Start(PEER, outward(stage.session[-1].media)), second.flowing())

    assert stage.notifications[-1][1]["duration_ms"] == 500


def test_the_file_of_a_lost_worker_is_repaired(stage, tmp_path):
    name = str(tmp_path / "a.wav")
    with wave.open(name, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\1\2" * 800)
    with open(name, "r+b") as file:
        file.seek(40)
        file.write(b"\0\0\0\0")
    caller = stage.running()
    stage.tell(events.StartRecording(name), wire.Recording(caller.token, name))
    stage.tell(WorkerLost(caller.token, "it died"))

    with wave.open(name, "rb") as file:
        assert file.getnframes() == 800


def test_a_file_that_is_not_there_cannot_be_repaired_and_harms_nobody(stage, tmp_path):
    caller = stage.running()
    name = str(tmp_path / "none.wav")
    stage.tell(events.StartRecording(name), wire.Recording(caller.token, name))
    stage.tell(WorkerLost(caller.token, "it died"))

    assert stage.ref.restarts == 0
    assert stage.ref.state.state is State.MOVING


def test_a_leg_that_is_over_cannot_be_bridged_with(stage):
    stage.running()
    other = stage.leg("other")
    other.tell(events.End())
    gevent.idle()
    stage.tell(events.BridgeWith(other))

    assert stage.ref.state.bridge is None


def test_a_leg_that_crashed_too_often_is_buried(stage):
    caller = stage.running()
    bury(stage.ref.state, stage.pool_ref, stage.board)
    gevent.idle()

    assert stage.board.tokens == set()
    assert stage.pool[-1] == Released(caller.token)


def test_what_is_printed_of_a_leg_has_no_keys(stage):
    stage.tell(events.Prepare(line(40000, srtp=CRYPTO)))
    key = CRYPTO.rpartition(":")[2]

    assert key not in repr(stage.ref.state)
    assert key not in repr(events.Prepare(line(40000, srtp=CRYPTO)))
