"""The table is complete, and any order of events ends well."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sip.requesting import NetworkChanged
from sipsimple.protocols.sip.subscription.state import State
from sipsimple.protocols.sip.subscription.step import Subscribe, Unsubscribe, step
from sipsimple.protocols.sip.subscription.subscription import Subscription
from sipsimple.protocols.sip.usage.events import Resumed
from tests.protocols.sip.asker import client
from tests.protocols.sip.subscription.subscriber import Subscriber, terms

NOTIFIES = [
    *[
        "active",
        "active;expires=30",
        "pending",
        "terminated",
        "terminated;reason=rejected",
        "terminated;reason=timeout",
    ],
    *["terminated;reason=probation;retry-after=5", "terminated;reason=invariant"],
]
HAPPENINGS = (
    st.tuples(st.just("answer"), st.sampled_from([100, 200, 401, 423, 403, 480, 481, 500, 503]))
    | st.tuples(st.just("notify"), st.sampled_from(NOTIFIES), st.sampled_from(["theirs", "other"]))
    | st.tuples(st.just("fire"), st.integers(0, 9))
    | st.tuples(st.just("take"), st.sampled_from([Subscribe(), Resumed(), NetworkChanged(), Unsubscribe()]))
    | st.just(("lose",))
)


def test_an_end_before_the_beginning_is_an_end():
    subscription, outputs = step(Subscription(terms(), client()), Unsubscribe())
    assert subscription.state is State.TERMINATED
    assert [each.name for each in outputs if hasattr(each, "data")] == ["SCSubscriptionWillEnd", "SCSubscriptionDidEnd"]


def happen(subscriber, what, *arguments):
    """Let something happen, where it can."""
    if what == "answer":
        headers = (("Min-Expires", "900"), ("Expires", "300"), ("WWW-Authenticate", 'Digest realm="r", nonce="n"'))
        subscriber.answer(arguments[0], headers)
    elif what == "notify":
        if not subscriber.handed_over:
            subscriber.notify(arguments[0], tag=arguments[1])
    elif what == "fire":
        if subscriber.timers:
            subscriber.fire(list(subscriber.timers)[arguments[0] % len(subscriber.timers)])
    elif what == "lose":
        subscriber.lose()
    else:
        subscriber.take(*arguments)


@given(st.sampled_from([0, 300]), st.lists(HAPPENINGS, max_size=25))
def test_whatever_happens_it_ends_once_and_nothing_runs_on(expires, happenings):
    subscriber = Subscriber(expires)
    for what, *arguments in happenings:
        happen(subscriber, what, *arguments)
    subscriber.take(Unsubscribe())
    for _ in range(200):
        if not subscriber.timers:
            break
        subscriber.fire(next(iter(subscriber.timers)))  # nobody answers any more

    names = subscriber.names()
    assert subscriber.core.state is State.TERMINATED
    assert names.count("DidEnd") == 1
    assert names[-1] == "DidEnd"
    assert len(subscriber.handed_over) == 1
    assert not [name for name in subscriber.timers if isinstance(name, str)]


@given(st.lists(HAPPENINGS, max_size=25))
def test_each_change_of_state_is_told_once_and_from_where_it_was(happenings):
    subscriber = Subscriber()
    for what, *arguments in happenings:
        happen(subscriber, what, *arguments)

    shown = "TERMINATED"
    for each in subscriber.told:
        if each.name == "SCSubscriptionChangedState":
            assert each.data["prev_state"] == shown != each.data["state"]
            shown = each.data["state"]
    assert subscriber.core.shown == shown


@given(st.lists(HAPPENINGS, max_size=20))
def test_a_subscription_that_is_wanted_always_waits_for_something(happenings):
    """There is a timer, so that no lost message leaves it hanging."""
    subscriber = Subscriber()
    for what, *arguments in happenings:
        happen(subscriber, what, *arguments)
        if subscriber.core.state is not State.TERMINATED:
            assert subscriber.timers
