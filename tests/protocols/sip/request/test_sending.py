"""One request from its draft to its outcome."""

from __future__ import annotations

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.request import step as requests
from sipsimple.protocols.sip.request.client import State
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.values import replace
from tests.protocols.sip.asker import TOKEN
from tests.protocols.sip.request.sending import BY_TCP, CHALLENGE, DRAFT, FIRST, LARGE, SECOND, Sender


def begun(*targets, **options):
    sender = Sender(*targets, **options)
    sender.begin()
    return sender


def test_a_request_is_built_from_its_draft_and_the_flow_that_was_found():
    sender = Sender()
    sender.begin(replace(DRAFT, headers=(("X-Own", "tea"),)))
    (request,) = sender.requests
    assert (request.method, request.uri, str(request.cseq)) == ("REGISTER", "sip:example.org", "1 REGISTER")
    assert request.via.branch == f"z9hG4bK{TOKEN}1"
    assert request.get("contact") == "<sip:alice@192.0.2.1:5060>"
    assert (request.get("max-forwards"), request.user_agent, request.get("x-own")) == ("70", "tests", "tea")


def test_the_next_hop_is_the_first_route_else_the_request_uri():
    sender = begun()
    sender.answer(200)
    sender.call(lambda client: (replace(client, flow=None), ()))
    sender.begin(replace(DRAFT, routes=("<sip:proxy.example.org;lr>", "<sip:other.example.org;lr>")))
    assert [each.uri for each in sender.asked] == ["sip:example.org", "<sip:proxy.example.org;lr>"]
    assert sender.requests[-1].get_all("route") == ["<sip:proxy.example.org;lr>", "<sip:other.example.org;lr>"]


def test_a_success_is_the_outcome_and_bears_the_response_and_the_request():
    sender = begun()
    sender.answer(200)
    outcome = sender.outcome
    assert (outcome.code, outcome.reason, outcome.origin, outcome.is_success) == (200, "OK", "remote", True)
    assert outcome.response.status == 200
    assert outcome.request == sender.requests[0]
    assert sender.core.client.state is State.IDLE


def test_the_next_request_goes_by_the_same_flow_with_the_next_number():
    sender = begun()
    sender.answer(200)
    sender.begin()
    assert len(sender.asked) == 1
    assert [each.cseq.number for each in sender.requests] == [1, 2]
    assert len({each.via.branch for each in sender.requests}) == 2


def test_one_request_at_a_time():
    sender = begun()
    with pytest.raises(LocalProtocolError, match="under way"):
        sender.begin()


def test_a_provisional_response_is_no_outcome():
    sender = begun()
    sender.answer(100)
    assert not sender.core.outcomes
    sender.answer(404)
    assert (sender.outcome.code, sender.outcome.reason) == (404, "Not Found")


def test_what_is_not_answered_is_sent_again_until_its_time_is_over():
    """RFC 3261 17.1.2.2: each time later, up to T2."""
    sender = begun()
    (key,) = {name[0] for name in sender.timers}
    assert [sender.fire((key, "E")) for _ in range(5)] == [0.5, 1.0, 2.0, 4.0, 4.0]
    assert len({bytes(each) for each in sender.requests}) == 1
    assert len(sender.requests) == 6
    assert sender.timers == {(key, "E"): 4.0, (key, "F"): 32.0}
    sender.answer(200)
    assert (sender.outcome.code, set(sender.timers)) == (200, {(key, "K")})


def test_a_late_response_changes_nothing():
    sender = begun()
    sender.answer(200)
    before = sender.core
    sender.answer(500)
    assert sender.core == before


def test_a_response_to_nothing_is_noted():
    sender = begun()
    stray = sender.requests[0].replacing({"Via": f"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{TOKEN}9"})
    sender.requests.append(stray)
    sender.answer(200)
    assert (sender.core.outcomes, sender.notes) == ((), ["response.dropped"])


# Challenges


def test_a_challenge_is_answered_by_the_same_flow_with_the_next_number_and_a_new_branch():
    """RFC 3261 22.2: same Call-ID and From tag."""
    sender = begun()
    sender.answer(401, (CHALLENGE,))
    first, second = sender.requests
    assert len(sender.asked) == 1
    assert (first.call_id, first.from_.tag) == (second.call_id, second.from_.tag)
    assert (second.cseq.number, second.via.branch) == (2, f"z9hG4bK{TOKEN}2")
    assert 'username="alice"' in second.get("authorization")
    sender.answer(200)
    assert sender.outcome.code == 200


def test_what_was_answered_once_goes_with_the_next_request_at_once():
    sender = begun()
    sender.answer(401, (CHALLENGE,))
    sender.answer(200)
    sender.begin()
    assert "nc=00000002" in sender.requests[-1].get("authorization")


def test_without_a_password_the_challenge_is_the_outcome_and_says_why():
    sender = begun(password=None)
    sender.answer(407, (("Proxy-Authenticate", CHALLENGE[1]),))
    assert sender.outcome.code == 407
    assert sender.outcome.reason == "Proxy Authentication Required (no password: realm example.org)"


def test_a_password_that_is_refused_is_not_shown_again():
    sender = begun()
    sender.answer(401, (CHALLENGE,))
    sender.answer(401, (CHALLENGE,))
    assert (len(sender.requests), sender.outcome.reason) == (2, "Unauthorized (wrong password: realm example.org)")


def test_neither_the_seed_nor_the_password_is_shown():
    text = repr(begun().core)
    assert "secret" not in text
    assert "'seed'" not in text


# Fail-over


