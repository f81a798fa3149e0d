"""Registrations and single requests, whatever happens in whatever order: they end, or go on, and never hang."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sip.registration import events
from sipsimple.protocols.sip.registration.state import State
from sipsimple.protocols.sip.request import step as requests
from sipsimple.protocols.sip.request.client import State as RequestState
from sipsimple.protocols.sip.usage.events import TargetFailed
from tests.protocols.sip.asker import FLOW
from tests.protocols.sip.registration.registrar import Registering
from tests.protocols.sip.request.sending import BY_TCP, CHALLENGE, FIRST, LARGE, SECOND, Sender

STATUSES = st.sampled_from([100, 200, 200, 200, 401, 407, 403, 404, 408, 423, 439, 480, 500, 503, 600])
COMMANDS = st.sampled_from(
    [
        events.Register(),
        events.Unregister(),
        events.NetworkChanged(),
        events.NetworkChanged(2.0),
        events.FlowLost(),
        events.FlowLost(2.0),
        events.Resumed(),
        events.Crashed("why not"),
    ]
)
STEPS = st.one_of(
    st.tuples(st.just("take"), COMMANDS),
    st.tuples(st.just("answer"), STATUSES),
    st.tuples(st.just("fire"), st.integers(0, 9)),
    st.tuples(st.just("lose"), st.none()),
    st.tuples(st.just("vanish"), st.booleans()),
)
HEADERS = (CHALLENGE, ("Proxy-Authenticate", CHALLENGE[1]), ("Min-Expires", "1000"), ("Expires", "600"))


def happen(party, what, how):
    if what == "take":
        party.take(how)
    elif what == "answer" and party.requests:
        party.answer(how, HEADERS)
    elif what == "fire" and party.timers:
        party.fire(sorted(party.timers, key=str)[how % len(party.timers)])
    elif what == "lose" and party.requests:
        party.lose()
    elif what == "vanish":
        party.finds = None if how else FLOW


def wish_after(was_wanted, what, how):
    if what == "take" and isinstance(how, events.Register | events.Unregister):
        return isinstance(how, events.Register)
    return was_wanted


def holds(party):
    """What is true of a registration at any time."""
    own = {each for each in party.timers if isinstance(each, str)}
    state = party.core.state
    is_asking = state in (State.REGISTERING, State.REFRESHING, State.CLOSING, State.UNREGISTERING)
    assert party.core.client.is_busy == is_asking
    if is_asking:
        assert any(isinstance(each, tuple) and each[1] == "F" for each in party.timers)
    assert ("refresh" in own) == (state is State.REGISTERED)
    assert ("retry" in own) == (state in (State.WAITING, State.FADING))
    assert (party.core.answer is not None) >= (state in (State.REGISTERED, State.FADING))
    shown = [each.data for each in party.told if each.name.endswith("ChangedState")]
    for before, after in itertools.pairwise(shown):
        assert before["state"] == after["prev_state"] != after["state"]


@given(st.lists(STEPS, max_size=40))
def test_a_registration_is_never_stuck_and_what_it_tells_is_in_order(steps):
    party = Registering()
    party.take(events.Register())
    is_wanted = True
    for what, how in steps:
        happen(party, what, how)
        is_wanted = wish_after(is_wanted, what, how)
        holds(party)
    assert party.names().count("DidEnd") <= party.names().count("WillEnd") + party.names().count("=unregistered")
    settle(party)
    is_over = party.core.state is State.UNREGISTERED
    assert is_over or (is_wanted and party.core.state is State.REGISTERED)
    assert is_over or party.core.shown == "registered"


def settle(party):
    """Let a good registrar answer until nothing is under way."""
    party.finds = FLOW
    for _ in range(20):
        if party.core.client.is_busy:
            party.answer(200, (("Expires", "600"),))
        elif party.core.state in (State.WAITING, State.FADING):
            party.fire("retry")
        holds(party)


REQUEST_STEPS = st.one_of(
    st.tuples(st.just("answer"), STATUSES),
    st.tuples(st.just("fire"), st.integers(0, 9)),
    st.tuples(st.just("lose"), st.none()),
    st.tuples(st.just("find"), st.none()),
    st.tuples(st.just("resumed"), st.none()),
    st.tuples(st.just("fail"), st.none()),
)


@given(st.lists(REQUEST_STEPS, max_size=30), st.booleans())
def test_a_request_has_exactly_one_outcome_and_leaves_nothing_behind(steps, is_large):
    sender = Sender(FIRST, SECOND, BY_TCP)
    sender.holds_back = True
    sender.begin(LARGE) if is_large else sender.begin()
    for what, how in steps:
        if what in ("answer", "lose", "fire"):
            happen(sender, what, how)
        elif what == "find":
            sender.find()
        elif what == "resumed":
            sender.call(requests.resumed)
        else:
            sender.take(TargetFailed("the look-up crashed"))
        assert len(sender.core.outcomes) == (not sender.core.client.is_busy)
    sender.holds_back = False
    while sender.core.client.state is RequestState.RESOLVING:
        sender.find()
    while sender.core.client.is_busy:
        sender.answer(404)
    while sender.timers:
        sender.fire(next(iter(sender.timers)))
    assert len(sender.core.outcomes) == 1
    assert not sender.core.client.transactions.entries
