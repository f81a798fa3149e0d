"""Streams of a session that runs: held, added, removed, proposed, bridged; with real audio processes."""

from __future__ import annotations

import wave

import gevent
import pytest

from sipsimple.core import Engine
from sipsimple.session import SessionStateError
from tests.api.audio.calls import needs_audio, sounding, talk, wait_for_audio
from tests.endpoints import deliver, hang_up
from tests.media.tones import RATE, Tone, amplitude, read_wave, write_wave

pytestmark = [needs_audio, pytest.mark.slow]

PROPOSED = "SCSessionGotStreamProposal"
ACCEPTED = "SCSessionAcceptedStreamProposal"
REJECTED = "SCSessionRejectedStreamProposal"
BESIDE = ("SCSessionGotNoAudio", "SCSessionGotStreamUpdate")


def since(watch, session, count):
    return [name for name in watch.names(session)[count:] if name not in BESIDE]


def count(watch, session):
    return len(watch.names(session))


@pytest.mark.parametrize("streams", [{"audio": True}, {"audio": False, "chat": True}])
def test_a_hold_is_told_at_both_ends_and_a_second_one_tells_nothing(streams):
    with sounding() as watch:
        call = talk(watch, **streams)
        before = count(watch, call.caller)
        call.caller.unhold()
        call.caller.hold()
        call.caller.hold()
        assert call.caller.state == "ESTABLISHED"
        watch.wait_for("SCSessionGotHoldRequest", call.caller)
        if streams["audio"]:
            watch.wait_for("SCSessionGotHoldRequest", call.callee)
            assert (call.callee.on_hold_by_local, call.callee.on_hold_by_remote, call.callee.on_hold) == (
                False,
                True,
                True,
            )
            assert watch.data("SCSessionGotHoldRequest", call.callee) == {"originator": "remote"}
        assert (call.caller.on_hold_by_local, call.caller.on_hold_by_remote, call.caller.on_hold) == (True, False, True)
        call.caller.unhold()
        watch.wait_for("SCSessionGotUnholdRequest", call.caller)
        if streams["audio"]:
            watch.wait_for("SCSessionGotUnholdRequest", call.callee)
        assert not call.caller.on_hold
        assert since(watch, call.caller, before) == ["SCSessionGotHoldRequest", "SCSessionGotUnholdRequest"]
        hang_up(watch, call)


def test_a_recording_that_is_asked_for_on_hold_begins_with_the_end_of_the_hold(tmp_path):
    with sounding() as watch:
        call = talk(watch)
        call.caller.hold()
        watch.wait_for("SCSessionGotHoldRequest", call.callee)
        call.caller.start_recording_audio(tmp_path, "a.wav")
        assert call.caller.audio_recording_file_name == str(tmp_path / "a.wav")
        gevent.sleep(0)
        assert watch.count("SCSessionWillStartRecordingAudio") == 0
        call.caller.unhold()
        watch.wait_for("SCSessionDidStartRecordingAudio", call.caller)
        names = watch.names(call.caller)
        assert names.index("SCSessionGotUnholdRequest") < names.index("SCSessionWillStartRecordingAudio")
        call.caller.hold()
        watch.wait_for("SCSessionGotHoldRequest", call.callee, 2)
        call.caller.stop_recording_audio()
        watch.wait_for("SCSessionDidStopRecordingAudio", call.caller)
        hang_up(watch, call)


