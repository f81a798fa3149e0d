"""What is played and recorded here, as a value: when a worker is asked for, what is told to it and of it."""

from __future__ import annotations

from sipsimple.media import sounds, wire
from sipsimple.media.sounds import (
    IDLE,
    MOST_LOSSES,
    AskForWorker,
    GiveBack,
    Send,
    Sounds,
    TellEnd,
    TellRecorded,
)
from sipsimple.protocols.outputs import StartTimer

LINK, OTHER = object(), object()
RING = wire.Play("", 7, "/ring.wav", loop_count=0)
TONE = wire.PlayTones("", 8, ((440, 0, 100, 0),))


def playing(*commands, link=LINK):
    state = Sounds()
    for command in commands:
        state, _ = sounds.sound(state, command, "a" * 16)
    return sounds.granted(state, "a" * 16, link)


def test_the_first_sound_asks_for_a_worker_and_the_second_does_not():
    state, outputs = sounds.sound(Sounds(), RING, "first")
    assert outputs == (AskForWorker("first"),)
    state, outputs = sounds.sound(state, TONE, "second")
    assert outputs == ()
    _, outputs = sounds.granted(state, "first", LINK)
    assert outputs == (Send(LINK, RING), Send(LINK, TONE))


def test_a_worker_that_was_not_asked_for_changes_nothing():
    state, _ = sounds.sound(Sounds(), RING, "first")
    assert sounds.granted(state, "other", LINK) == (state, ())


def test_a_sound_that_is_stopped_before_there_is_a_worker_is_never_played():
    state, _ = sounds.sound(Sounds(), RING, "first")
    state, _ = sounds.silence(state, RING.player)
    state, outputs = sounds.granted(state, "first", LINK)
    assert outputs == (StartTimer("idle", IDLE),)


def test_a_player_that_ends_by_itself_is_told_once_and_a_stopped_one_is_not():
    state, _ = playing(RING, TONE)
    state, outputs = sounds.silence(state, RING.player)
    assert outputs == (Send(LINK, wire.StopPlaying(7)),)
    ended = wire.PlayingEnded("", TONE.player, "")
    state, outputs = sounds.ended(state, ended)
    assert outputs == (TellEnd(8, ""), StartTimer("idle", IDLE))
    assert sounds.ended(state, ended) == (state, ())
    assert sounds.ended(state, wire.PlayingEnded("", RING.player)) == (state, ())


def test_the_worker_is_given_back_when_nothing_was_heard_for_a_while():
    state, _ = sounds.silence(playing(RING)[0], RING.player)
    busy, _ = sounds.sound(state, TONE, "b" * 16)
    assert sounds.rest(busy) == (busy, ())
    assert sounds.rest(state) == (Sounds(), (GiveBack("a" * 16, LINK),))


def test_with_another_worker_the_sounds_begin_anew():
    state, outputs = sounds.lost(playing(RING)[0], "a" * 16, "killed", "b" * 16)
    assert outputs == (AskForWorker("b" * 16),)
    assert sounds.lost(state, "a" * 16, "killed", "c" * 16) == (state, ())
    _, outputs = sounds.granted(state, "b" * 16, OTHER)
    assert outputs == (Send(OTHER, RING),)


def test_a_sound_that_kills_every_worker_is_given_up():
    state, _ = playing(RING)
    for number in range(MOST_LOSSES):
        state, _ = sounds.lost(state, state.token, "killed", f"{number}")
        state, _ = sounds.granted(state, f"{number}", LINK)
    state, outputs = sounds.lost(state, state.token, "killed", "last")
    assert outputs[0] == TellEnd(RING.player, "killed")
    assert state == Sounds()


def test_a_refusal_ends_everything_that_waits():
    state, _ = sounds.sound(Sounds(), RING, "first")
    state, _ = sounds.record(state, "/a.wav", "second")
    state, outputs = sounds.refused(state, "first", "no room")
    assert outputs == (TellEnd(7, "no room"), TellRecorded("/a.wav", "no room"), GiveBack("first", None))
    assert state == Sounds()


