"""Audio of a session, through the published API, with real audio processes: set-up, facts, recording, DTMF, players."""

from __future__ import annotations

import os
import re
import signal
import wave
from pathlib import Path

import pytest

from sipsimple.core import Engine, MediaFailed, SIPCoreError
from sipsimple.session import Session, SessionManager, SessionStateError
from tests.api.audio.calls import needs_audio, ring, sounding, talk
from tests.api.audio.test_sound_files import wav
from tests.endpoints import alice, hang_up, running, target

pytestmark = [needs_audio, pytest.mark.slow]

RECORDED = [f"SCSession{each}RecordingAudio" for each in ("WillStart", "DidStart", "WillStop", "DidStop")]


def names(watch, session, *, but=("SCSessionGotNoAudio",)):
    return [name for name in watch.names(session) if name not in but]


def frames(path):
    with wave.open(str(path)) as read:
        return read.getnframes()


@pytest.mark.parametrize("where", ["current", "own"])
def test_an_audio_call_is_set_up_and_its_facts_can_be_read(where):
    with sounding(where) as watch:
        call = talk(watch)
        told = {"has_audio": True, "has_chat": False, "files": [], "refused_streams": {}}
        assert watch.data("SCSessionNewIncoming") == told
        for ours, theirs in ((call.caller, call.callee), (call.callee, call.caller)):
            assert (ours.has_audio, ours.has_chat, ours.on_hold) == (True, False, False)
            assert (ours.audio_codec, ours.audio_sample_rate, ours.audio_srtp_active) == ("PCMU", 8000, False)
            assert ours.audio_local_rtp_address == "127.0.0.1"
            assert ours.audio_local_rtp_port == theirs.audio_remote_rtp_port_sdp
            assert ours.audio_remote_rtp_address_sdp == "127.0.0.1"
            assert ours.audio_remote_rtp_address_received == "127.0.0.1"
            assert ours.audio_remote_rtp_port_received == theirs.audio_local_rtp_port
            assert ours.audio_statistics.packets_received > 0
            assert ours.audio_transport.direction == "sendrecv"
            assert ours.audio_recording_file_name is None
        hang_up(watch, call)
        for end in (call.caller, call.callee):
            assert (end.has_audio, end.audio_transport) == (False, None)
            assert (end.audio_codec, end.audio_was_received) == ("PCMU", True), "the last values stay"
    outgoing = ["NULL>CALLING", "SCSessionNewOutgoing", "SCSessionGotRingIndication", "SCSessionWillStart"]
    assert names(watch, call.caller)[:6] == [*outgoing, "CALLING>ESTABLISHED", "SCSessionDidStart"]
    started = ["NULL>INCOMING", "SCSessionNewIncoming", "INCOMING>ACCEPTING", "SCSessionWillStart"]
    assert names(watch, call.callee)[:6] == [*started, "ACCEPTING>ESTABLISHED", "SCSessionDidStart"]
    assert names(watch, call.callee)[6:] == ["ESTABLISHED>TERMINATED", "SCSessionDidEnd"]


def test_before_it_has_audio_a_session_tells_nothing_of_it():
    session = Session()
    assert (session.has_audio, session.audio_transport, session.audio_statistics) == (False, None, None)
    assert (session.audio_codec, session.audio_sample_rate, session.audio_local_rtp_port) == (None, None, None)
    assert (session.audio_srtp_active, session.audio_was_received) == (False, False)


def test_where_there_is_no_audio_it_is_refused_at_once_and_a_chat_is_not():
    with running(max_audio_calls=0) as watch:
        session = Session()
        with pytest.raises(MediaFailed, match="max_audio_calls is 0"):
            session.connect(target(), alice(), audio=True, chat=True)
        assert session.state == "NULL"
        call = talk(watch, audio=False, chat=True)
        with pytest.raises(MediaFailed, match="max_audio_calls is 0"):
            call.caller.add_audio()
        assert call.caller.state == "ESTABLISHED"
        hang_up(watch, call)


def test_both_ends_of_a_call_ring_until_it_is_answered_and_a_file_that_is_missing_ends_nothing(tmp_path, monkeypatch):
    tones = SessionManager().ringtone_config
    with sounding() as watch:
        for name in ("default_inbound_ringtone", "outbound_ringtone"):
            monkeypatch.setattr(tones, name, str(tmp_path / "ring.wav"))
        hang_up(watch, talk(watch))
        wav(tmp_path / "ring.wav")
        call = ring(watch)
        watch.wait_for("SCSessionGotRingIndication", call.caller)
        device = watch.until(lambda: Engine().core.sound._found, "the sound device")
        watch.until(lambda: len(device.state.players) == 2, "two ringtones")
        call.callee.accept(audio=True)
        watch.wait_for("SCSessionDidStart", call.callee)
        watch.wait_for("SCSessionDidStart", call.caller)
        watch.until(lambda: not device.state.players, "silence")
        hang_up(watch, call)


