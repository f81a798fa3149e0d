"""Digits that the library cannot take at once."""

from __future__ import annotations

import math

import pytest

from sipsimple.media.worker.agenda import Agenda
from sipsimple.media.worker.digits import MOST_WAITING, Digits


class Line:
    """Takes so many digits until it is emptied."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.sent = ""
        self.agenda = Agenda()
        self.digits = Digits(self.agenda, self.dial)

    def dial(self, leg: str, digit: str) -> bool:
        if leg == "deaf":
            raise LookupError(leg)
        if not self.room:
            return False
        self.room -= 1
        self.sent += digit
        return True

    def later(self) -> None:
        for action in self.agenda.take_due(math.inf):
            action()


def test_every_digit_is_sent_in_its_turn_however_fast_they_come():
    line = Line(3)
    for digit in "0123456789":
        line.digits.send("leg", digit)
    assert line.sent == "012"
    line.room = 4
    line.later()
    assert line.sent == "0123456"
    line.digits.send("leg", "#")
    line.room = 9
    line.later()
    assert line.sent == "0123456789#"
    assert len(line.agenda) == 0
    line.digits.send("leg", "*")
    assert line.sent.endswith("*")


def test_a_leg_that_is_gone_sends_no_more():
    line = Line(0)
    line.digits.send("leg", "1")
    line.digits.forget("leg")
    line.digits.send("leg", "2")
    line.room = 9
    line.later()
    assert line.sent == "2"


def test_what_is_no_digit_or_one_too_many_is_refused():
    line = Line(0)
    with pytest.raises(ValueError, match="not a digit"):
        line.digits.send("leg", "a")
    for _ in range(MOST_WAITING):
        line.digits.send("leg", "1")
    with pytest.raises(ValueError, match="wait already"):
        line.digits.send("leg", "1")


def test_a_leg_that_takes_no_digits_keeps_none():
    line = Line(9)
    with pytest.raises(LookupError):
        line.digits.send("deaf", "1")
    assert len(line.agenda) == 0
