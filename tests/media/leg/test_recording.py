"""Recordings: the order of their notifications, holds, lost workers, moves, and the end."""

from __future__ import annotations

import pytest

from sipsimple.media import wire
from sipsimple.media.leg import events
from sipsimple.protocols.outputs import StartTimer
from tests.media.leg.caller import PEER
from tests.media.leg.world import World

WILL_START, DID_START = "SCSessionWillStartRecordingAudio", "SCSessionDidStartRecordingAudio"
WILL_STOP, DID_STOP = "SCSessionWillStopRecordingAudio", "SCSessionDidStopRecordingAudio"
FILE = "/tmp/call.wav"
SECOND = "/tmp/call-2.wav"


@pytest.fixture
def world() -> World:
    world = World()
    world.running()
    return world


def recording(world: World) -> None:
    world.tell(events.StartRecording(FILE))
    world.run()


def test_a_recording_is_told_of_in_order(world):
    recording(world)
    assert world.leg.facts.recording_file_name == FILE
    world.tell(events.StopRecording())
    world.run()

    assert world.notifications == [(each, {"file_name": FILE}) for each in (WILL_START, DID_START, WILL_STOP, DID_STOP)]
    assert world.leg.facts.recording_file_name is None
    assert world.leg.recording is None


def test_did_stop_comes_when_the_file_can_be_read(world):
    recording(world)
    world.tell(events.StopRecording())

    assert world.names[-1] == WILL_STOP
    world.run()
    assert world.names[-1] == DID_STOP


def test_a_file_that_cannot_be_opened_was_announced_and_ends(world):
    world.tell(events.StartRecording(FILE))
    world.tell(wire.Recorded(world.seat_token, FILE, "no such directory"))

    assert world.names == [WILL_START, DID_STOP]
    assert world.named(DID_STOP) == [{"file_name": FILE, "error": "no such directory"}]
    assert world.leg.facts.recording_file_name is None


def test_a_file_that_cannot_be_written_on_ends_with_both_notifications(world):
    recording(world)
    world.tell(wire.Recorded(world.seat_token, FILE, "disk full"))

    assert world.names == [WILL_START, DID_START, WILL_STOP, DID_STOP]
    assert world.named(DID_STOP)[0]["error"] == "disk full"


def test_on_hold_nothing_is_told_until_the_hold_ends(world):
    world.tell(events.Hold(True))
    recording(world)
    assert world.leg.facts.recording_file_name == FILE
    assert not world.names

    world.tell(events.Hold(False))
    world.run()

    assert world.names == [WILL_START, DID_START]


def test_a_recording_that_was_stopped_before_it_began_was_never_told_of(world):
    world.tell(events.Hold(True))
    world.tell(events.StartRecording(FILE))
    world.tell(events.StopRecording())
    world.tell(events.Hold(False))

    assert not world.names
    assert not world.told_worker(wire.Record)


def test_hold_pauses_without_a_word(world):
    recording(world)
    world.tell(events.Hold(True))
    world.tell(events.Hold(False))

    assert world.names == [WILL_START, DID_START]
    assert [each.is_held for each in world.told_worker(wire.Hold)] == [True, False]


def test_the_next_recording_begins_when_the_one_before_is_closed(world):
    recording(world)
    world.tell(events.StopRecording())
    world.tell(events.StartRecording("/tmp/other.wav"))
    assert world.leg.facts.recording_file_name == "/tmp/other.wav"
    world.run()

    assert world.names == [WILL_START, DID_START, WILL_STOP, DID_STOP, WILL_START, DID_START]


def test_who_asks_for_a_recording_sees_that_the_request_was_taken_whatever_is_recorded_now(world):
    recording(world)
    assert world.leg.facts.recordings == 0
    world.tell(events.StopRecording())
    world.tell(events.StartRecording(FILE, 7))
    assert (world.leg.facts.recordings, world.leg.facts.recording_file_name) == (7, FILE)
    world.tell(events.StopRecording())
    assert (world.leg.facts.recordings, world.leg.facts.recording_file_name) == (7, None)


def test_a_second_recording_is_ignored(world):
    recording(world)
    world.tell(events.StartRecording("/tmp/other.wav"))

    assert world.leg.facts.recording_file_name == FILE


def test_a_lost_worker_leaves_a_repaired_file_and_a_second_one(world):
    recording(world)
    world.lose()
    world.run()
    assert world.repaired == [FILE]
    world.tell(events.Start(PEER, world.moved()))
    world.run()

    assert [each.file_name for each in world.told_worker(wire.Record)] == [FILE, SECOND]
    assert world.names == [WILL_START, DID_START, "SCSessionMediaDidRestart"]
    assert world.notifications[-1][1]["recording_file_name"] == SECOND
    assert world.leg.facts.recording_file_name == SECOND


def test_the_third_file_is_numbered_too(world):
    recording(world)
    for _ in range(2):
        world.lose()
        world.run()
        world.tell(events.Start(PEER, world.moved()))
        world.run()

    assert world.leg.facts.recording_file_name == "/tmp/call-3.wav"


def test_stopped_between_two_workers_the_file_that_there_is_ends(world):
    recording(world)
    world.lose()
    world.tell(events.StopRecording())

    assert world.notifications[-2:] == [(WILL_STOP, {"file_name": FILE}), (DID_STOP, {"file_name": FILE})]


def test_a_worker_lost_while_it_closes_the_file_ends_it(world):
    recording(world)
    world.tell(events.StopRecording())
    world.todo.clear()
    world.lose()

    assert world.repaired == [FILE]
    assert world.names[-1] == DID_STOP
    assert world.leg.recording is None


def test_a_worker_that_does_not_close_the_file_is_not_waited_for(world):
    recording(world)
    asked = world.tell(events.StopRecording())
    name = next(each.name for each in asked if isinstance(each, StartTimer))
    world.todo.clear()
    world.fire(name)

    assert world.named(DID_STOP)[0]["error"]


def test_the_end_of_the_stream_closes_the_file_first(world):
    recording(world)
    token = world.seat_token
    world.tell(events.End())
    assert (world.ends, world.released) == (0, [])
    assert world.names[-1] == WILL_STOP
    world.run()

    assert world.names[-1] == DID_STOP
    assert (world.ends, world.released) == (1, [token])
    assert not world.timers


def test_the_end_while_the_file_is_closed_tells_nothing_twice(world):
    recording(world)
    world.tell(events.StopRecording())
    world.tell(events.End())
    world.run()

    assert world.names == [WILL_START, DID_START, WILL_STOP, DID_STOP]
    assert world.ends == 1


def test_a_worker_lost_at_the_end_ends_it(world):
    recording(world)
    token = world.seat_token
    world.tell(events.End())
    world.todo.clear()
    world.tell(wire.Closed(token, "it died"))

    assert world.repaired == [FILE]
    assert world.names[-1] == DID_STOP
    assert world.ends == 1


def test_shut_down_it_waits_for_nothing(world):
    recording(world)
    world.tell(events.Vanish())

    assert world.names[-2:] == [WILL_STOP, DID_STOP]
    assert world.ends == 1
    assert set(world.wanted) == set(world.released)
