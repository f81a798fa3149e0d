"""Tones and digits as applications name them."""

from __future__ import annotations

import pytest

from sipsimple.api.audio.tones import MOST_TONES, checked_digit, checked_tones, digit_tones
from sipsimple.core import SIPCoreError


def test_a_digit_is_one_of_sixteen():
    assert [checked_digit(each) for each in "0123456789*#ABCD"] == list("0123456789*#ABCD")


@pytest.mark.parametrize("digit", ["", "12", "a", "E", " ", "+", None, 1, b"1", ["1"]])
def test_anything_else_is_refused(digit):
    with pytest.raises(SIPCoreError, match="exactly one"):
        checked_digit(digit)


@pytest.mark.parametrize(
    ("digit", "pair"), [("1", (697, 1209)), ("5", (770, 1336)), ("0", (941, 1336)), ("D", (941, 1633))]
)
def test_a_digit_has_the_frequencies_of_its_row_and_column(digit, pair):
    assert digit_tones(digit) == ((*pair, 200, 50),)


def test_silence_belongs_to_the_tone_before_it():
    tones = [(440, 0, 100), (0, 0, 50), (0, 0, 25), (0, 600, 10), (350, 440, 20)]
    assert checked_tones(tones, 4000) == ((440, 0, 100, 75), (600, 0, 10, 0), (350, 440, 20, 0))


@pytest.mark.parametrize(
    ("tones", "error"),
    [
        ([], ValueError),
        ([(0, 0, 100)], ValueError),
        ([(440, 0, 0)], ValueError),
        ([(-1, 0, 100)], ValueError),
        ([(440, 4001, 100)], ValueError),
        ([(4001, 0, 100)], ValueError),
        ([(440, 0)], ValueError),
        ([(440, 0, 100)] * (MOST_TONES + 1), ValueError),
        ([(440.0, 0, 100)], TypeError),
        ([440], TypeError),
        (None, TypeError),
    ],
)
def test_tones_that_cannot_be_played_are_refused(tones, error):
    with pytest.raises(error):
        checked_tones(tones, 4000)
