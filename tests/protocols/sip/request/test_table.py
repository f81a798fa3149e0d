"""The table of a request is complete."""

from __future__ import annotations

from sipsimple.protocols.sip.request.client import State
from sipsimple.protocols.sip.request.table import TRANSITIONS


def test_every_state_can_be_reached_and_left():
    for state in State:
        assert any(state in states for _, states in TRANSITIONS[state].values()) or state is State.RESOLVING
        others = {target for rows in TRANSITIONS.values() for _, states in rows.values() for target in states}
        assert state in others
        assert any(target is not state for _, states in TRANSITIONS[state].values() for target in states)
