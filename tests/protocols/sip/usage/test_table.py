"""The table is complete, and the guards of the public methods are read off it."""

import pytest

from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State, Stimulus
from sipsimple.protocols.sip.usage.step import take
from sipsimple.protocols.sip.usage.stimuli import COMMANDS, REQUESTS, TIMERS
from sipsimple.protocols.sip.usage.table import IGNORED, TRANSITIONS, allowed, led_to
from tests.protocols.sip.usage.scenes import answered, answering, calling, established, ringing


def test_every_state_can_be_reached_and_all_but_the_last_one_left():
    targets = {state for rows in TRANSITIONS.values() for _, states in rows.values() for state in states}
    assert targets | {State.NULL, State.PROPOSING} == set(State)  # the queue of commands leads to PROPOSING
    for state, rows in TRANSITIONS.items():
        assert any(target is not state for _, states in rows.values() for target in states) == (state != "TERMINATED")


def test_every_stimulus_has_a_source():
    responses = {Stimulus.PROVISIONAL, Stimulus.SUCCESS, Stimulus.FAILURE, Stimulus.INVITE_LOST, Stimulus.BYE_DONE}
    responses |= {Stimulus.REQUEST_ANSWERED, Stimulus.REQUEST_LOST}
    named = {*COMMANDS.values(), *TIMERS.values(), *REQUESTS.values(), Stimulus.REQUEST_RECEIVED}
    assert named | responses == set(Stimulus)


@pytest.mark.parametrize("party", [calling, ringing, answering, established, answered])
def test_a_request_is_answered_in_every_state_that_has_a_dialog_or_makes_one(party):
    """An ignored request would leave its transaction without a response for ever; only ACK wants none."""
    ignored = IGNORED[party().state]
    assert not {Stimulus.BYE_RECEIVED, Stimulus.CANCEL_RECEIVED, Stimulus.INVITE_RECEIVED} & ignored.keys()
    assert Stimulus.REQUEST_RECEIVED not in ignored


@pytest.mark.parametrize("stimulus", Stimulus)
def test_nothing_leaves_terminated(stimulus):
    party = established()
    party.do(events.Abandoned("gone"))
    assert take(party.call, stimulus, None) == (party.call, ())


@pytest.mark.parametrize(
    ("stimulus", "states"),
    [
        (Stimulus.CONNECT, {"NULL"}),
        (Stimulus.ACCEPT, {"INCOMING"}),
        (Stimulus.REJECT, {"INCOMING"}),
        (Stimulus.TERMINATE, {"CALLING", "INCOMING", "ACCEPTING", "ESTABLISHED", "PROPOSING", "PROPOSED"}),
        (Stimulus.HOLD, {"ESTABLISHED"}),
        (Stimulus.UNHOLD, {"ESTABLISHED"}),
        (Stimulus.ADD_STREAM, {"ESTABLISHED"}),
        (Stimulus.REMOVE_STREAM, {"ESTABLISHED"}),
        (Stimulus.ACCEPT_PROPOSAL, {"PROPOSED"}),
        (Stimulus.REJECT_PROPOSAL, {"PROPOSED"}),
        (Stimulus.TRANSFER, {"ESTABLISHED", "PROPOSING", "PROPOSED"}),
        (Stimulus.ACCEPT_TRANSFER, {"ESTABLISHED", "PROPOSING", "PROPOSED"}),
        (Stimulus.REJECT_TRANSFER, {"ESTABLISHED", "PROPOSING", "PROPOSED"}),
        (Stimulus.SEND_INFO, {"ESTABLISHED", "PROPOSING", "PROPOSED"}),
    ],
)
def test_a_command_is_allowed_where_the_published_api_says(stimulus, states):
    assert set(allowed(stimulus)) == states


def test_a_command_leads_to_the_state_that_the_published_api_says():
    assert led_to(State.NULL, Stimulus.CONNECT) is State.CALLING
    assert led_to(State.INCOMING, Stimulus.ACCEPT) is State.ACCEPTING
    assert {led_to(state, Stimulus.TERMINATE) for state in allowed(Stimulus.TERMINATE)} == {State.TERMINATING}
    assert led_to(State.INCOMING, Stimulus.REJECT) is State.TERMINATING
    assert led_to(State.ESTABLISHED, Stimulus.ADD_STREAM) is State.PROPOSING
    for stimulus in (Stimulus.HOLD, Stimulus.UNHOLD, Stimulus.REMOVE_STREAM):
        assert led_to(State.ESTABLISHED, stimulus) is State.ESTABLISHED
    assert led_to(State.PROPOSED, Stimulus.REJECT_PROPOSAL) is State.ESTABLISHED