def test_a_recording_begins_pauses_and_ends_and_there_is_one_at_a_time():
    state, outputs = sounds.record(Sounds(), "/a.wav", "first")
    assert outputs == (AskForWorker("first"),)
    state, _ = sounds.pause(state, True)
    state, outputs = sounds.granted(state, "first", LINK)
    assert outputs == (Send(LINK, wire.Record("", "/a.wav")), Send(LINK, wire.Hold("", True)))
    assert sounds.record(state, "/b.wav", "x")[1] == (TellRecorded("/b.wav", "/a.wav is being recorded"),)
    state, outputs = sounds.pause(state, False)
    assert outputs == (Send(LINK, wire.Hold("", False)),)
    state, outputs = sounds.stop_recording(state)
    assert outputs == (Send(LINK, wire.StopRecording("")),)
    state, outputs = sounds.recorded(state, wire.Recorded("", "/a.wav", ""))
    assert outputs[0] == TellRecorded("/a.wav", "")
    assert outputs[-1] == StartTimer("idle", IDLE)
    assert not state.recording


def recording(name):
    state, _ = sounds.record(Sounds(), name, "first")
    return sounds.granted(state, "first", LINK)[0]


def test_a_recording_that_is_asked_for_while_another_is_closed_follows_it():
    state, _ = sounds.stop_recording(recording("/a.wav"))
    state, outputs = sounds.record(state, "/b.wav", "x")
    assert outputs == ()
    assert sounds.record(state, "/c.wav", "x")[1] == (TellRecorded("/c.wav", "/b.wav is being recorded"),)
    state, _ = sounds.pause(state, True)
    state, outputs = sounds.recorded(state, wire.Recorded("", "/a.wav"))
    record, hold = wire.Record("", "/b.wav"), wire.Hold("", True)
    assert outputs == (TellRecorded("/a.wav", ""), Send(LINK, record), Send(LINK, hold))
    assert (state.recording, state.following, state.is_closing) == ("/b.wav", "", False)


def test_a_recording_that_follows_can_be_stopped_refused_and_moved():
    state, _ = sounds.stop_recording(recording("/a.wav"))
    state, _ = sounds.record(state, "/b.wav", "x")
    stopped, outputs = sounds.stop_recording(state)
    assert outputs == (TellRecorded("/b.wav", ""),)
    assert sounds.stop_recording(stopped) == (stopped, ())
    told = [each for each in sounds.refused(state, "first", "no room")[1] if isinstance(each, TellRecorded)]
    assert told == [TellRecorded("/a.wav", "no room"), TellRecorded("/b.wav", "no room")]
    state, outputs = sounds.lost(state, "first", "killed", "second")
    assert outputs == (TellRecorded("/a.wav", "killed"), AskForWorker("second"))
    assert state.recording == "/b.wav"


def test_a_recording_that_is_stopped_before_it_began_or_loses_its_worker_is_told_to_be_over():
    state, _ = sounds.record(Sounds(), "/a.wav", "first")
    assert sounds.stop_recording(state)[1][0] == TellRecorded("/a.wav", "")
    assert sounds.stop_recording(Sounds()) == (Sounds(), ())
    state, _ = sounds.granted(state, "first", LINK)
    state, outputs = sounds.lost(state, "first", "killed", "second")
    assert outputs == (TellRecorded("/a.wav", "killed"), GiveBack("first", None))
    assert not state.token, "nothing is left to be heard"


def test_looking_for_the_devices_asks_for_a_worker_and_gives_it_back():
    state, outputs = sounds.look(Sounds(), "first")
    assert outputs == (AskForWorker("first"),)
    state, outputs = sounds.granted(state, "first", LINK)
    assert outputs == (StartTimer("idle", IDLE),)
