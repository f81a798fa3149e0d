import pytest

from sipsimple.protocols.msrp.machine import IGNORED, TRANSITIONS, Stimulus
from sipsimple.protocols.msrp.state import State


def test_every_cell_is_a_row_or_is_ignored_for_a_reason():
    assert set(TRANSITIONS) == set(State)
    for stimulus in Stimulus:
        states = [state for state in State if stimulus not in TRANSITIONS[state]]
        assert bool(states) is (stimulus in IGNORED)


def test_nothing_leaves_closed():
    assert TRANSITIONS[State.CLOSED] == {}


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_every_other_state_can_end(state):
    seen, reached = {state}, [state]
    for each in reached:
        reached += [following for following, _ in TRANSITIONS[each].values() if following not in seen]
        seen.update(reached)

    assert State.CLOSED in seen


@pytest.mark.parametrize("state", [state for state in State if state not in (State.CLOSING, State.CLOSED)])
def test_a_session_may_be_ended_in_every_state(state):
    expected = State.CLOSING if state is State.STARTED else State.CLOSED
    assert TRANSITIONS[state][Stimulus.END][0] is expected


@pytest.mark.parametrize("stimulus", [Stimulus.CONNECTION_CLOSED, Stimulus.CONNECTION_BROKEN])
def test_a_lost_connection_ends_a_session_in_every_state(stimulus):
    assert all(TRANSITIONS[state][stimulus][0] is State.CLOSED for state in State if state is not State.CLOSED)
