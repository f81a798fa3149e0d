"""Files and tones that play into a leg, or to the sound device."""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING

import pytest

from sipsimple.media import wire
from tests.media import tones
from tests.media.worker.engine_side import Line

if TYPE_CHECKING:
    from pathlib import Path

    from tests.media.worker.process import Worker

LOUD = tones.LOUD


def test_a_file_is_heard_and_its_end_is_told(worker: Worker, wave: Path) -> None:
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Play(line.token, 1, str(wave)))
        line.peer.wait_to_hear(600)
        assert worker.wait_for(wire.PlayingEnded) == wire.PlayingEnded(line.token, 1)
        line.peer.wait_for_quiet()


@pytest.mark.parametrize("level", [25, 50])
def test_the_level_is_a_percentage(worker: Worker, wave: Path, level: int) -> None:
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Play(line.token, 1, str(wave), level=level, loop_count=0))
        expected = LOUD * level / 100
        line.peer.wait_until(lambda peer: abs(peer.amplitude(600) - expected) < 0.05 * LOUD)


def test_a_file_is_played_so_often(worker: Worker, tmp_path: Path) -> None:
    path = tones.write_tone(tmp_path / "short.wav", 600, 0.2)
    with Line(worker) as line:
        line.establish()
        for count in (2, 3):
            line.peer.forget()
            worker.send(wire.Play(line.token, count, str(path), loop_count=count))
            worker.wait_for(wire.PlayingEnded, lambda ended, count=count: ended.player == count)
            line.peer.wait_for_quiet()
            loud = sum(abs(sample) for sample in line.peer.samples(8)) / (LOUD * 2 / 3.1416) / tones.RATE
            assert loud == pytest.approx(0.2 * count, abs=0.05)


def test_a_pause_lies_between_two_times(worker: Worker, tmp_path: Path) -> None:
    path = tones.write_tone(tmp_path / "short.wav", 600, 0.3)
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Play(line.token, 1, str(path), loop_count=0, pause_time=0.4))
        for _ in range(2):
            line.peer.wait_to_hear(600)
            line.peer.wait_for_quiet()
        worker.send(wire.StopPlaying(1))
        worker.ping()
        assert not worker.events


def test_a_file_without_pause_plays_for_ever(worker: Worker, tmp_path: Path) -> None:
    path = tones.write_tone(tmp_path / "short.wav", 600, 0.1)
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Play(line.token, 1, str(path), loop_count=0))
        line.peer.wait_until(lambda peer: peer.amplitude(600, 1.0) > 0.7 * LOUD)
        worker.send(wire.StopPlaying(1), wire.StopPlaying(1), wire.StopPlaying(77))
        line.peer.wait_for_quiet()
        worker.ping()
        assert not worker.events


def test_a_file_that_cannot_be_played_ends_at_once(worker: Worker, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.wav"
    garbage.write_bytes(b"RIFF no wave at all" * 10)
    long = "/" + "x" * 300 + ".wav"
    with Line(worker) as line:
        line.establish()
        for number, name in enumerate([str(garbage), str(tmp_path / "none.wav"), str(tmp_path), long, "", "a\0b"]):
            worker.send(wire.Play(line.token, number, name))
            ended = worker.wait_for(wire.PlayingEnded)
            assert ended.player == number
            assert ended.error


def test_stereo_files_and_other_rates_are_played(worker: Worker, tmp_path: Path) -> None:
    import wave as waves

    with Line(worker) as line:
        line.establish()
        for number, (channels, rate) in enumerate([(1, 44100), (2, 8000), (2, 16000)]):
            path = tmp_path / f"{number}.wav"
            mono = tones.Tone(600, rate=rate).samples(rate // 2)
            with waves.open(str(path), "wb") as file:
                file.setparams((channels, 2, rate, 0, "NONE", ""))
                file.writeframes(array("h", [sample for sample in mono for _ in range(channels)]).tobytes())
            worker.send(wire.Play(line.token, number, str(path)))
            assert worker.wait_for(wire.PlayingEnded).error == ""


@pytest.mark.parametrize("formats", [[(6, 8000, 8)], [(1, 11025, 16), (1, 8000, 16)]], ids=["G.711", "two formats"])
def test_a_file_that_the_library_would_abort_on_is_played(
    worker: Worker, tmp_path: Path, formats: list[tuple[int, int, int]]
) -> None:
    chunks = b""
    for tag, rate, bits in formats:
        numbers = tag, 1, rate, rate * bits // 8, bits // 8, bits
        chunks += b"fmt " + struct.pack("<IHHIIHH", 16, *numbers)
    path = tmp_path / "odd.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", 172 + len(chunks)) + b"WAVE" + chunks + b"data\xa0\0\0\0" + bytes(160))
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Play(line.token, 1, str(path)))
        assert worker.wait_for(wire.PlayingEnded).error == ""


def test_tones_are_heard_and_their_end_is_told(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        worker.send(wire.PlayTones(line.token, 1, ((0, 0, 100, 100), (440, 480, 400, 0))))
        line.peer.wait_until(lambda peer: peer.amplitude(440) > 1000 < peer.amplitude(480))
        assert worker.wait_for(wire.PlayingEnded) == wire.PlayingEnded(line.token, 1)


def test_any_number_of_tones_is_played(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        worker.send(wire.PlayTones(line.token, 1, ((440, 0, 5, 5),) * 80))
        assert worker.wait_for(wire.PlayingEnded).error == ""
        worker.send(wire.PlayTones(line.token, 2, ()), wire.PlayTones(line.token, 3, ((90_000, 0, 5, 5),)))
        assert worker.wait_for(wire.PlayingEnded, lambda ended: ended.player == 2).error == ""
        assert "not a tone" in worker.wait_for(wire.PlayingEnded).error


def test_without_sound_devices_files_and_tones_end_all_the_same(worker: Worker, tmp_path: Path) -> None:
    path = tones.write_tone(tmp_path / "short.wav", 600, 0.1)
    worker.send(wire.Play("", 1, str(path), loop_count=2), wire.PlayTones("", 2, ((440, 0, 50, 50),)))
    worker.send(wire.Play("", 3, str(tmp_path / "none.wav")))
    assert worker.wait_for(wire.PlayingEnded, lambda ended: ended.player == 3).error
    for number in (1, 2):
        assert worker.wait_for(wire.PlayingEnded, lambda ended, number=number: ended.player == number).error == ""


def test_what_is_no_level_or_count_or_is_one_too_many_ends_at_once(worker: Worker, wave: Path) -> None:
    wrong = [{"level": -1}, {"level": 10**6}, {"loop_count": -1}]
    for number, each in enumerate(wrong):
        worker.send(wire.Play("", number, str(wave), **each))
        assert worker.wait_for(wire.PlayingEnded).error
    worker.send(*(wire.PlayTones("", number, ((440, 0, 30_000, 0),)) for number in range(65)))
    assert worker.wait_for(wire.PlayingEnded) == wire.PlayingEnded("", 64, "too many players")
    worker.send(wire.PlayTones("", 0, ()))
    assert worker.wait_for(wire.PlayingEnded) == wire.PlayingEnded("", 0, "player 0 exists")


def test_players_are_for_legs_that_exist(worker: Worker, wave: Path) -> None:
    assert worker.refusal(wire.Play("none", 1, str(wave))) == "unknown leg"
    assert worker.refusal(wire.PlayTones("none", 1, ())) == "unknown leg"
    assert worker.refusal(wire.Record("none", "a.wav")) == "unknown leg"
