"""Recordings of sessions that get in each other's way, and those that follow each other at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sipsimple.core import RecordingWaveFile, SIPCoreError
from tests.api.audio.calls import needs_audio, sounding, talk
from tests.endpoints import hang_up

pytestmark = [needs_audio, pytest.mark.slow]


def test_two_sessions_do_not_record_into_one_file_until_the_first_has_closed_it(tmp_path):
    with sounding() as watch:
        call = talk(watch)
        one, other = call.caller, call.callee
        one.start_recording_audio(tmp_path, "both.wav")
        with pytest.raises(SIPCoreError, match=re.escape(f"{tmp_path / 'both.wav'}: it is being recorded to already")):
            other.start_recording_audio(tmp_path, "both.wav")
        assert other.audio_recording_file_name is None
        with pytest.raises(SIPCoreError, match="recorded to already"):
            RecordingWaveFile(tmp_path / "both.wav").start()
        watch.wait_for("SCSessionDidStartRecordingAudio", one)
        one.stop_recording_audio()
        with pytest.raises(SIPCoreError, match="recorded to already"):  # it is being closed
            other.start_recording_audio(tmp_path, "both.wav")
        watch.wait_for("SCSessionDidStopRecordingAudio", one)
        other.start_recording_audio(tmp_path, "both.wav")
        watch.wait_for("SCSessionDidStartRecordingAudio", other)
        room = RecordingWaveFile(tmp_path / "room.wav")
        room.start()
        with pytest.raises(SIPCoreError, match="recorded to already"):
            one.start_recording_audio(tmp_path, "room.wav")
        room.stop()
        watch.wait_for("SCRecordingWaveFileDidEnd", room)
        one.start_recording_audio(tmp_path, "room.wav")
        hang_up(watch, call)


def test_recordings_in_one_breath_are_all_told_of(tmp_path):
    with sounding() as watch:
        call = talk(watch)
        for name in ("1.wav", "2.wav", "3.wav"):
            call.caller.start_recording_audio(tmp_path, name)
            if name != "3.wav":
                call.caller.stop_recording_audio()
        watch.wait_for("SCSessionDidStartRecordingAudio", call.caller)
        assert call.caller.audio_recording_file_name == str(tmp_path / "3.wav")
        hang_up(watch, call)
    ended = [each.data for each in watch.seen if each.name == "SCSessionDidStopRecordingAudio"]
    assert [Path(each.file_name).name for each in ended] == ["1.wav", "2.wav", "3.wav"]
    assert [each.error for each in ended] == [None, "it was stopped before it began", None]


def test_a_recording_that_was_stopped_is_none_whatever_is_told_of_it_later(tmp_path):
    with sounding() as watch:
        call = talk(watch)
        told = []

        def begin_again(session):
            told.append(session.audio_recording_file_name)
            if len(told) == 1:
                session.start_recording_audio(tmp_path, "b.wav")

        watch.on["SCSessionWillStartRecordingAudio"] = begin_again
        call.caller.start_recording_audio(tmp_path, "a.wav")
        call.caller.stop_recording_audio()
        watch.wait_for("SCSessionDidStartRecordingAudio", call.caller)
        hang_up(watch, call)
    assert told == [None, str(tmp_path / "b.wav")]