@pytest.mark.parametrize("fails", ["time_out", "lose", "unavailable"])
def test_a_target_that_does_not_serve_is_followed_by_the_next_one(fails):
    """RFC 3263 4.3: timeout, transport error and 503."""
    sender = begun(FIRST, SECOND)
    _fail(sender, fails)
    assert sender.asked[-1].tried == (FIRST,)
    assert [each.flow for each in sender.avoided] == [FIRST]
    assert sender.requests[-1].cseq.number == 2
    sender.answer(200)
    assert sender.outcome.code == 200
    assert sender.core.client.flow == SECOND


def _fail(sender, fails):
    if fails == "unavailable":
        sender.answer(503, (("Retry-After", "7"),))
    else:
        getattr(sender, fails)()


@pytest.mark.parametrize(
    ("fails", "code", "reason", "origin", "retry_after"),
    [
        ("time_out", 408, "Request Timeout", "local", None),
        ("lose", 503, "connection refused", "local", None),
        ("unavailable", 503, "Service Unavailable", "remote", 7),
    ],
)
def test_when_all_targets_were_tried_the_last_failure_is_the_outcome(fails, code, reason, origin, retry_after):
    sender = begun(FIRST)
    _fail(sender, fails)
    outcome = sender.outcome
    assert (outcome.code, outcome.reason, outcome.origin, outcome.retry_after) == (code, reason, origin, retry_after)
    assert sender.core.client.flow is None


@pytest.mark.parametrize(("said", "seconds"), [("7", 7.0), ("4000000000", 600.0), ("soon", 30.0)])
def test_a_503_says_for_how_long_its_target_is_avoided(said, seconds):
    sender = begun(FIRST, SECOND)
    sender.answer(503, (("Retry-After", said),))
    assert [each.seconds for each in sender.avoided] == [seconds]


def test_no_address_at_all_is_a_local_503():
    sender = Sender()
    sender.targets = ()
    sender.begin()
    assert (sender.outcome.code, sender.outcome.origin, sender.outcome.request) == (503, "local", None)


@pytest.mark.parametrize("fails", ["time_out", "lose", "unavailable"])
def test_a_request_ends_however_many_targets_there_are(fails):
    sender = begun(*[Flow("udp", ("192.0.2.1", 5060), ("192.0.2.9", port)) for port in range(6000, 6100)])
    while not sender.core.outcomes:
        _fail(sender, fails)
    assert len(sender.requests) == 10


def test_the_credentials_go_on_to_the_next_target():
    sender = begun(FIRST, SECOND)
    sender.answer(401, (CHALLENGE,))
    sender.lose()
    assert sender.requests[-1].get("authorization") is not None


# Size


def test_a_large_request_looks_for_tcp_first():
    """RFC 3261 18.1.1."""
    sender = Sender(FIRST, BY_TCP)
    sender.begin(LARGE)
    assert [each.transport for each in sender.asked] == [None, "tcp"]
    assert [each.via.transport for each in sender.requests] == ["TCP"]


def test_a_large_request_goes_by_udp_where_there_is_no_tcp():
    sender = Sender(FIRST)
    sender.begin(LARGE)
    assert [each.via.transport for each in sender.requests] == ["UDP"]
    sender.answer(200)
    assert sender.outcome.code == 200


def test_a_large_request_goes_by_udp_when_the_connection_fails():
    sender = Sender(FIRST, BY_TCP)
    sender.begin(LARGE)
    sender.lose()
    assert [each.via.transport for each in sender.requests] == ["TCP", "UDP"]
    assert sender.notes == ["request.too_big"]


def test_where_we_are_seen_stands_in_the_next_request():
    sender = begun()
    outside = Flow("udp", ("198.51.100.7", 4000), FIRST.remote)
    sender.seen_at(outside, 401, (CHALLENGE,))
    assert sender.requests[-1].get("contact") == "<sip:alice@198.51.100.7:4000>"
    assert sender.requests[-1].via.host == "198.51.100.7"


def test_another_server_may_ask_anew_for_what_the_one_before_had_accepted():
    """It does not know the nonce, and need not say that it is stale: the password is not wrong for that."""
    sender = begun(FIRST, SECOND)
    sender.answer(401, (CHALLENGE,))
    sender.answer(503)
    sender.answer(401, ((CHALLENGE[0], CHALLENGE[1].replace("n1", "n2")),))
    assert 'nonce="n2"' in sender.requests[-1].get("authorization")
    sender.answer(200)
    assert sender.outcome.code == 200


def test_another_server_that_refuses_the_password_is_not_asked_for_ever():
    sender = begun(FIRST, SECOND)
    sender.answer(401, (CHALLENGE,))
    sender.answer(503)
    for number in (2, 3):
        sender.answer(401, ((CHALLENGE[0], CHALLENGE[1].replace("n1", f"n{number}")),))
    assert sender.outcome.reason == "Unauthorized (wrong password: realm example.org)"


# Crashes and the end


def test_a_look_up_is_asked_for_again_after_a_crash():
    sender = Sender()
    sender.holds_back = True
    sender.begin()
    sender.call(requests.resumed)
    assert len(sender.asked) == 2
    sender.find()
    sender.answer(200)
    assert sender.outcome.code == 200


def test_a_crash_while_it_waits_costs_no_timer():
    sender = begun()
    running = dict(sender.timers)
    sender.timers.clear()
    sender.call(requests.resumed)
    assert sender.timers.keys() == running.keys()


@pytest.mark.parametrize("holds_back", [True, False])
def test_an_abandoned_request_has_no_outcome_and_leaves_no_timer(holds_back):
    sender = Sender()
    sender.holds_back = holds_back
    sender.begin()
    sender.call(requests.abandon)
    assert (sender.core.outcomes, sender.timers, sender.core.client.is_busy) == ((), {}, False)
    assert not sender.core.client.transactions.entries
    sender.begin()
    assert sender.core.client.is_busy
