"""Many chat sessions at once between two processes, then none: nothing of them stays behind."""

from __future__ import annotations

import pytest

from bench.sessions import LEFT, run

SESSIONS = 300
T1 = 0.05
"""Low, so that the last transactions have expired after 64*T1: 3.2 s."""


@pytest.mark.slow
def test_many_sessions_at_once_are_all_established_delivered_ended_and_forgotten() -> None:
    _before, placed, peak, ended, left = run(SESSIONS, T1)
    assert (placed["done"], placed["failed"]) == (SESSIONS, 0)
    assert [each["sessions"] for each in peak] == [SESSIONS, SESSIONS]
    assert ended["ended"] == SESSIONS
    assert [{name: each[name] for name in LEFT if each[name] > 0} for each in left] == [{}, {}]
