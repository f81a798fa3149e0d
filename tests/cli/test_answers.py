"""How `listen` reads what to do with calls."""

from __future__ import annotations

import pytest

from sipsimple.cli.answers import ACCEPT, RING, Answer, chosen_answers
from sipsimple.cli.refusal import Refused


def test_calls_ring_when_nothing_is_said() -> None:
    assert chosen_answers(None, None, None).next() == RING


def test_the_last_answer_holds_for_all_that_follow() -> None:
    answers = chosen_answers(None, None, "accept,486,ring")
    assert [answers.next() for _ in range(5)] == [ACCEPT, Answer(code=486), RING, RING, RING]


@pytest.mark.parametrize("text", ["", "accept,", "200", "700", "no", "-486"])
def test_an_answer_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"--answers takes accept, .*, ring or a status"):
        chosen_answers(None, None, text)


@pytest.mark.parametrize("status", [-486, 200, 700])
def test_a_status_that_refuses_nothing_is_refused(status: int) -> None:
    with pytest.raises(Refused, match=f"--reject takes a status from 300 to 699, not '{status}'"):
        chosen_answers(None, status, None)