def test_the_limit_of_audio_calls_ends_a_call_and_leaves_the_others():
    with sounding(max_audio_calls=1) as watch:
        call = ring(watch)
        call.callee.accept(audio=True)
        failure = watch.wait_for("SCSessionDidFail", call.callee).data
        assert (failure.originator, failure.code) == ("local", 503)
        assert "1 audio call" in failure.reason
        failure = watch.wait_for("SCSessionDidFail", call.caller).data
        assert (failure.originator, failure.code) == ("remote", 503)


def test_a_recording_is_told_in_order_and_can_be_read_when_it_is_over(tmp_path):
    with sounding() as watch:
        call = talk(watch)
        call.caller.start_recording_audio(tmp_path)
        path = call.caller.audio_recording_file_name
        assert re.fullmatch(r"\d{8}-\d{6}-bob@127\.0\.0\.1-outgoing\.wav", Path(path).name)
        with pytest.raises(SessionStateError, match="recorded to"):
            call.caller.start_recording_audio(tmp_path)
        watch.wait_for("SCSessionDidStartRecordingAudio", call.caller)
        call.caller.stop_recording_audio()
        assert call.caller.audio_recording_file_name is None
        with pytest.raises(SessionStateError, match="not recorded"):
            call.caller.stop_recording_audio()
        watch.wait_for("SCSessionDidStopRecordingAudio", call.caller)
        with wave.open(path) as read:
            assert (read.getnchannels(), read.getframerate()) == (1, 8000)
        hang_up(watch, call)
    assert [name for name in watch.names(call.caller) if "Recording" in name] == RECORDED
    assert watch.data("SCSessionDidStopRecordingAudio") == {"file_name": path, "error": None}


@pytest.mark.parametrize("end", ["terminate", "bye", "stop"])
def test_a_recording_that_runs_when_the_session_ends_is_closed_before_that_is_told(end, tmp_path):
    with sounding() as watch:
        call = talk(watch)
        call.caller.start_recording_audio(tmp_path, "a.wav")
        watch.wait_for("SCSessionDidStartRecordingAudio", call.caller)
        call.caller.play_tones([(440, 0, 100)])
        watch.wait_for("SCSessionDidEndPlaying", call.caller)
        if end == "stop":
            Engine().stop()
        else:
            (call.caller if end == "terminate" else call.callee).terminate()
        watch.wait_for("SCSessionDidEnd", call.caller)
        assert frames(tmp_path / "a.wav") > 0
    told = watch.names(call.caller)
    assert told[-4:-2] == RECORDED[2:]
    assert told[-2].endswith(">TERMINATED")
    assert told[-1] == "SCSessionDidEnd"


@pytest.mark.parametrize(
    ("path", "name"), [("missing", None), (".", "missing/a.wav"), (".", ""), (".", "call"), (".", "call.mp3")]
)
def test_a_file_that_cannot_be_written_is_refused_and_nothing_is_told(path, name, tmp_path):
    with sounding() as watch:
        call = talk(watch)
        with pytest.raises(SIPCoreError, match="cannot record"):
            call.caller.start_recording_audio(tmp_path / path, name)
        assert call.caller.audio_recording_file_name is None
        hang_up(watch, call)
    assert not [name for name in watch.names(call.caller) if "Recording" in name]


def test_digits_arrive_in_order_at_the_stream_and_at_the_session():
    with sounding() as watch:
        call = talk(watch)
        for digit in ("", "12", "a", "X", 1, None):
            with pytest.raises(SIPCoreError, match="exactly one"):
                call.caller.send_dtmf(digit)
        for digit in "19#D":
            call.caller.send_dtmf(digit)
        watch.wait_for("SCSessionGotDTMF", call.callee, 4)
        transport = call.callee.audio_transport
        told = [(each.name, each.data.digit) for each in watch.of(transport, call.callee) if "DTMF" in each.name]
        pairs = [("SCAudioTransportGotDTMF", "SCSessionGotDTMF")] * 4
        assert [name for name, _ in told] == [name for pair in pairs for name in pair]
        assert [digit for _, digit in told[::2]] == list("19#D")
        hang_up(watch, call)


