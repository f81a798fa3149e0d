"""`WaveFile`, `RecordingWaveFile` and `ToneGenerator` on the null device of a real audio process."""

from __future__ import annotations

import wave

import pytest

from sipsimple.core import Engine, RecordingWaveFile, SIPCoreError, ToneGenerator, WaveFile
from sipsimple.media.availability import is_available
from tests.api.audio.test_sound_files import wav
from tests.endpoints import running

pytestmark = pytest.mark.skipif(is_available() is not None, reason=str(is_available()))


def sounding(hub="current"):
    return running(hub, auto_sound=False)


def workers():
    return [each.id for each in node("media", "pool", "workers").children if each.id.startswith("worker")]


def node(*path):
    found = Engine().tree()
    for name in path:
        found = next(each for each in found.children if each.id == name)
    return found


@pytest.mark.parametrize("where", ["current", "own"])
def test_a_file_ends_and_can_be_played_again(where, tmp_path):
    with sounding(where) as watch:
        file = WaveFile(wav(tmp_path / "a.wav"))
        for number in (1, 2):
            assert not file.is_active
            file.start(level=50, loop_count=2, pause_time=0.01)
            assert file.is_active
            with pytest.raises(SIPCoreError, match="already"):
                file.start()
            assert watch.wait_for("SCWaveFileDidEnd", file, number).data.error is None
        assert not file.is_active
        assert file.file_name == tmp_path / "a.wav"


def test_a_file_that_is_stopped_is_told_to_have_ended_once(tmp_path):
    with sounding() as watch:
        file = WaveFile(wav(tmp_path / "a.wav"))
        file.start(loop_count=0, pause_time=60)
        file.stop()
        file.stop()
        assert not file.is_active
        watch.wait_for("SCWaveFileDidEnd", file)
    assert watch.count("SCWaveFileDidEnd") == 1


def test_a_file_that_plays_when_the_engine_stops_has_ended_before_the_engine_has(tmp_path):
    with sounding() as watch:
        file = WaveFile(wav(tmp_path / "a.wav"))
        file.start(loop_count=0)
        Engine().stop()
        assert not file.is_active
    names = [each.name for each in watch.seen]
    assert names.index("SCWaveFileDidEnd") < names.index("SCEngineDidEnd")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"level": -1}, ValueError),
        ({"loop_count": -1}, ValueError),
        ({"pause_time": -0.1}, ValueError),
        ({"level": "1"}, TypeError),
    ],
)
def test_bad_arguments_play_nothing_and_start_no_process(arguments, error, tmp_path):
    with sounding():
        file = WaveFile(wav(tmp_path / "a.wav"))
        with pytest.raises(error):
            file.start(**arguments)
        with pytest.raises(SIPCoreError, match="cannot play"):
            WaveFile(tmp_path / "missing.wav").start()
        assert not file.is_active
        assert "media" not in [each.id for each in Engine().tree().children]


def test_without_an_engine_or_without_audio_nothing_can_be_played(tmp_path):
    file, recording = WaveFile(wav(tmp_path / "a.wav")), RecordingWaveFile(tmp_path / "b.wav")
    for start in (file.start, recording.start, lambda: ToneGenerator().play_dtmf("1")):
        with pytest.raises(SIPCoreError, match="not running"):
            start()
    with running(max_audio_calls=0):
        for start in (file.start, recording.start, lambda: ToneGenerator().play_dtmf("1")):
            with pytest.raises(SIPCoreError, match="max_audio_calls is 0"):
                start()
    assert (file.is_active, recording.is_active) == (False, False)


