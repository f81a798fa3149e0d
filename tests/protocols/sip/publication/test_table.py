"""The table is complete, and any order of events ends well."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sip.publication.state import State
from sipsimple.protocols.sip.publication.step import Unpublish
from sipsimple.protocols.sip.requesting import NetworkChanged
from sipsimple.protocols.sip.usage.events import Resumed
from tests.protocols.sip.publication.publisher import Publisher

HAPPENINGS = (
    st.tuples(st.just("answer"), st.sampled_from([100, 200, 401, 403, 412, 423, 500, 503]), st.integers(0, 5))
    | st.tuples(st.just("publish"), st.sampled_from(["one", "two"]))
    | st.tuples(st.just("fire"), st.integers(0, 9))
    | st.tuples(st.just("take"), st.sampled_from([Resumed(), NetworkChanged(), Unpublish()]))
    | st.just(("lose",))
)
HEADERS = (("Min-Expires", "900"), ("Expires", "300"), ("WWW-Authenticate", 'Digest realm="r", nonce="n"'))


def happen(publisher, what, *arguments):
    """Let something happen, where it can."""
    if what == "answer":
        publisher.answer(arguments[0], (*HEADERS, ("SIP-ETag", f"e{arguments[1]}")))
    elif what == "publish":
        publisher.publish(arguments[0])
    elif what == "fire":
        if publisher.timers:
            publisher.fire(list(publisher.timers)[arguments[0] % len(publisher.timers)])
    elif what == "lose":
        publisher.lose()
    else:
        publisher.take(*arguments)


@given(st.lists(HAPPENINGS, max_size=25))
def test_whatever_happens_it_ends_and_nothing_runs_on(happenings):
    publisher = Publisher()
    publisher.publish()
    for what, *arguments in happenings:
        happen(publisher, what, *arguments)
    publisher.take(Unpublish())
    for _ in range(200):
        if not publisher.timers:
            break
        publisher.fire(next(iter(publisher.timers)))  # nobody answers any more

    assert publisher.core.state is State.OVER
    assert publisher.names()[-1] == "DidEnd"
    assert len(publisher.handed_over) == 1
    assert not publisher.core.client.is_busy


@given(st.lists(HAPPENINGS, max_size=25))
def test_documents_go_out_in_the_order_in_which_they_were_published(happenings):
    publisher = Publisher()
    publisher.publish("0")
    for number, (what, *arguments) in enumerate(happenings):
        happen(publisher, what, *([str(number + 1)] if what == "publish" else arguments))

    bodies = [int(request.body) for request in publisher.requests if request.body]
    assert bodies == sorted(bodies)


@given(st.lists(HAPPENINGS, max_size=25))
def test_what_is_wanted_is_published_as_soon_as_the_server_lets_us(happenings):
    publisher = Publisher()
    publisher.publish()
    for what, *arguments in happenings:
        happen(publisher, what, *arguments)
    if publisher.core.state is State.OVER:
        return
    publisher.publish("last")
    for _ in range(60):
        if publisher.core.client.is_busy:
            publisher.accept("e7")
        elif publisher.core.is_up_to_date or not publisher.timers:
            break
        else:
            publisher.fire(next(name for name in publisher.timers if isinstance(name, str)))

    assert publisher.core.is_up_to_date
    assert [request.body for request in publisher.requests if request.body][-1] == b"last"