def test_a_player_is_told_to_have_ended_unless_it_was_stopped(tmp_path):
    path = wav(tmp_path / "a.wav")
    with sounding() as watch:
        call = talk(watch)
        stopped = call.caller.start_playing(path, loop_count=0, pause_time=60)
        call.caller.stop_playing(stopped)
        first = call.caller.start_playing(path, 50, 2)
        tones = call.caller.play_tones([(440, 0, 20)])
        watch.wait_for("SCSessionDidEndPlaying", call.caller, 2)
        told = {each.data.player: each.data.error for each in watch.of(call.caller) if "Playing" in each.name}
        assert told == {first: None, tones: None}
        for arguments, error in (((path, -1), ValueError), ((path, 1, "x"), TypeError), ((tmp_path,), SIPCoreError)):
            with pytest.raises(error):
                call.caller.start_playing(*arguments)
        call.caller.echo_audio()
        call.caller.echo_audio(False)
        hang_up(watch, call)


def test_what_uses_the_audio_needs_an_established_session_with_audio(tmp_path):
    path = wav(tmp_path / "a.wav")
    with sounding() as watch:
        chat = talk(watch, audio=False, chat=True).caller
        ringing = ring(watch).callee
        other = talk(watch).caller
        for session, state in ((Session(), "NULL"), (ringing, "INCOMING"), (chat, "ESTABLISHED without running audio")):
            for call in (
                lambda session=session: session.start_recording_audio(tmp_path),
                lambda session=session: session.send_dtmf("1"),
                lambda session=session: session.start_playing(path),
                lambda session=session: session.play_tones([(440, 0, 100)]),
                lambda session=session: session.echo_audio(),
                lambda session=session: session.bridge(other),
                lambda session=session: other.bridge(session),
                lambda session=session: session.unbridge(),
            ):
                with pytest.raises(SessionStateError) as caught:
                    call()
                assert caught.value.state == state
        with pytest.raises(ValueError, match="itself"):
            other.bridge(other)
        with pytest.raises(TypeError):
            other.bridge(None)
        assert list(tmp_path.iterdir()) == [path]


def test_the_configuration_of_the_session_counts_and_srtp_is_seen():
    manager = SessionManager()
    with sounding() as watch:
        manager.rtp_config.use_srtp = manager.rtp_config.srtp_forced = True
        call = talk(watch)
        for end in (call.caller, call.callee):
            assert end.audio_srtp_active
            assert end.audio_transport.transport.srtp_suite.startswith("AES_")
            assert end.audio_transport.transport.srtp_forced
        hang_up(watch, call)


def test_the_death_of_an_audio_process_is_told_once_and_the_audio_goes_on(tmp_path):
    with sounding() as watch:
        call = talk(watch)
        call.caller.start_recording_audio(tmp_path, "a.wav")
        watch.wait_for("SCSessionDidStartRecordingAudio", call.caller)
        call.caller.play_tones([(440, 0, 500)])
        watch.wait_for("SCSessionDidEndPlaying", call.caller)
        os.kill(call.caller.audio_transport.worker_pid, signal.SIGKILL)
        told = watch.wait_for("SCSessionMediaDidRestart", call.caller).data
        assert (told.stream, told.recording_file_name) == ("audio", str(tmp_path / "a-2.wav"))
        assert call.caller.audio_recording_file_name == str(tmp_path / "a-2.wav")
        assert told.reason
        assert told.duration_ms >= 0
        watch.until(lambda: call.caller.audio_statistics.packets_received > 0, "audio again")
        assert call.caller.audio_statistics.restarts == 1
        call.caller.stop_recording_audio()
        watch.wait_for("SCSessionDidStopRecordingAudio", call.caller)
        hang_up(watch, call)
    assert frames(tmp_path / "a.wav") > 0
    assert frames(tmp_path / "a-2.wav") >= 0
    assert [name for name in watch.names(call.caller) if "Recording" in name] == RECORDED


def test_a_leg_that_crashes_once_goes_on_and_one_that_crashes_for_ever_ends_the_call_and_the_recording(tmp_path):
    with sounding(crashes=True) as watch:
        call = talk(watch)
        call.caller.start_recording_audio(tmp_path, "a.wav")
        watch.wait_for("SCSessionDidStartRecordingAudio", call.caller)
        leg = call.caller.audio_transport.ref
        leg.kill()
        watch.until(lambda: leg.restarts == 1, "the restart")
        call.caller.send_dtmf("5")
        watch.wait_for("SCSessionGotDTMF", call.callee)
        while leg.is_alive:
            before = leg.restarts
            leg.kill()
            watch.until(lambda before=before: not leg.is_alive or leg.restarts > before, "the crash")
        watch.wait_for("SCSessionDidEnd", call.caller)
    assert watch.data("SCSessionDidFail", call.caller)["originator"] == "local"
    told = watch.names(call.caller)
    assert told.index("SCSessionDidStopRecordingAudio") < told.index("SCSessionDidEnd")
