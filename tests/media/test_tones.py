"""Tones are measured as they were made."""

from array import array

import pytest

from tests.media import tones


@pytest.mark.parametrize("frequency", [300, 440, 600, 1000, 1633, 3000])
def test_the_amplitude_is_measured_at_the_frequency_and_nowhere_else(frequency):
    samples = tones.Tone(frequency, 5000).samples(1600)
    assert tones.amplitude(samples, frequency) == pytest.approx(5000, rel=0.01)
    for other in {300, 440, 600, 1000, 1633, 3000} - {frequency}:
        assert tones.amplitude(samples, other) < 150


def test_a_tone_goes_on_where_it_was_left():
    parts = tones.Tone(440)
    assert parts.samples(7) + parts.samples(160) + parts.samples(33) == tones.Tone(440).samples(200)


def test_two_tones_are_told_apart():
    mixed = array("h", map(sum, zip(tones.Tone(440).samples(1600), tones.Tone(600, 2000).samples(1600), strict=True)))
    assert tones.amplitude(mixed, 440) == pytest.approx(8000, rel=0.02)
    assert tones.amplitude(mixed, 600) == pytest.approx(2000, rel=0.05)


def test_nothing_and_silence_have_no_amplitude_and_no_level():
    for samples in (array("h"), array("h", [0] * 800)):
        assert tones.amplitude(samples, 440) == 0
        assert tones.level(samples) == 0


def test_the_level_of_a_tone_is_its_root_mean_square():
    assert tones.level(tones.Tone(500).samples(1600)) == pytest.approx(tones.LOUD / 2**0.5, rel=0.001)


def test_a_wave_file_is_read_as_it_was_written(tmp_path):
    path = tones.write_tone(tmp_path / "tone.wav", 600, 0.5, rate=16000)
    samples, rate = tones.read_wave(path)
    assert (len(samples), rate) == (8000, 16000)
    assert tones.amplitude(samples, 600, rate) == pytest.approx(tones.LOUD, rel=0.01)
