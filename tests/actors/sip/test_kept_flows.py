"""The flows to registrars: one keep-alive for all who share one, and a turn for each when it is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sipsimple.actors.sip.kept_flows import PACE, Keep, Ping, State, Told, due, keep, let_go, lose, way_of
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.registration.events import FlowLost
from sipsimple.protocols.sip.transport import Flow

ONE = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.9", 5060), 3)
LATER = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.9", 5060), 4)
OTHER = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.9", 5060))
WAY = way_of(ONE)


def kept(*users, every=100.0, flow=ONE):
    state, outputs = State(), ()
    for user in users:
        state, outputs = keep(state, Keep(user, flow, every))
    return state, outputs


def test_a_flow_gives_signs_of_life_as_long_as_somebody_needs_it():
    state, outputs = kept("a")
    assert outputs == (StartTimer(WAY, 100.0),)
    assert due(state, WAY) == (state, (Ping(ONE), StartTimer(WAY, 100.0)))
    state, outputs = let_go(state, "a")
    assert outputs == (StopTimer(WAY),)
    assert (due(state, WAY), state) == ((state, ()), State())


def test_those_who_share_a_flow_share_its_signs_of_life():
    state, outputs = kept("a", "b", "c")
    assert outputs == ()
    state, outputs = keep(state, Keep("d", ONE, 50.0))
    assert outputs == (StartTimer(WAY, 50.0),)
    assert let_go(state, "d")[1] == ()


def test_another_connection_to_the_same_far_end_is_the_same_flow():
    state, _ = kept("a")
    state, outputs = keep(state, Keep("a", LATER, 100.0))
    assert (outputs, len(state.kept), state.kept[WAY].flow) == ((), 1, LATER)


def test_whoever_goes_another_way_leaves_the_old_one():
    state, _ = kept("a")
    state, outputs = keep(state, Keep("a", OTHER, 25.0))
    assert outputs == (StopTimer(WAY), StartTimer(way_of(OTHER), 25.0))
    assert set(state.kept) == {way_of(OTHER)}


def test_a_flow_without_signs_of_life_is_watched_all_the_same():
    state, outputs = kept("a", every=None)
    assert outputs == ()
    assert lose(state, WAY, "gone")[1] == (StopTimer(WAY), Told("a", FlowLost(0.0, "gone")))


def test_when_a_flow_is_lost_each_has_its_turn():
    users = [str(number) for number in range(1000)]
    state, outputs = lose(kept(*users)[0], WAY, "gone")
    _, *told = outputs
    assert sorted(each.event.after for each in told) == [number / PACE for number in range(1000)]
    assert {each.user for each in told} == set(users)
    assert state == State()


def test_what_nobody_needs_is_not_missed():
    assert lose(State(), WAY, "gone") == (State(), ())
    assert let_go(State(), "a") == (State(), ())


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from("abc"), st.sampled_from([ONE, OTHER]), st.sampled_from([None, 10.0, 20.0])).map(
            lambda each: Keep(*each)
        ),
        st.sampled_from("abc"),
        st.sampled_from([WAY, way_of(OTHER)]),
    ),
    max_size=20,
)


@given(STEPS)
def test_timers_run_for_what_is_kept_and_for_nothing_else(steps):
    state, running = State(), set()
    for step in steps:
        if isinstance(step, Keep):
            state, outputs = keep(state, step)
        elif isinstance(step, str):
            state, outputs = let_go(state, step)
        else:
            state, outputs = lose(state, step, "gone")
        for output in outputs:
            if isinstance(output, StartTimer):
                running.add(output.name)
            elif isinstance(output, StopTimer):
                running.discard(output.name)
        assert running == {way for way, each in state.kept.items() if each.every is not None}
        assert {user for each in state.kept.values() for user in each.users} == set(state.ways)
