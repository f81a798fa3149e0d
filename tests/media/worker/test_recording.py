"""Recordings: what is in them, and when they are complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.media import wire
from tests.media import tones
from tests.media.g711 import LAWS
from tests.media.worker.engine_side import Line

if TYPE_CHECKING:
    from pathlib import Path

    from tests.media.worker.process import Worker

LOUD = tones.LOUD


def heard_in(path: Path, frequency: int, seconds: float = 0.1) -> float:
    """Return the greatest amplitude of a tone in any stretch of a recording."""
    samples, rate = tones.read_wave(path)
    length = round(seconds * rate)
    starts = range(0, max(1, len(samples) - length + 1), length // 8)
    return max(tones.amplitude(samples[at : at + length], frequency, rate) for at in starts)


def test_both_directions_are_recorded(worker: Worker, wave: Path, tmp_path: Path) -> None:
    path = tmp_path / "recording.wav"
    with Line(worker) as line:
        line.establish()
        line.peer.play(440)
        worker.send(wire.Record(line.token, str(path)), wire.Play(line.token, 1, str(wave)))
        assert worker.wait_for(wire.Recording) == wire.Recording(line.token, str(path))
        worker.wait_for(wire.PlayingEnded)
        worker.send(wire.StopRecording(line.token))
        assert worker.wait_for(wire.Recorded) == wire.Recorded(line.token, str(path))
        assert heard_in(path, 440) > 0.9 * LOUD
        assert heard_in(path, 600) > 0.9 * LOUD


def test_a_recording_is_complete_when_its_leg_is_closed(worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "recording.wav"
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Record(line.token, str(path)), wire.Record(line.token, str(path)))
        line.peer.wait_for_packets(10)
        worker.send(wire.Close(line.token))
        assert worker.wait_for(wire.Recorded) == wire.Recorded(line.token, str(path))
        samples, _ = tones.read_wave(path)
        assert len(samples) > 800
        assert [type(event) for event in worker.events] == [wire.Recording]


def test_a_recording_that_cannot_begin_is_told(worker: Worker, tmp_path: Path) -> None:
    with Line(worker) as line:
        line.establish()
        for name in (
            str(tmp_path / "none" / "a.wav"),
            str(tmp_path / "a.txt"),
            "",
            "a\0.wav",
            "/" + "x" * 300 + ".wav",
        ):
            worker.send(wire.Record(line.token, name))
            recorded = worker.wait_for(wire.Recorded)
            assert (recorded.leg, recorded.file_name) == (line.token, name)
            assert recorded.error
        assert worker.refusal(wire.StopRecording(line.token)) == "not recording"


def test_a_held_leg_hears_nothing_and_is_not_recorded(worker: Worker, wave: Path, tmp_path: Path) -> None:
    path = tmp_path / "recording.wav"
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Record(line.token, str(path)), wire.Play(line.token, 1, str(wave), loop_count=0))
        line.peer.wait_to_hear(600)
        worker.send(wire.Hold(line.token, is_held=True), wire.Hold(line.token, is_held=True))
        line.peer.play(440)
        line.peer.wait_for_quiet()
        line.peer.play(700)
        line.peer.wait_for_packets(20)
        worker.send(wire.Hold(line.token, is_held=False))
        line.peer.wait_to_hear(600)
        line.peer.wait_for_packets(20)
        worker.send(wire.StopRecording(line.token))
        worker.wait_for(wire.Recorded)
        assert min(heard_in(path, 600), heard_in(path, 700)) > 0.8 * LOUD
        assert heard_in(path, 440) < 0.5 * LOUD


def test_a_recording_goes_on_over_a_re_invite(worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "recording.wav"
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Record(line.token, str(path)), wire.Echo(line.token, is_on=True))
        line.peer.play(440)
        line.peer.wait_to_hear(440)
        line.peer.law = LAWS["PCMA"]
        line.reinvite(line.line())
        line.peer.play(700)
        line.peer.wait_to_hear(700)
        worker.send(wire.StopRecording(line.token))
        worker.wait_for(wire.Recorded)
        assert min(heard_in(path, 440), heard_in(path, 700)) > 0.8 * LOUD


def test_what_the_device_plays_is_recorded_but_for_pauses(worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "room.wav"
    files = [str(tones.write_tone(tmp_path / f"{pitch}.wav", pitch, 0.3)) for pitch in (600, 700, 800)]
    worker.send(wire.Record("", str(path)))
    for number, name in enumerate(files):
        worker.send(wire.Hold("", is_held=number == 1), wire.Play("", number, name))
        worker.wait_for(wire.PlayingEnded)
    worker.send(wire.StopRecording(""))
    worker.wait_for(wire.Recorded)
    assert [heard_in(path, pitch) > 0.9 * LOUD for pitch in (600, 700, 800)] == [True, False, True]


def test_both_parties_of_a_bridge_are_recorded(worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "recording.wav"
    with Line(worker) as one, Line(worker) as two:
        one.establish()
        two.establish()
        one.peer.play(440)
        two.peer.play(700)
        worker.send(wire.Record(one.token, str(path)), wire.Bridge(one.token, two.token))
        one.peer.wait_to_hear(700)
        two.peer.wait_to_hear(440)
        worker.send(wire.StopRecording(one.token))
        worker.wait_for(wire.Recorded)
        assert min(heard_in(path, 440), heard_in(path, 700)) > 0.8 * LOUD
