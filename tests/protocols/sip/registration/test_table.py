"""The table of a registration is complete."""

from __future__ import annotations

from sipsimple.protocols.sip.registration.state import SHOWN, State, Stimulus
from sipsimple.protocols.sip.registration.step import EVENTS, TIMERS
from sipsimple.protocols.sip.registration.table import TRANSITIONS


def test_every_state_can_be_reached_and_left():
    for state in State:
        others = {
            target
            for each, rows in TRANSITIONS.items()
            if each is not state
            for _, states in rows.values()
            for target in states
        }
        assert state in others
        assert any(target is not state for _, states in TRANSITIONS[state].values() for target in states)


def test_every_stimulus_has_a_source():
    assert {*EVENTS.values(), *TIMERS.values(), Stimulus.SUCCEEDED, Stimulus.FAILED} == set(Stimulus)


def test_applications_are_shown_the_four_published_states():
    assert set(SHOWN) == set(State)
    assert set(SHOWN.values()) == {"unregistered", "registering", "registered", "unregistering"}