def test_what_is_played_here_is_recorded_but_for_the_pause(tmp_path):
    with sounding() as watch:
        recording, file = RecordingWaveFile(tmp_path / "rec.wav"), WaveFile(wav(tmp_path / "a.wav"))
        with pytest.raises(SIPCoreError, match="not recording"):
            recording.pause()
        recording.start()
        with pytest.raises(SIPCoreError, match="already"):
            recording.start()
        with pytest.raises(SIPCoreError, match="one recording"):
            RecordingWaveFile(tmp_path / "other.wav").start()
        file.start(loop_count=5)
        watch.wait_for("SCWaveFileDidEnd", file)
        recording.pause()
        assert (recording.is_active, recording.is_paused) == (True, True)
        with pytest.raises(SIPCoreError, match="paused"):
            recording.pause()
        recording.resume()
        recording.stop()
        recording.stop()
        assert (recording.is_active, recording.is_paused) == (False, False)
        other = RecordingWaveFile(tmp_path / "other.wav")
        other.start()
        watch.until(lambda: (tmp_path / "other.wav").exists(), "the next recording to begin")
    wave.open(str(tmp_path / "other.wav")).close()  # readable: the end of the engine closes what is recorded
    assert not other.is_active
    other.stop()
    with wave.open(str(tmp_path / "rec.wav")) as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (1, 2, 16000)
        assert read.getnframes() > 0


def test_a_recording_tells_its_end_once_when_the_file_can_be_read(tmp_path):
    with sounding() as watch:
        recording = RecordingWaveFile(tmp_path / "a.WAV")
        recording.start()
        watch.until(lambda: (tmp_path / "a.WAV").exists(), "the file")
        recording.stop()
        recording.stop()
        assert watch.wait_for("SCRecordingWaveFileDidEnd", recording).data.error is None
        wave.open(str(tmp_path / "a.WAV")).close()
    assert watch.count("SCRecordingWaveFileDidEnd") == 1


def test_a_recording_that_another_format_is_wanted_of_does_not_begin_and_can_be_asked_for_again(tmp_path):
    with sounding():
        recording = RecordingWaveFile(tmp_path / "a.mp3")
        for _ in range(2):
            with pytest.raises(SIPCoreError, match=r"a\.mp3.*must end in \.wav"):
                recording.start()
        assert not recording.is_active
        assert "media" not in [each.id for each in Engine().tree().children]


def test_a_recording_that_cannot_be_written_after_all_tells_why(tmp_path):
    with sounding() as watch:
        (tmp_path / "there").mkdir()
        recording = RecordingWaveFile(tmp_path / "there" / "a.wav")
        recording.start()
        (tmp_path / "there").rmdir()  # the process that writes has not begun
        assert watch.wait_for("SCRecordingWaveFileDidEnd", recording).data.error
        assert not recording.is_active


def test_tones_are_held_to_what_can_be_heard_and_to_a_session():
    with sounding():
        ToneGenerator().play_tones([(8000, 0, 10)])
        with pytest.raises(ValueError, match="8000"):
            ToneGenerator().play_tones([(8001, 0, 10)])
    with pytest.raises(TypeError, match="Session"):
        ToneGenerator("session")


def test_tones_play_until_they_are_stopped_and_one_process_serves_all_sounds(tmp_path):
    with sounding() as watch:
        tones = ToneGenerator()
        tones.play_tones([(440, 0, 100), (0, 0, 100), (350, 440, 60_000)])
        tones.play_dtmf("#")
        file = WaveFile(wav(tmp_path / "a.wav"))
        file.start()
        watch.wait_for("SCWaveFileDidEnd", file)
        state = Engine().core.sound._found.state
        assert len(state.players) >= 1
        tones.stop()
        watch.until(lambda: not Engine().core.sound._found.state.players, "silence")
        assert len(workers()) <= 2, "one that plays and a spare one"


def test_sounds_go_on_when_their_process_dies(tmp_path):
    with sounding() as watch:
        file = WaveFile(wav(tmp_path / "a.wav"))
        file.start(loop_count=0)
        device = watch.until(lambda: Engine().core.sound._found, "the device")
        first = watch.until(lambda: device.state.link, "a worker")
        first.process.kill()
        watch.until(lambda: device.state.link not in (None, first), "another worker")
        assert file.is_active
        file.stop()
        watch.wait_for("SCWaveFileDidEnd", file)


def test_the_devices_of_this_machine_are_told_by_an_audio_process():
    with sounding():
        engine = Engine()
        assert isinstance(engine.playback_devices, tuple)
        assert isinstance(engine.recording_devices, tuple)
        for name in engine.playback_devices[:1]:
            engine.set_sound_devices(name)
            assert engine.current_playback_device == name
        engine.set_sound_devices()
        assert engine.current_playback_device is None
