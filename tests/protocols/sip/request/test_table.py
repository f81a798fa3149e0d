"""The table of a request is complete."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.request.client import State, Stimulus
from sipsimple.protocols.sip.request.table import IGNORED, TRANSITIONS


@pytest.mark.parametrize("state", State)
def test_every_state_and_stimulus_is_a_row_or_ignored_with_a_reason(state):
    rows, ignored = TRANSITIONS[state], IGNORED[state]
    assert rows.keys() | ignored.keys() == set(Stimulus)
    assert not rows.keys() & ignored.keys()
    assert all(ignored.values())


def test_every_state_can_be_reached_and_left():
    for state in State:
        assert any(state in states for _, states in TRANSITIONS[state].values()) or state is State.RESOLVING
        others = {target for rows in TRANSITIONS.values() for _, states in rows.values() for target in states}
        assert state in others
        assert any(target is not state for _, states in TRANSITIONS[state].values() for target in states)
