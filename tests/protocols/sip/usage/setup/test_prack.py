"""Reliable provisional responses, received: PRACK once for each, in order, in the dialog of its fork. RFC 3262 4, 5."""

import pytest

from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.extended import TIMED, audio, calling, reliable, reply
from tests.protocols.sip.usage.party import BOB, CONTACT, TAG
from tests.protocols.sip.usage.scenes import answer_to, established


def pracks(party):
    return [(each.to.tag, each.get("rack"), each.cseq.number) for each in party.requests("PRACK")]


def starts(party):
    return [(each.remote.port, each.early) for each in party.asked if isinstance(each, outputs.StartStream)]


def test_a_reliable_response_is_acknowledged_and_told():
    party = calling()
    party.receive(reliable(party, 17))
    assert pracks(party) == [(TAG, "17 1 INVITE", 2)]
    assert party.last.uri == "sip:peer@192.0.2.2:5060"
    assert party.names[-1] == "SCSessionGotRingIndication"


def test_a_repeat_is_absorbed():
    party = calling()
    for _ in range(3):
        party.receive(reliable(party, 17))
    assert len(pracks(party)) == 1
    assert party.names.count("SCSessionGotRingIndication") == 1


def test_the_next_one_is_acknowledged_with_the_next_number():
    party = calling()
    for rseq in (17, 18, 19):
        party.receive(reliable(party, rseq))
    assert pracks(party) == [(TAG, "17 1 INVITE", 2), (TAG, "18 1 INVITE", 3), (TAG, "19 1 INVITE", 4)]


def test_one_before_its_turn_is_left_to_its_repeat():
    party = calling()
    party.receive(reliable(party, 17))
    party.receive(reliable(party, 19))
    assert len(pracks(party)) == 1
    assert party.notes[-1].data == {"status": 180, "why": "RSeq 19 after 17"}
    party.receive(reliable(party, 18))
    party.receive(reliable(party, 19))
    assert [rack for _tag, rack, _number in pracks(party)] == ["17 1 INVITE", "18 1 INVITE", "19 1 INVITE"]


def test_each_fork_has_its_own_numbers():
    party = calling()
    party.receive(reliable(party, 17))
    party.receive(reliable(party, 500, tag="fork"))
    party.receive(reliable(party, 18))
    party.receive(reliable(party, 501, tag="fork"))
    assert pracks(party) == [
        (TAG, "17 1 INVITE", 2),
        ("fork", "500 1 INVITE", 2),
        (TAG, "18 1 INVITE", 3),
        ("fork", "501 1 INVITE", 3),
    ]


def test_forks_without_end_are_not_followed():
    party = calling()
    for number in range(40):
        party.receive(reliable(party, 1, tag=f"fork{number}"))
    assert len(pracks(party)) == 32
    assert party.notes[-1].data["why"] == "too many forks"


@pytest.mark.parametrize(
    "headers",
    [
        (("RSeq", "17"),),
        (("Require", "100rel"),),
        (("Require", "foo"), ("RSeq", "17")),
    ],
)
def test_what_is_not_marked_as_reliable_is_not_acknowledged(headers):
    party = calling()
    party.receive(answer_to(party, 180, *headers))
    assert not pracks(party)
    assert party.names[-1] == "SCSessionGotRingIndication"


@pytest.mark.parametrize("changes", [{"RSeq": "0"}, {"RSeq": "x"}, {"Contact": "<<"}, {"Record-Route": "<sip:[bad>"}])
def test_one_that_makes_no_dialog_is_dropped_with_a_note(changes):
    party = calling()
    party.receive(reliable(party, 17).replacing(changes))
    assert not pracks(party)
    assert party.notes[-1].event == "response.dropped"
    assert party.state is State.CALLING


@pytest.mark.parametrize("to", [BOB, f"{BOB};tag={TAG}"])
def test_100_is_never_reliable(to):
    """RFC 3262 3: it goes one hop only."""
    party = calling()
    party.receive(reliable(party, 17, 100).replacing({"To": to}))
    assert pracks(party) == []


def test_prack_follows_the_route_of_the_response():
    party = calling()
    party.receive(reliable(party, 17).replacing({"Record-Route": "<sip:192.0.2.9;lr>"}))
    assert party.last.get("route") == "<sip:192.0.2.9;lr>"
    assert party.flows[-1].remote == ("192.0.2.9", 5060)


# ------------------------------------------------------------- the numbers afterwards


def test_the_dialog_goes_on_with_the_numbers_that_were_used():
    party = calling()
    party.receive(reliable(party, 17))
    party.receive(reliable(party, 18))
    party.receive(answer_to(party, 200))
    assert party.last.cseq.number == 1, "the ACK has that of the INVITE"
    party.do(events.Terminate())
    assert (party.last.method, party.last.cseq.number) == ("BYE", 4)


