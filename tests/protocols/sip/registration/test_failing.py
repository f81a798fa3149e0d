"""When the registrar refuses, fails, or is not there: RFC 3261 10.2.7, 10.2.8; RFC 5626 4.5."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.registration.events import Register, Unregister
from sipsimple.protocols.values import replace
from tests.protocols.sip.registration.registrar import registered, registering
from tests.protocols.sip.request.sending import CHALLENGE


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 420, 488, 501, 505, 600, 603])
def test_a_refusal_that_would_come_again_ends_it(status):
    party = registering()
    party.answer(status)
    assert party.names() == ["=registering", "=unregistered", "DidFail"]
    data = party.data("DidFail")
    assert (data["code"], data["originator"], data["retry_after"]) == (status, "remote", None)
    assert (party.ended, "retry" in party.timers) == (1, False)
    assert (
        party.data("ChangedState").items() >= {"contact_uri": None, "expires": None, "contact_uri_list": None}.items()
    )


@pytest.mark.parametrize("status", [408, 429, 430, 480, 500, 502, 503, 504, 580])
def test_a_failure_that_may_pass_is_tried_again_after_a_pause(status):
    party = registering()
    party.answer(status)
    assert party.names() == ["=registering", "=unregistered", "DidFail"]
    assert party.data("DidFail")["retry_after"] == party.timers["retry"]
    assert party.ended == 0
    party.fire("retry")
    party.grant()
    assert party.names()[3:] == ["=registering", "=registered", "DidSucceed"]


@pytest.mark.parametrize(("fails", "code"), [("time_out", 408), ("lose", 503)])
def test_no_answer_is_a_failure_that_may_pass(fails, code):
    party = registering()
    getattr(party, fails)()
    data = party.data("DidFail")
    assert (data["code"], data["originator"]) == (code, "local")
    assert 30 <= party.timers["retry"] <= 60


def test_the_pauses_double_up_to_the_longest_and_leave_half_to_chance():
    """RFC 5626 4.5: 50 to 100 % of min(1800, 30 * 2^failures)."""
    party = registering()
    for bound in (60, 120, 240, 480, 960, 1800, 1800, 1800):
        party.lose()
        assert bound / 2 <= party.fire("retry") <= bound


def test_a_success_begins_the_pauses_anew():
    party = registering()
    for _ in range(4):
        party.lose()
        party.fire("retry")
    party.grant()
    party.fire("refresh")
    party.lose()
    assert party.timers["retry"] <= 60


def test_retry_after_is_waited_for_and_not_by_all_at_once():
    pauses = set()
    for lots in range(20):
        party = registering()
        party.core = _with_lots(party, lots)
        party.answer(503, (("Retry-After", "120"),))
        pauses.add(party.timers["retry"])
    assert all(120 <= each <= 162 for each in pauses)
    assert len(pauses) == 20


def _with_lots(party, lots):
    return replace(party.core, client=replace(party.core.client, lots=lots))


@pytest.mark.parametrize("status", [404, 413, 486, 600, 603])
def test_a_refusal_that_says_when_to_ask_again_is_no_end(status):
    """RFC 3261 20.33."""
    party = registering()
    party.answer(status, (("Retry-After", "5"),))
    assert party.timers["retry"] >= 5


def test_an_interval_too_brief_is_asked_for_longer_at_once():
    """RFC 3261 10.2.8."""
    party = registering()
    party.answer(423, (("Min-Expires", "1800"),))
    assert (party.asked_for, party.names()) == ([600, 1800], ["=registering"])
    party.grant(1800)
    party.fire("refresh")
    assert party.asked_for[-1] == 1800


def test_a_registrar_that_is_never_content_is_not_followed_for_long():
    party = registering()
    while len(party.requests) < 100 and not party.ended:
        party.answer(423, (("Min-Expires", str(party.asked_for[-1] + 1)),))
    assert len(party.requests) < 20


@pytest.mark.parametrize("header", [(), (("Min-Expires", "600"),), (("Min-Expires", "4294967295"),)])
def test_a_423_that_makes_no_sense_ends_it(header):
    party = registering()
    party.answer(423, header)
    assert (party.state, party.data("DidFail")["code"]) == ("unregistered", 423)


def test_where_the_first_hop_knows_no_outbound_it_is_done_without():
    """RFC 5626 11.6."""
    party = registering()
    party.answer(439)
    assert "reg-id" not in party.requests[-1].get("contact")
    assert party.requests[-1].supported == ("path", "gruu")
    party.grant()
    assert party.state == "registered"


def test_a_wrong_password_ends_it_and_says_so():
    party = registering()
    party.answer(401, (CHALLENGE,))
    party.answer(401, (CHALLENGE,))
    assert party.data("DidFail")["reason"] == "Unauthorized (wrong password: realm example.org)"
    assert party.ended == 1


def test_a_challenge_without_a_password_ends_it():
    party = registering(password=None)
    party.answer(401, (CHALLENGE,))
    assert party.data("DidFail")["reason"] == "Unauthorized (no password: realm example.org)"


def test_a_registrar_that_keeps_no_binding_of_ours_has_failed():
    """An explicit 0 is not an absent parameter."""
    party = registering()
    party.grant(0)
    assert party.names() == ["=registering", "=unregistered", "DidFail"]
    assert party.timers["retry"] > 0


# The binding outlives a failed refresh


def test_a_failed_refresh_leaves_the_binding_and_is_tried_again():
    party = registered()
    party.fire("refresh")
    party.lose()
    assert (party.names(), party.core.shown) == (["DidFail"], "registered")
    assert party.core.expires == 600
    party.fire("retry")
    party.grant()
    assert party.names() == ["DidFail", "DidSucceed"]


def test_a_binding_that_runs_out_is_told_and_tried_for_on():
    party = registered()
    party.fire("refresh")
    party.lose()
    party.fire("expiry")
    assert party.names() == ["DidFail", "=unregistered", "DidEnd"]
    assert party.data("DidEnd") == {"code": None, "reason": None, "expired": True}
    party.fire("retry")
    party.grant()
    assert party.names()[3:] == ["=registering", "=registered", "DidSucceed"]


def test_a_binding_that_runs_out_while_it_is_refreshed_is_asked_for_on():
    party = registered()
    party.fire("refresh")
    party.fire("expiry")
    assert party.names() == ["=unregistered", "DidEnd", "=registering"]
    assert len(party.requests) == 2, "the refresh that is under way will do"
    party.grant()
    assert party.names()[3:] == ["=registered", "DidSucceed"]


def test_a_binding_that_ran_out_unnoticed_is_asked_for_at_once():
    """A suspended machine wakes up: both timers are due."""
    party = registered()
    party.fire("expiry")
    assert party.names() == ["=unregistered", "DidEnd", "=registering"]
    assert len(party.requests) == 2


def test_a_refusal_of_a_refresh_ends_it():
    party = registered()
    party.fire("refresh")
    party.answer(403)
    assert party.names() == ["=unregistered", "DidFail", "DidEnd"]
    assert party.ended == 1


def test_whoever_waits_for_the_next_try_ends_at_once():
    party = registering()
    party.lose()
    party.told.clear()
    party.take(Unregister())
    assert (party.names(), party.asked_for, party.ended) == (["WillEnd", "DidEnd"], [600], 1)
    assert "retry" not in party.timers


def test_a_registration_that_ended_begins_its_pauses_anew():
    party = registering()
    for _ in range(4):
        party.lose()
        party.fire("retry")
    party.answer(403)
    party.take(Register())
    party.lose()
    assert party.timers["retry"] <= 60


def test_a_fading_binding_is_taken_back():
    party = registered()
    party.fire("refresh")
    party.lose()
    party.take(Unregister())
    assert party.asked_for[-1] == 0
