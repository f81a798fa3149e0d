"""What comes from the peer: digits, silence, counters; and what is sent."""

from __future__ import annotations

import pytest

from sipsimple.media import wire
from sipsimple.media.leg import events
from tests.media.leg.caller import PEER
from tests.media.leg.world import World

NO_AUDIO = "SCSessionGotNoAudio"


@pytest.fixture
def world() -> World:
    world = World()
    world.running()
    return world


def counters(world: World, received: int) -> wire.Statistics:
    return wire.Statistics(world.seat_token, packets_received=received, remote="192.0.2.1:4000" if received else "")


def test_a_digit_is_told(world):
    world.tell(wire.GotDigit(world.seat_token, "5"))

    assert world.notifications == [("SCSessionGotDTMF", {"digit": "5"})]


def test_a_digit_of_a_call_that_is_gone_is_not(world):
    world.tell(wire.GotDigit("0123456789abcdef", "5"))

    assert not world.notifications


def test_a_digit_is_sent(world):
    world.tell(events.SendDigit("#"))

    assert world.told_worker(wire.SendDigit) == [wire.SendDigit(world.seat_token, "#")]


def test_silence_is_told_once(world):
    assert world.timers["silence"] == 5.0
    world.tell(counters(world, 0))
    world.fire("silence")
    assert not world.names  # the counters may be of a second ago
    world.tell(counters(world, 0))
    world.tell(counters(world, 0))

    assert world.names == [NO_AUDIO]


def test_what_came_at_the_last_moment_counts(world):
    world.fire("silence")
    world.tell(counters(world, 3))

    assert not world.names
    assert world.leg.facts.was_received
    assert world.leg.facts.received == ("192.0.2.1", 4000)


def test_silence_on_hold_is_no_news(world):
    world.tell(events.Hold(True))
    world.fire("silence")
    world.tell(counters(world, 0))

    assert not world.names


def silent(world: World) -> None:
    """Let the clock go off, and the counters tell that nothing came."""
    world.fire("silence")
    world.tell(counters(world, 0))


def test_silence_is_told_after_a_hold_that_kept_it_from_being_told(world):
    world.tell(events.Hold(True))
    assert "silence" not in world.timers
    world.tell(events.Hold(False))
    assert world.timers["silence"] == 5.0
    silent(world)

    assert world.names == [NO_AUDIO]


def test_a_hold_between_the_alarm_and_the_counters_only_puts_it_off(world):
    world.fire("silence")
    world.tell(events.Hold(True))
    world.tell(counters(world, 0))
    assert not world.names
    world.tell(events.Hold(False))
    world.tell(counters(world, 0))
    assert not world.names  # the clock has begun anew
    silent(world)

    assert world.names == [NO_AUDIO]


def test_a_clock_that_goes_off_just_as_a_hold_begins_is_started_again_by_its_end(world):
    world.tell(events.Hold(True))
    silent(world)
    world.tell(events.Hold(False))

    assert not world.names
    assert "silence" in world.timers


@pytest.mark.parametrize("ending", ["it was heard", "it was told"])
def test_after_a_hold_nothing_is_watched_for_when_there_is_nothing_left_to_tell(ending, world):
    if ending == "it was told":
        silent(world)
    else:
        world.tell(counters(world, 3))
    world.tell(events.Hold(True))
    world.tell(events.Hold(False))

    assert "silence" not in world.timers


def test_a_hold_before_the_call_is_answered_starts_no_clock():
    world = World()
    world.prepared()
    world.tell(events.Hold(True))
    world.tell(events.Hold(False))

    assert "silence" not in world.timers


def test_silence_that_could_not_be_told_is_told_later(world):
    silent(world)
    world.tell(events.SilenceUntold())
    assert world.timers["silence"] == 1.0
    silent(world)

    assert world.names == [NO_AUDIO, NO_AUDIO]


def test_silence_that_could_not_be_told_is_forgotten_when_something_comes(world):
    silent(world)
    world.tell(events.SilenceUntold())
    world.fire("silence")
    world.tell(counters(world, 1))

    assert world.names == [NO_AUDIO]
    assert "silence" not in world.timers


def test_silence_that_could_not_be_told_waits_for_the_end_of_a_hold(world):
    silent(world)
    world.tell(events.Hold(True))
    world.tell(events.SilenceUntold())
    assert "silence" not in world.timers
    world.tell(events.Hold(False))

    assert world.timers["silence"] == 5.0


def test_early_media_may_be_silent():
    world = World()
    local = world.prepared()
    world.tell(events.Start(PEER, local, early=True))
    assert "silence" not in world.timers
    world.tell(events.Start(PEER, local))

    assert "silence" in world.timers


def test_what_was_known_stays_known_after_the_end(world):
    world.tell(counters(world, 7))
    world.tell(events.End())

    facts = world.leg.facts
    assert (facts.codec, facts.statistics.packets_received, facts.is_running) == ("PCMU", 7, False)


def test_a_player_that_ends_is_told(world):
    world.tell(events.PlayFile(4, "a.wav"))
    world.tell(wire.PlayingEnded(world.seat_token, 4, "no such file"))

    assert world.notifications == [("SCSessionDidEndPlaying", {"player": 4, "error": "no such file"})]
    assert not world.leg.players


def test_a_player_that_was_stopped_is_not(world):
    world.tell(events.PlayFile(4, "a.wav"))
    world.tell(events.StopPlaying(4))
    world.tell(wire.PlayingEnded(world.seat_token, 4))

    assert not world.notifications
    assert world.told_worker(wire.StopPlaying) == [wire.StopPlaying(4)]


def test_what_is_played_before_it_sounds_is_played_when_it_does():
    world = World()
    local = world.prepared()
    world.tell(events.PlayFile(1, "a.wav"))
    assert not world.told_worker(wire.Play)
    world.tell(events.Start(PEER, local))

    assert world.told_worker(wire.Play) == [wire.Play(world.seat_token, 1, "a.wav")]