def test_the_dialog_of_another_fork_too():
    party = calling()
    party.receive(reliable(party, 17, tag="fork"))
    party.receive(reliable(party, 18, tag="fork"))
    party.receive(answer_to(party, 200))
    party.receive(answer_to(party, 200, tag="fork"))
    assert [(each.method, each.cseq.number) for each in party.sent[-2:]] == [("ACK", 1), ("BYE", 4)]
    party.do(events.Terminate())
    assert party.last.cseq.number == 2


def test_an_invite_that_is_sent_again_begins_anew():
    party = calling(TIMED)
    party.receive(reliable(party, 17))
    party.receive(answer_to(party, 422, ("Min-SE", "3600")))
    party.receive(reliable(party, 5))
    assert pracks(party) == [(TAG, "17 1 INVITE", 2), (TAG, "5 2 INVITE", 3)]


# ------------------------------------------------------------- descriptions


def test_the_description_of_a_reliable_response_is_the_answer():
    party = calling(TIMED, "audio")
    party.receive(reliable(party, 17, 183, body=audio(5000)))
    assert starts(party) == [(5000, True)]
    party.receive(answer_to(party, 200, body=b""))
    assert party.state is State.ESTABLISHED
    assert starts(party) == [(5000, True), (5000, False)]


def test_what_the_2xx_says_beside_it_is_not_looked_at():
    """RFC 3261 13.2.1."""
    party = calling(TIMED, "audio")
    party.receive(reliable(party, 17, 183, body=audio(5000)))
    party.receive(answer_to(party, 200, body=audio(6000)))
    assert starts(party)[-1] == (5000, False)
    assert party.call.negotiation.remote == audio(5000)


def test_each_fork_answers_for_itself():
    party = calling(TIMED, "audio")
    party.receive(reliable(party, 17, 183, body=audio(5000)))
    party.receive(reliable(party, 1, 183, tag="fork", body=audio(7000)))
    party.receive(answer_to(party, 200, tag="fork", body=b""))
    assert starts(party)[-1] == (7000, False)
    other = calling(TIMED, "audio")
    other.receive(reliable(other, 17, 183, body=audio(5000)))
    other.receive(answer_to(other, 200, tag="fork", body=audio(7000)))
    assert starts(other)[-1] == (7000, False)


def test_the_first_description_of_a_fork_counts():
    party = calling(TIMED, "audio")
    party.receive(reliable(party, 17, 183, body=audio(5000)))
    party.receive(reliable(party, 18, 183, body=audio(6000)))
    party.receive(answer_to(party, 200, body=b""))
    assert party.call.negotiation.remote == audio(5000)


def test_a_description_that_cannot_be_used_is_acknowledged_and_answers_nothing():
    party = calling(TIMED, "audio")
    party.receive(reliable(party, 17, 183, body=b"junk"))
    assert len(pracks(party)) == 1
    party.receive(answer_to(party, 200, body=audio(5000)))
    assert party.state is State.ESTABLISHED


# ------------------------------------------------------------- re-INVITEs, and calls that end


def test_a_re_invite_is_acknowledged_within_the_dialog_that_there_is():
    party = established()
    party.do(events.AddStream("audio"))
    party.prepare("audio", None)
    invite = party.last
    party.receive(reliable(party, 40))
    assert pracks(party) == [(TAG, f"40 {invite.cseq.number} INVITE", invite.cseq.number + 1)]
    party.receive(reliable(party, 41))
    party.receive(answer_to(party, 488))
    party.do(events.Terminate())
    assert party.last.cseq.number == invite.cseq.number + 3


def test_a_cancelled_invite_is_acknowledged_all_the_same():
    party = calling()
    party.do(events.Terminate())
    party.receive(reliable(party, 17))
    assert [each.method for each in party.sent[-2:]] == ["PRACK", "CANCEL"]


def test_after_our_bye_nothing_is_acknowledged_any_more():
    party = established()
    party.do(events.AddStream("audio"))
    party.prepare("audio")
    party.do(events.Terminate())
    party.receive(reliable(party, 40))
    assert not pracks(party)


# ------------------------------------------------------------- what becomes of PRACK


def test_an_answered_prack_changes_nothing():
    party = calling()
    party.receive(reliable(party, 17))
    before = party.names
    party.receive(reply(party.last, 200))
    assert (party.names, party.state) == (before, State.CALLING)


@pytest.mark.parametrize("status", [481, 500])
def test_a_refused_prack_is_noted_and_the_invite_counts(status):
    party = calling()
    party.receive(reliable(party, 17))
    party.receive(reply(party.last, status))
    assert party.notes[-1].event == "prack.refused"
    party.receive(answer_to(party, 200, CONTACT))
    assert party.state is State.ESTABLISHED


def test_an_unanswered_prack_is_noted_and_the_invite_counts():
    party = calling()
    party.receive(reliable(party, 17))
    key = next(each for each in party.call.transactions.entries if each[-1] == "PRACK")
    party.fire((key, "F"))
    assert party.notes[-1].data == {"method": "PRACK", "why": "timeout"}
    assert party.state is State.CALLING
