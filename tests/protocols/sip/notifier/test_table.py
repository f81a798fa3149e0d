"""The table is complete, and any order of events ends well."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sip.notifier.notifier import Accept, Reject, Terminate
from sipsimple.protocols.sip.notifier.step import Begin
from sipsimple.protocols.sip.requesting import NetworkChanged
from sipsimple.protocols.sip.usage.events import Resumed
from tests.protocols.sip.notifier.notifying import Notifying, subscribe

COMMANDS = [Begin(), Accept(60), Accept(60, is_pending=True), Reject(403), Resumed(), NetworkChanged(), Terminate("x")]
HAPPENINGS = (
    st.tuples(st.just("answer"), st.sampled_from([100, 200, 401, 403, 481, 500, 503]))
    | st.tuples(st.just("receive"), st.integers(1, 9), st.sampled_from([0, 60]))
    | st.tuples(st.just("fire"), st.integers(0, 9))
    | st.tuples(st.just("take"), st.sampled_from(COMMANDS))
    | st.just(("notify",))
    | st.just(("lose",))
)


def happen(party, what, *arguments):
    """Let something happen, where it can."""
    if what == "answer":
        if party.requests:
            party.answer(arguments[0], (("Retry-After", "5"), ("WWW-Authenticate", 'Digest realm="r", nonce="n"')))
    elif what == "receive":
        if not party.core.is_over:
            party.do(party.request_arrived, _arrived(*arguments))
    elif what == "fire":
        if party.timers:
            party.fire(list(party.timers)[arguments[0] % len(party.timers)])
    elif what == "notify":
        party.notify("green")
    elif what == "lose":
        if party.requests:
            party.lose()
    else:
        party.take(*arguments)


def _arrived(number, expires):
    from sipsimple.protocols.sip.usage.events import RequestArrived
    from tests.protocols.sip.asker import FLOW

    return RequestArrived(subscribe(number, expires), FLOW)


@given(st.lists(HAPPENINGS, max_size=25))
def test_whatever_happens_it_ends_once_and_nothing_runs_on(happenings):
    party = Notifying()
    for what, *arguments in happenings:
        happen(party, what, *arguments)
        assert party.core.is_over or party.timers, "it waits for something"
    party.take(Terminate("deactivated"))
    for _ in range(300):
        if not party.timers or party.core.is_over:
            break
        party.fire(next(iter(party.timers)))  # nobody answers any more

    names = [each.name for each in party.told]
    assert party.core.is_over
    assert names.count("SCIncomingSubscriptionDidEnd") == 1
    assert names[-1] == "SCIncomingSubscriptionDidEnd"
    assert len(party.handed_over) == 1
    assert not [name for name in party.timers if isinstance(name, str)]
    shown = "incoming"
    for each in party.told:
        if each.name == "SCIncomingSubscriptionChangedState":
            assert each.data["prev_state"] == shown != each.data["state"]
            shown = each.data["state"]
    assert shown == party.core.shown == "terminated"
