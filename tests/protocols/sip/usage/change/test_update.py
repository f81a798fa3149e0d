"""UPDATE, received: refresh, target, and offers that need nobody's decision. RFC 3311 5.2, 6337 3.2, 3.3."""

import pytest

from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.policy import DEFAULT
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.values import replace
from tests.protocols.sip.usage.descriptions import audio_media, chat_media, sdp, str_of
from tests.protocols.sip.usage.extended import SDP, audio, calling, reliable, reply, ringing, timed
from tests.protocols.sip.usage.scenes import answer_to, established, in_dialog

ELSEWHERE = ("Contact", "<sip:new@192.0.2.77:5070>")
CHAT = str_of(chat_media())
AUDIO = str_of(audio_media(4000))


def update(party, cseq=2, *headers, body=b"", **more):
    return in_dialog(party, "UPDATE", cseq, *headers, *([SDP] if body else []), body=body, **more)


def talking_to(*lines):
    """Return a call that we have accepted, whose peer offered these lines."""
    party = ringing(body=sdp(*lines))
    kinds = tuple(each.kind for each in party.call.streams)
    party.do(events.Accept(kinds))
    party.prepare_all()
    party.receive(in_dialog(party, "ACK", 1))
    assert party.state is State.ESTABLISHED
    party.asked.clear()
    return party


# ------------------------------------------------------------- without a body


def test_another_target_is_taken_and_answered_with_ours():
    party = established()
    told = len(party.told)
    party.receive(update(party, 2, ELSEWHERE))
    answer = party.last
    assert (answer.status, answer.body) == (200, b"")
    assert answer.contact is not None
    assert {"UPDATE", "PRACK"} <= set(answer.allow)
    assert len(party.told) == told
    party.do(events.Terminate())
    assert party.last.uri == "sip:new@192.0.2.77:5070"


def test_a_contact_that_cannot_be_read_is_refused_and_changes_nothing():
    party = established()
    before = party.call.dialog.remote_target
    party.receive(update(party, 2, ("Contact", "<sip:[bad>")))
    assert party.last.status == 400
    assert party.call.dialog.remote_target == before


def test_without_a_body_it_is_answered_whatever_invite_is_open():
    caller, callee, _wire = timed()
    caller.do(events.Hold())
    assert caller.call.pending is not None
    caller.receive(reversed_update(callee))
    assert caller.statuses("UPDATE") == [200]


def reversed_update(callee):
    """Return an UPDATE of the callee itself, which is not its refresher."""
    dialog = callee.call.dialog
    lines = [
        ("Via", "SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKu1"),
        ("From", f"{dialog.local};tag={dialog.local_tag}"),
        ("To", f"{dialog.remote};tag={dialog.remote_tag}"),
        ("Call-ID", dialog.call_id),
        ("CSeq", "7 UPDATE"),
        ("Max-Forwards", "70"),
        ("Contact", "<sip:bob@192.0.2.2>"),
    ]
    return Request("UPDATE", dialog.remote_target, lines)


# ------------------------------------------------------------- with an offer


def test_a_hold_is_taken_and_told_and_nothing_is_acknowledged():
    party = talking_to(AUDIO)
    party.receive(update(party, 2, ELSEWHERE, body=sdp(str_of(audio_media(4000, "sendonly")), version=2)))
    party.prepare_all()
    assert party.last.status == 200
    assert b"a=recvonly" in party.last.body
    assert party.names[-1] == "SCSessionGotHoldRequest"
    assert party.call.pending is None
    assert not party.running.keys() & {"2xx", "ack"}
    assert party.call.dialog.remote_target == "sip:new@192.0.2.77:5070"


def test_an_unchanged_offer_is_answered_and_no_stream_hears_of_it():
    party = talking_to(AUDIO, CHAT)
    party.receive(update(party, body=sdp(AUDIO, CHAT)))
    assert party.last.status == 200
    assert party.last.body == party.call.negotiation.local
    assert party.asked == []


def test_audio_that_moves_is_answered_when_the_stream_has_followed():
    party = talking_to(AUDIO)
    party.receive(update(party, body=audio(6000)))
    assert party.statuses("UPDATE") == []
    party.receive(update(party, body=audio(6000)))
    assert party.statuses("UPDATE") == [], "a repeat is absorbed"
    party.prepare_all()
    assert party.statuses("UPDATE") == [200]
    (start,) = [each for each in party.asked if isinstance(each, outputs.StartStream)]
    assert start.remote.port == 6000


def test_a_stream_that_ends_is_stopped():
    party = talking_to(AUDIO, CHAT)
    party.receive(update(party, body=sdp("m=audio 0 RTP/AVP 0\r\n", CHAT)))
    assert party.last.status == 200
    assert party.asked == [outputs.StopStream("audio")]


def test_an_added_stream_is_refused_because_somebody_would_have_to_decide():
    party = talking_to(AUDIO)
    before = party.call.negotiation, party.call.streams, len(party.told)
    party.receive(update(party, body=sdp(AUDIO, CHAT)))
    assert party.last.status == 504
    assert "propose it by INVITE" in party.last.warning
    assert (party.call.negotiation, party.call.streams, len(party.told)) == before


@pytest.mark.parametrize(("body", "status"), [(b"junk", 488), (sdp("m=audio 4000 RTP/AVP 3\r\n"), 488)])
def test_an_offer_that_cannot_be_taken_is_refused_and_changes_nothing(body, status):
    party = talking_to(AUDIO)
    before = party.call.negotiation, party.call.streams
    party.receive(update(party, body=body))
    assert party.last.status == status
    assert (party.call.negotiation, party.call.streams) == before