@pytest.mark.parametrize(("first", "second"), [("audio", "chat"), ("chat", "audio")])
def test_a_stream_is_added_and_removed_and_added_again(first, second):
    with sounding() as watch:
        call = talk(watch, audio=first == "audio", chat=first == "chat")
        for round_ in (1, 2):
            before = count(watch, call.caller), count(watch, call.callee)
            getattr(call.caller, f"add_{second}")()
            assert call.caller.state == "PROPOSING"
            for again in ("add_audio", "add_chat"):
                with pytest.raises(SessionStateError, match="PROPOSING"):
                    getattr(call.caller, again)()
            assert call.caller.current_state.value == "PROPOSING"
            watch.wait_for(PROPOSED, call.callee, round_)
            assert (call.callee.proposed_audio, call.callee.proposed_chat) == (second == "audio", second == "chat")
            assert (call.caller.proposed_audio, call.caller.proposed_chat) == (second == "audio", second == "chat")
            call.callee.accept_proposal()
            with pytest.raises(SessionStateError, match="answered already"):
                call.callee.reject_proposal()
            for end in (call.caller, call.callee):
                watch.wait_for(ACCEPTED, end, round_)
                assert (end.has_audio, end.has_chat, end.state) == (True, True, "ESTABLISHED")
            theirs = ["ESTABLISHED>PROPOSED", PROPOSED, "PROPOSED>ESTABLISHED", ACCEPTED]
            ours = ["ESTABLISHED>PROPOSING", PROPOSED, "PROPOSING>ESTABLISHED", ACCEPTED]
            assert since(watch, call.caller, before[0]) == ours
            assert since(watch, call.callee, before[1]) == theirs
            wait_for_audio(watch, call)
            deliver(watch, call.callee, call.caller, f"hello {round_}")
            getattr(call.caller, f"remove_{second}")()
            for end in (call.caller, call.callee):
                watch.until(lambda end=end: not getattr(end, f"has_{second}"), f"{second} to be gone at {end}")
                watch.until(lambda end=end: not end.call.is_busy, "the removal to be agreed on")
                assert end.state == "ESTABLISHED"
        assert watch.data(PROPOSED, call.caller) == {
            "proposer": "local",
            "adds_audio": second == "audio",
            "adds_chat": second == "chat",
            "files": [],
            "refused_streams": {},
        }
        assert watch.data(PROPOSED, call.callee)["proposer"] == "remote"
        hang_up(watch, call)


def test_what_is_asked_for_in_one_breath_is_seen_at_once_and_done_in_order():
    """A removal hides the stream, what follows waits for its turn, and a hold counts from when it was asked."""
    with sounding() as watch:
        call = talk(watch, audio=True, chat=True)
        caller, former = call.caller, call.caller.chat_transport
        caller.remove_chat()
        assert (caller.has_chat, caller.chat_transport, caller.state) == (False, None, "ESTABLISHED")
        with pytest.raises(SessionStateError, match="without chat"):
            caller.remove_chat()
        caller.add_chat()
        assert (caller.has_chat, caller.state) == (False, "ESTABLISHED")
        with pytest.raises(SessionStateError, match="with chat"):
            caller.add_chat()
        caller.hold()
        assert (caller.on_hold_by_local, caller.on_hold) == (True, True)
        caller.unhold()
        assert not caller.on_hold_by_local
        watch.wait_for(PROPOSED, call.callee)
        call.callee.accept_proposal()
        watch.wait_for(ACCEPTED, caller)
        assert caller.chat_transport not in (None, former)
        watch.wait_for("SCSessionGotUnholdRequest", caller)
        deliver(watch, call.callee, caller, "again")
        hang_up(watch, call)


def test_a_proposal_that_is_rejected_leaves_everything_as_it_was():
    with sounding() as watch:
        call = talk(watch, audio=False, chat=True)
        call.caller.add_audio()
        watch.wait_for(PROPOSED, call.callee)
        for kinds, error in (({"chat": True}, ValueError), ({"audio": False}, ValueError)):
            with pytest.raises(error):
                call.callee.accept_proposal(**kinds)
        call.callee.reject_proposal()
        with pytest.raises(SessionStateError, match="answered already"):
            call.callee.accept_proposal()
        for end, proposer in ((call.caller, "local"), (call.callee, "remote")):
            told = watch.wait_for(REJECTED, end).data
            assert told.proposer == proposer
            assert told.reason
            assert (end.state, end.has_audio, end.has_chat, end.audio_transport) == ("ESTABLISHED", False, True, None)
        deliver(watch, call.caller, call.callee, "still here")
        hang_up(watch, call)


