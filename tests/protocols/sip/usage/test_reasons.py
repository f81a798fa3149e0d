"""Reason (RFC 3326): what ends a call says why, both ways, for machines to read."""

import pytest

from sipsimple.protocols.sip.usage import events
from tests.protocols.sip.usage.scenes import (
    answer_to,
    answering,
    calling,
    cancel_of,
    established,
    in_dialog,
    invite,
    ringing,
)

ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'
REASON = ("Reason", ELSEWHERE)
READ = {"reason": "Call completed elsewhere", "cause": 200, "protocol": "SIP"}


def test_the_end_by_bye_says_why():
    party = established()
    party.receive(in_dialog(party, "BYE", 5, REASON))
    assert party.told[-1].data == {"originator": "remote", **READ}


def test_an_end_without_a_reason_says_none():
    party = established()
    party.receive(in_dialog(party, "BYE", 5))
    assert party.told[-1].data == {"originator": "remote"}


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("Q.850;cause=16", {"reason": None, "cause": 16, "protocol": "Q.850"}),
        ('preemption;text="UA"', {"reason": "UA", "cause": None, "protocol": "preemption"}),
    ],
)
def test_codes_of_other_protocols_are_told_as_theirs(text, data):
    party = established()
    party.receive(in_dialog(party, "BYE", 5, ("Reason", text)))
    assert party.told[-1].data == {"originator": "remote", **data}


def test_a_cancel_says_why():
    party = ringing()
    party.receive(cancel_of(invite()).replacing({"Reason": ELSEWHERE}))
    (failure,) = [each.data for each in party.told if each.name == "SCSessionDidFail"]
    assert failure == {
        "originator": "remote",
        "code": 487,
        "reason": "request cancelled by the caller (Call completed elsewhere)",
        "cause": 200,
        "protocol": "SIP",
    }


def test_a_bye_in_place_of_a_cancel_says_why():
    party = ringing()
    party.receive(in_dialog(party, "BYE", 2, REASON))
    (failure,) = [each.data for each in party.told if each.name == "SCSessionDidFail"]
    assert (failure["cause"], failure["protocol"]) == (200, "SIP")


def test_a_refusal_says_why():
    party = calling()
    party.receive(answer_to(party, 480, ("Reason", "Q.850;cause=20")))
    (failure,) = [each.data for each in party.told if each.name == "SCSessionDidFail"]
    assert (failure["code"], failure["cause"], failure["protocol"]) == (480, 20, "Q.850")


def test_our_bye_and_cancel_say_what_the_application_says():
    party = established()
    party.do(events.Terminate(ELSEWHERE))
    assert (party.last.method, party.last.get("reason")) == ("BYE", ELSEWHERE)
    for status in (180, None):
        party = calling()
        if status is not None:
            party.receive(answer_to(party, status))
        party.do(events.Terminate(ELSEWHERE))
        if status is None:
            party.receive(answer_to(party, 180))
        assert (party.last.method, party.last.get("reason")) == ("CANCEL", ELSEWHERE)


def test_a_bye_that_waits_for_an_ack_says_it_too():
    party = answering()
    party.do(events.Terminate(ELSEWHERE))
    party.receive(in_dialog(party, "ACK", 1))
    assert (party.last.method, party.last.get("reason")) == ("BYE", ELSEWHERE)


def test_nobody_says_why_unless_asked_to():
    party = established()
    party.do(events.Terminate())
    assert party.last.get("reason") is None


def test_our_own_failures_are_told_to_the_peer_with_their_code():
    party = calling()
    party.receive(answer_to(party, 180))
    party.do(events.StreamFailed("chat", "no relay", 503))
    assert party.last.method == "CANCEL"
    assert party.last.get("reason") == 'SIP;cause=503;text="chat stream: no relay"'
    party = established()
    party.do(events.StreamFailed("chat", "broken", 503))
    assert party.last.get("reason") == 'SIP;cause=503;text="broken"'


def test_what_another_fork_is_ended_for_is_said():
    party = established()
    party.receive(answer_to(party, tag="other"))
    bye = party.requests("BYE")[0]
    assert bye.get("reason") == ELSEWHERE
