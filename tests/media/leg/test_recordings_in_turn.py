"""Recordings that wait for their turn: the file before is being closed, there is no worker, or somebody holds."""

from __future__ import annotations

import pytest

from sipsimple.media import wire
from sipsimple.media.leg import events
from tests.media.leg.test_recording import DID_START, DID_STOP, FILE, WILL_START, WILL_STOP, recording
from tests.media.leg.world import World

SECOND_FILE, THIRD_FILE = "/tmp/second.wav", "/tmp/third.wav"
PASSED_OVER = [WILL_START, WILL_STOP, DID_STOP]


@pytest.fixture
def world() -> World:
    world = World()
    world.running()
    return world


def recorded_names(world: World, file_name: str) -> list[str]:
    return [name for name, data in world.notifications if data.get("file_name") == file_name]


def one_after_the_other(world: World, *names: str) -> None:
    """Start and stop a recording into each of these files in one breath, but for stopping the last one."""
    for name in names:
        world.tell(events.StartRecording(name))
        if name is not names[-1]:
            world.tell(events.StopRecording())


def test_a_recording_that_was_stopped_before_its_turn_came_is_told_of_when_it_comes(world):
    one_after_the_other(world, FILE, SECOND_FILE, THIRD_FILE)
    world.run()

    told = [(name, data["file_name"]) for name, data in world.notifications]
    assert told == [
        *[(each, FILE) for each in PASSED_OVER],
        *[(each, SECOND_FILE) for each in PASSED_OVER],
        (WILL_START, THIRD_FILE),
        (DID_START, THIRD_FILE),
    ]
    assert [each.get("error") for each in world.named(DID_STOP)] == [None, "it was stopped before it began"]
    assert [each.file_name for each in world.told_worker(wire.Record)] == [FILE, THIRD_FILE]


def test_each_of_many_that_were_stopped_before_their_turn_is_told_of_once(world):
    files = [f"/tmp/{number}.wav" for number in range(5)]
    one_after_the_other(world, *files)
    world.tell(events.StopRecording())
    world.run()

    assert [data["file_name"] for name, data in world.notifications if name == DID_STOP] == files
    assert world.leg.unbegun == ()


def test_a_worker_lost_while_it_closes_a_file_loses_no_word_of_the_next_ones(world):
    one_after_the_other(world, FILE, SECOND_FILE, THIRD_FILE)
    world.todo.clear()
    world.lose()

    assert recorded_names(world, FILE)[-1] == DID_STOP
    assert recorded_names(world, SECOND_FILE) == PASSED_OVER
    assert world.leg.facts.recording_file_name == THIRD_FILE


def test_a_recording_whose_turn_had_not_come_at_the_end_is_told_of_after_the_one_before(world):
    one_after_the_other(world, FILE, SECOND_FILE)
    world.tell(events.End())
    assert recorded_names(world, SECOND_FILE) == []
    world.run()

    assert [name for name, _ in world.notifications] == [*PASSED_OVER, *PASSED_OVER]
    assert recorded_names(world, SECOND_FILE) == PASSED_OVER
    assert world.ends == 1


def test_a_recording_that_waits_for_a_worker_is_told_of_when_it_is_stopped(world):
    world.lose()
    world.tell(events.StartRecording(FILE))
    assert not world.names
    world.tell(events.StopRecording())

    assert world.names == PASSED_OVER


def test_a_recording_that_only_a_hold_kept_back_is_not_told_of_even_behind_another(world):
    recording(world)
    world.tell(events.Hold(True))
    world.tell(events.StopRecording())
    one_after_the_other(world, SECOND_FILE, THIRD_FILE)
    world.run()

    assert recorded_names(world, SECOND_FILE) == []
    assert world.leg.facts.recording_file_name == THIRD_FILE


def test_the_files_that_are_open_are_those_that_are_written_or_being_closed(world):
    assert world.leg.open_files == ()
    recording(world)
    assert world.leg.open_files == (FILE,)
    world.tell(events.StopRecording())
    world.tell(events.StartRecording(SECOND_FILE))
    assert world.leg.open_files == (FILE,)
    world.tell(events.End())
    assert world.leg.open_files == (FILE,)
    world.run()
    assert world.leg.open_files == ()