def test_the_last_stream_cannot_be_removed_nor_one_twice_nor_one_that_is_not_there():
    with sounding() as watch:
        call = talk(watch, audio=True, chat=True)
        call.caller.remove_chat()
        for remove in (call.caller.remove_chat, call.caller.remove_audio):
            with pytest.raises(SessionStateError):
                remove()
        watch.until(lambda: not call.callee.has_chat, "the chat to be gone")
        with pytest.raises(SessionStateError, match="nothing but audio"):
            call.caller.remove_audio()
        with pytest.raises(SessionStateError, match="without chat"):
            call.caller.remove_chat()
        with pytest.raises(SessionStateError, match="with audio"):
            call.caller.add_audio()
        assert call.caller.has_audio
        hang_up(watch, call)


def test_a_recording_ends_with_its_stream(tmp_path):
    with sounding() as watch:
        call = talk(watch, audio=True, chat=True)
        call.caller.start_recording_audio(tmp_path, "a.wav")
        watch.wait_for("SCSessionDidStartRecordingAudio", call.caller)
        call.callee.remove_audio()
        watch.wait_for("SCSessionDidStopRecordingAudio", call.caller)
        with wave.open(str(tmp_path / "a.wav")) as read:
            assert read.getnchannels() == 1
        watch.until(lambda: not call.caller.has_audio, "the audio to be gone")
        assert (call.caller.audio_recording_file_name, call.caller.audio_codec) == (None, None)
        hang_up(watch, call)


def test_commands_that_are_given_in_one_breath_are_carried_out_in_order():
    with sounding() as watch:
        call = talk(watch)
        for _ in range(5):
            call.caller.hold()
            call.caller.unhold()
        call.caller.add_chat()
        watch.wait_for(PROPOSED, call.callee)
        call.callee.accept_proposal()
        watch.wait_for(ACCEPTED, call.caller)
        assert not call.caller.on_hold
        assert watch.count("SCSessionDidFail") == 0
        hang_up(watch, call)


def heard(path, frequency):
    samples, _ = read_wave(path)
    return amplitude(samples[len(samples) // 4 :], frequency)


def test_bridged_peers_hear_each_other_and_others_do_not(tmp_path):
    tones = {
        frequency: write_wave(tmp_path / f"{frequency}.wav", Tone(frequency).samples(RATE)) for frequency in (600, 900)
    }
    with sounding() as watch:
        calls = [talk(watch), talk(watch)]
        bridged = [call.callee for call in calls]
        bridged[0].bridge(bridged[1])
        watch.until(lambda: all(each.audio_transport.facts.is_bridged for each in bridged), "the bridge")
        for call, frequency in zip(calls, tones, strict=True):
            call.caller.start_playing(tones[frequency], loop_count=0)
        for call, other in zip(calls, (900, 600), strict=True):
            path = tmp_path / f"heard-{other}.wav"
            call.caller.start_recording_audio(tmp_path, path.name)
            watch.wait_for("SCSessionDidStartRecordingAudio", call.caller)
        player = calls[0].caller.play_tones([(50, 0, 800)])
        watch.until(lambda: any(getattr(each.data, "player", 0) == player for each in watch.seen), "some time")
        for call in calls:
            call.caller.stop_recording_audio()
            watch.wait_for("SCSessionDidStopRecordingAudio", call.caller)
        for other in (900, 600):
            assert heard(tmp_path / f"heard-{other}.wav", other) > 2000
        bridged[1].unbridge()
        watch.until(lambda: not any(each.audio_transport.facts.is_bridged for each in bridged), "the end of the bridge")
        bridged[1].unbridge()
        for call in calls:
            hang_up(watch, call)
    assert watch.count("SCSessionMediaDidRestart") == 0


def test_later_streams_are_made_with_the_codecs_that_were_set_meanwhile():
    with sounding() as watch:
        first = talk(watch)
        Engine().codecs = ("g711",)
        Engine().codecs = ("PCMA",)
        second = talk(watch)
        assert (first.caller.audio_codec, second.caller.audio_codec) == ("PCMU", "PCMA")
        for call in (first, second):
            hang_up(watch, call)
