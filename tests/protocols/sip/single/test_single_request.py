"""One request of the application: one outcome, and one end after it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sip.request.draft import Draft
from sipsimple.protocols.sip.single.single import Send, SingleRequest, Terminate
from sipsimple.protocols.sip.single.step import step, timer_fired
from sipsimple.protocols.sip.usage.events import Resumed
from tests.protocols.sip.asker import Asker, client

ADDRESS = "<sip:alice@example.com>"


class Asking(Asker):
    tells_changes = False  # of a single request each answer is told, and its state can be read


def asking(method="MESSAGE", headers=(), **arguments):
    draft = Draft(method, "sip:bob@example.com", f"{ADDRESS};tag=t", ADDRESS, "c1", headers=headers, body=b"hi")
    return Asking(SingleRequest(client(), draft), step, timer_fired, **arguments)


def sent(method="MESSAGE", headers=(), timeout=None, **arguments):
    asker = asking(method, headers, **arguments)
    asker.take(Send(timeout))
    return asker


def names(asker):
    return [each.name.removeprefix("SCRequest") for each in asker.told]


def test_a_success_is_told_with_what_the_answer_says():
    asker = sent()
    asker.answer(202, (("X-Colour", "red"),))

    assert names(asker) == ["DidSucceed", "DidEnd"]
    told = asker.told[0].data
    assert (told["code"], told["reason"], told["body"]) == (202, "Accepted", b"")
    assert told["headers"]["X-Colour"] == "red"
    assert len(asker.handed_over) == 1


def test_a_failure_is_told_with_what_the_answer_says():
    asker = sent()
    asker.answer(404)

    assert names(asker) == ["DidFail", "DidEnd"]
    assert asker.told[0].data["code"] == 404


@pytest.mark.parametrize(("fail", "code"), [(Asker.time_out, 408), (Asker.lose, 503)])
def test_where_nobody_answers_there_are_no_headers(fail, code):
    asker = sent()
    fail(asker)

    assert names(asker) == ["DidFail", "DidEnd"]
    assert (asker.told[0].data["code"], asker.told[0].data["headers"]) == (code, None)


def test_a_target_that_is_not_found_is_a_failure():
    assert names(sent(finds=None)) == ["DidFail", "DidEnd"]


def test_provisional_responses_are_told_but_for_100():
    asker = sent()
    for status in (100, 182, 183):
        asker.answer(status)

    assert [each.data["code"] for each in asker.told] == [182, 183]


def test_a_challenge_is_answered_with_the_next_number():
    asker = sent()
    asker.answer(407, (("Proxy-Authenticate", 'Digest realm="r", nonce="n", qop="auth"'),))

    assert asker.requests[-1].cseq.number == 2
    assert "proxy-authorization" in asker.requests[-1].headers
    assert names(asker) == []


def test_the_application_may_give_less_time():
    asker = sent(timeout=3.0)
    assert asker.fire("patience") == 3.0

    assert names(asker) == ["DidFail", "DidEnd"]
    assert asker.told[0].data["code"] == 408
    assert not asker.timers


@pytest.mark.parametrize(
    ("method", "asked", "answered", "granted"),
    [
        ("SUBSCRIBE", "600", (("Expires", "100"),), 100),
        ("PUBLISH", "600", (), 600),
        ("REGISTER", "600", (("Contact", "<sip:a@b>;expires=50"), ("Expires", "70")), 50),
        ("REGISTER", "600", (("Contact", "<sip:a@b>"), ("Expires", "70")), 70),
    ],
)
def test_what_is_granted_for_a_time_ends_after_it(method, asked, answered, granted):
    asker = sent(method, (("Expires", asked),), timeout=9.0)
    asker.answer(200, answered)
    assert "patience" not in asker.timers
    assert asker.core.state == "EXPIRING"
    assert names(asker) == ["DidSucceed"]
    assert asker.fire("notice") == granted - min(30, granted / 2)
    assert asker.told[-1].data == {"expires": int(min(30, granted / 2))}
    assert asker.fire("expiry") == granted

    assert names(asker) == ["DidSucceed", "WillExpire", "DidEnd"]


@pytest.mark.parametrize(("method", "expires"), [("MESSAGE", "60"), ("PUBLISH", "0"), ("PUBLISH", "soon")])
def test_what_is_granted_for_no_time_ends_at_once(method, expires):
    asker = sent(method)
    asker.answer(200, (("Expires", expires),))

    assert names(asker) == ["DidSucceed", "DidEnd"]


@pytest.mark.parametrize("begun", [asking, sent])
def test_terminate_ends_it_without_an_outcome(begun):
    asker = begun()
    asker.take(Terminate())

    assert names(asker) == ["DidEnd"]
    assert not asker.timers


@given(
    st.lists(
        st.tuples(st.just("answer"), st.sampled_from([100, 183, 200, 401, 403, 503]))
        | st.tuples(st.just("fire"), st.integers(0, 5))
        | st.tuples(st.just("take"), st.sampled_from([Send(), Resumed(), Terminate()])),
        max_size=15,
    ),
    st.sampled_from(["MESSAGE", "PUBLISH"]),
)
def test_whatever_happens_there_is_at_most_one_outcome_and_one_end(happenings, method):
    asker = sent(method, timeout=20.0)
    challenge = (("WWW-Authenticate", 'Digest realm="r", nonce="n"'), ("Expires", "90"))
    for what, argument in happenings:
        if what == "answer":
            asker.answer(argument, challenge)
        elif what == "take":
            asker.take(argument)
        elif asker.timers:
            asker.fire(list(asker.timers)[argument % len(asker.timers)])
    while asker.timers:
        asker.fire(next(iter(asker.timers)))

    told = names(asker)
    assert told[-1] == "DidEnd"
    assert told.count("DidEnd") == len(asker.handed_over) == 1
    assert sum(name in ("DidSucceed", "DidFail") for name in told) <= 1
