"""Any commands of both sides at any moment, any losses, copies and detours: two calls agree, or both end, and once.

`SIPSIMPLE_FUZZ=100` in the environment looks a hundred times longer.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from tests.fuzz.test_call import check
from tests.fuzz.two_calls import CALLEE, CALLER, LIMIT, POLICIES, TwoCalls, check_agreement

TIMES = float(os.environ.get("SIPSIMPLE_FUZZ", "1"))
SIDES = st.sampled_from([CALLER, CALLEE])
KINDS = st.sampled_from([("audio",), ("chat",), ("audio", "chat"), ("chat", "audio")])
CHANGES = st.sampled_from(
    [
        events.Hold(),
        events.Unhold(),
        events.AddStream("audio"),
        events.AddStream("chat"),
        events.RemoveStream("audio"),
        events.RemoveStream("chat"),
        events.AcceptProposal(),
        events.RejectProposal(),
    ]
)
PATIENT = 25.0
"""Seconds that a network may be bad before who waits for an answer gives up, at 32."""


class Talking(RuleBasedStateMachine):
    """Both sides do what they like; the network is bad, but not for so long that anybody gives up."""

    talk: TwoCalls

    @initialize(
        kinds=KINDS,
        policies=st.tuples(st.sampled_from(POLICIES), st.sampled_from(POLICIES)),
        begins=st.sampled_from(["connecting", "ringing", "talking", "talking"]),
    )
    def connect(self, kinds, policies, begins):
        self.talk = TwoCalls(policies)
        self.has_denied = False
        self.talk.connect(kinds)
        if begins != "connecting":
            self.talk.heal()
        if begins == "talking":
            self.talk.do(CALLEE, events.Accept(kinds))
            self.talk.heal()
            assert {each.state for each in self.talk.sides} == {State.ESTABLISHED}

    @rule(side=SIDES, command=CHANGES)
    def change(self, side, command):
        if self.talk.sides[side].state is not State.NULL:
            self.talk.do(side, command)

    @rule(data=st.data())
    @precondition(lambda self: self.talk.sides[CALLEE].state is State.INCOMING)
    def accept(self, data):
        proposed = [each.kind for each in self.talk.sides[CALLEE].call.streams]
        kinds = data.draw(st.sampled_from([tuple(proposed), tuple(proposed[:1])]))
        self.talk.do(CALLEE, events.Accept(kinds))

    @rule(side=SIDES)
    def prepare(self, side):
        self.talk.prepare(side)

    @precondition(lambda self: any(each.call.dialog for each in self.talk.sides))
    @rule(side=SIDES)
    def deny(self, side):
        self.has_denied = True
        self.talk.deny(side)

    @precondition(lambda self: self.talk.flying)
    @rule(number=st.integers(1, 3))
    def pass_on(self, number):
        """Let some messages arrive in order."""
        for _ in range(min(number, len(self.talk.flying))):
            self.talk.deliver(0)

    @precondition(lambda self: self.talk.flying)
    @rule(position=st.integers(0, 9), keep=st.sampled_from([False, False, True]))
    def deliver(self, position, keep):
        """The first of them as often as not, as a network would; a copy may come later."""
        self.talk.deliver(position if position < len(self.talk.flying) else 0, keep=keep)

    @precondition(lambda self: self.talk.flying)
    @rule(position=st.integers(0, 3))
    def lose(self, position):
        self.talk.lose(position % len(self.talk.flying))

    @rule()
    def carry(self):
        """Let the network be good for a moment."""
        self.talk.heal()

    @rule(seconds=st.sampled_from([0.5, 2.0, 5.0]))
    def tick(self, seconds):
        self.talk.tick(min(seconds, PATIENT - self.talk.now))

    @invariant()
    def both_keep_to_the_rules(self):
        for each in getattr(self, "talk", TwoCalls()).sides:
            check(each)

    def teardown(self):
        """When the network has become good and everybody has agreed to everything, both see the same session."""
        if hasattr(self, "talk"):
            self.talk.come_to_rest(LIMIT)
            check_agreement(self.talk)
            assert self.has_denied or self.talk.sides[CALLER].state is State.ESTABLISHED, "somebody was cut off"
            self.end()

    def end(self):
        for side in (CALLER, CALLEE):
            self.talk.do(side, events.Terminate())
            self.talk.heal()
        self.talk.come_to_rest(LIMIT)
        assert self.talk.is_over
        for each in self.talk.sides:
            if each.state is not State.NULL:
                check(each)
                assert each.names.count("SCSessionDidEnd") == 1


class Ending(Talking):
    """Anybody may also end it at any moment, and the network may be bad for so long that they give up."""

    @rule(side=SIDES, sure=st.sampled_from([False, False, False, True]))
    def terminate(self, side, sure):
        if sure and self.talk.sides[side].state is not State.NULL:
            self.talk.do(side, events.Terminate())

    @precondition(lambda self: self.talk.sides[CALLEE].state is State.INCOMING)
    @rule(code=st.sampled_from([None, None, 302, 486, 503, 603]))
    def reject(self, code):
        if code is not None:
            self.talk.do(CALLEE, events.Reject(code))

    @precondition(lambda self: self.talk.flying)
    @rule(position=st.integers(0, 3))
    def refuse(self, position):
        self.talk.refuse(position % len(self.talk.flying))

    @rule()
    def wait(self):
        self.talk.tick(LIMIT)

    def teardown(self):
        if hasattr(self, "talk"):
            self.end()


@pytest.mark.parametrize(("machine", "examples", "steps"), [(Talking, 80, 40), (Ending, 80, 40)])
@pytest.mark.timeout(120 * max(1.0, TIMES))
def test_two_calls_agree_and_leave_nothing(machine, examples, steps):
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=int(examples * TIMES), stateful_step_count=steps, deadline=None),
    )