def test_audio_that_cannot_follow_refuses_the_offer():
    party = talking_to(AUDIO)
    party.receive(update(party, body=audio(6000)))
    party.do(events.StreamFailed("audio", "no room", 503))
    assert party.last.status == 503
    assert party.call.pending is None
    assert party.state is State.ESTABLISHED


def test_a_stream_that_never_follows_refuses_it_in_time():
    party = talking_to(AUDIO)
    party.receive(update(party, body=audio(6000)))
    party.fire("preparing")
    assert party.last.status == 500


# ------------------------------------------------------------- collisions


def test_it_meets_an_offer_of_ours():
    party = talking_to(AUDIO)
    party.do(events.Hold())
    party.receive(update(party, body=audio(6000)))
    assert party.last.status == 491


def test_it_meets_a_change_of_ours_that_is_about_to_be_offered():
    party = talking_to(AUDIO)
    party.do(events.AddStream("chat"))
    party.receive(update(party, body=audio(6000)))
    assert party.last.status == 491


def test_it_meets_a_stream_that_is_still_following_another_description():
    party = calling(DEFAULT, "audio")
    party.receive(answer_to(party, 200, body=audio(5000)))
    party.do(events.Hold())
    party.receive(answer_to(party, 200, body=audio(6000)))
    assert party.unprepared
    party.receive(update(party, 2, body=audio(7000)))
    assert (party.last.status, party.last.get("retry-after")) == (500, "2")


def test_it_meets_an_invite_of_the_peer():
    party = talking_to(AUDIO)
    party.receive(in_dialog(party, "INVITE", 2, SDP, body=sdp(AUDIO, CHAT)))
    assert party.state is State.PROPOSED
    party.receive(update(party, 3, body=audio(6000)))
    assert (party.last.status, party.last.get("retry-after")) == (500, "2")


def test_it_meets_another_one_that_is_not_answered_yet():
    """RFC 3311 5.2: even one without an offer."""
    party = talking_to(AUDIO)
    party.receive(update(party, body=audio(6000)))
    party.receive(update(party, 3))
    assert (party.last.status, party.last.get("retry-after")) == (500, "2")
    party.prepare_all()
    assert party.statuses("UPDATE") == [500, 200]


def test_an_invite_meets_an_update_that_is_not_answered_yet():
    party = talking_to(AUDIO)
    party.receive(update(party, body=audio(6000)))
    party.receive(in_dialog(party, "INVITE", 3, SDP, body=sdp(AUDIO)))
    assert (party.last.status, party.last.get("retry-after")) == (500, "2")
    party.prepare_all()
    assert party.statuses("UPDATE") == [200]


def test_a_bye_ends_an_update_that_is_not_answered_yet():
    party = talking_to(AUDIO)
    party.receive(update(party, body=audio(6000)))
    party.receive(in_dialog(party, "BYE", 3))
    assert party.statuses("UPDATE") == [487]
    assert party.state is State.TERMINATED


def test_a_cancel_is_not_for_it():
    party = talking_to(AUDIO)
    request = update(party, body=audio(6000))
    party.receive(request)
    copied = [(name, request.get(name)) for name in ("Via", "From", "To", "Call-ID", "Max-Forwards")]
    party.receive(type(request)("CANCEL", request.uri, [*copied, ("CSeq", "2 CANCEL")]))
    assert party.statuses("CANCEL") == [481]
    party.prepare_all()
    assert party.statuses("UPDATE") == [200]


# ------------------------------------------------------------- before the answer


@pytest.mark.parametrize("accepts", [False, True])
def test_a_caller_may_move_before_the_answer_but_not_offer_again(accepts):
    party = ringing()
    if accepts:
        party.do(events.Accept(("chat",)))
    party.receive(update(party, 2, ELSEWHERE))
    assert party.last.status == 200
    party.receive(update(party, 3, body=sdp()))
    assert (party.last.status, party.last.get("retry-after")) == (500, "2")
    assert party.call.dialog.remote_target == "sip:new@192.0.2.77:5070"


def test_an_offer_meets_the_one_in_our_200():
    party = ringing(body=b"")
    party.do(events.Accept(("chat",)))
    party.prepare()
    party.receive(update(party, 2, body=sdp()))
    assert party.last.status == 491


def test_a_callee_may_move_before_the_answer():
    party = calling()
    party.receive(reliable(party, 17))
    party.receive(update(party, 1, ELSEWHERE))
    assert party.last.status == 200
    party.receive(reliable(party, 18))
    assert (party.last.method, party.last.uri) == ("PRACK", "sip:new@192.0.2.77:5070")


def test_a_callee_cannot_offer_before_it_has_answered():
    for rseq in (None, 17):
        party = calling()
        if rseq:
            party.receive(reliable(party, rseq))
        party.receive(update(party, 1, body=sdp()))
        assert party.last.status == 491


def test_a_callee_that_was_not_heard_reliably_is_answered_without_a_body():
    party = calling()
    party.receive(update(party, 1))
    assert party.last.status == 200


def test_one_of_a_server_that_was_given_up_gets_481():
    party = calling()
    party.call = replace(party.call, flow=None)  # the next one is looked up
    party.receive(update(party, 1))
    assert party.last.status == 481


def test_an_overtaken_one_gets_500_in_an_early_dialog_too():
    party = calling()
    party.receive(reliable(party, 17))
    party.receive(update(party, 5))
    party.receive(update(party, 4))
    assert party.statuses("UPDATE") == [200, 500]


def test_while_the_call_ends_there_is_no_dialog_for_it():
    party = established()
    party.do(events.Terminate())
    party.receive(update(party))
    assert party.last.status == 481
    party.receive(reply(party.requests("BYE")[0], 200))
    assert party.state is State.TERMINATED
