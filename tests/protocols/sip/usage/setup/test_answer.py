"""The INVITE of a call that we are offered: RFC 3261 13.3."""

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import chat_media, sdp, str_of
from tests.protocols.sip.usage.party import TOKEN, Party
from tests.protocols.sip.usage.scenes import answered, answering, cancel_of, in_dialog, invite, ringing


def test_an_invite_rings_and_is_told():
    party = ringing(("User-Agent", "theirs"))
    assert (party.last.status, party.last.to.tag) == (180, TOKEN)
    assert str(party.last.contact) == "<sip:bob@192.0.2.1:5060>"
    assert party.names == ["SCSessionNewIncoming"]
    assert party.told[-1].data == {"has_audio": False, "has_chat": True, "files": {}, "refused_streams": {}}
    assert party.call.remote_user_agent == "theirs"
    assert (party.call.local, party.call.remote) == ("<sip:bob@example.org>", '"Alice" <sip:alice@example.org>')


def test_no_clock_for_100_runs_when_the_180_goes_out_at_once():
    assert ringing().running == {"ringing": 60.0}


def test_the_180_is_sent_again_every_minute():
    """RFC 3261 13.3.1.1: a proxy on the way gives up after three."""
    party = ringing()
    for _ in range(2):
        party.fire("ringing")
    assert party.statuses() == [180] * 3
    assert party.names == ["SCSessionNewIncoming"]
    party.do(events.Accept(("chat",)))
    party.prepare()
    assert "ringing" not in party.running
    party.fire("ringing")
    assert party.statuses() == [180] * 3 + [200]


def test_a_repeated_invite_gets_the_180_again_and_is_not_told_again():
    party = ringing()
    party.receive(invite())
    assert party.statuses() == [180, 180]
    assert party.names == ["SCSessionNewIncoming"]


def test_the_200_waits_for_the_streams():
    party = ringing()
    party.do(events.Accept(("chat",), "secret"))
    (prepare,) = party.asked
    assert (prepare.kind, prepare.outgoing, prepare.password) == ("chat", False, "secret")
    assert prepare.remote.path == ("msrp://192.0.2.9:2855/s1;tcp",)
    assert party.statuses() == [180]
    party.prepare()
    assert party.statuses() == [180, 200]


def test_the_200_has_the_answer_and_starts_the_clocks_and_the_stream():
    party = answering()
    response = party.last
    assert (response.status, response.content_type.essence) == (200, "application/sdp")
    assert response.get("contact")
    assert (party.running["2xx"], party.running["ack"]) == (0.5, 32.0)
    assert isinstance(party.asked[-1], outputs.StartStream)
    assert party.names == ["SCSessionNewIncoming", "SCSessionWillStart"]
    assert party.state is State.ACCEPTING


def test_lines_that_are_not_accepted_are_refused_in_their_place():
    lines = ("m=audio 4000 RTP/AVP 0 8\r\n", str_of(chat_media()), "m=video 0 RTP/AVP 31\r\n", str_of(chat_media(9)))
    party = ringing(body=sdp(*lines))
    party.do(events.Accept(("chat",)))
    party.prepare()
    media = SessionDescription.parse(party.last.body).media
    assert [(each.kind, each.port) for each in media] == [("audio", 0), ("message", 2855), ("video", 0), ("message", 0)]
    assert [each.formats for each in media] == [("0", "8"), ("*",), ("31",), ("*",)]
    assert [each.kind for each in party.call.streams] == ["chat"]


@pytest.mark.parametrize("kinds", [(), ("audio",), ("chat", "audio")])
def test_accepting_what_was_not_proposed_is_misuse_and_changes_nothing(kinds):
    party = ringing()
    with pytest.raises(LocalProtocolError):
        party.do(events.Accept(kinds))
    assert party.state is State.INCOMING


def test_the_ack_establishes_the_call():
    party = answered()
    assert party.names == ["SCSessionNewIncoming", "SCSessionWillStart", "SCSessionDidStart"]
    assert not {"2xx", "ack", "ringing"} & party.running.keys()


def test_the_2xx_is_repeated_at_intervals_that_double_up_to_t2():
    party = answering()
    intervals = []
    for _ in range(5):
        party.fire("2xx")
        intervals.append(party.running["2xx"])
    assert intervals == [1.0, 2.0, 4.0, 4.0, 4.0]
    assert len({bytes(each) for each in party.sent[1:]}) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"cseq": 7}, {"tag": "other"}, {"call_id": "other"}, {"tag": None}, {"to_tag": "other"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_an_ack_of_something_else_does_not_count(wrong):
    party = answering()
    party.receive(in_dialog(party, "ACK", **{"cseq": 1, **wrong}))
    assert party.state is State.ACCEPTING
    assert party.statuses("ACK") == []
    party.receive(in_dialog(party, "ACK", 1))
    assert party.state is State.ESTABLISHED


def test_an_ack_before_the_answer_does_not_count():
    party = ringing()
    party.receive(in_dialog(party, "ACK", 1))
    party.do(events.Accept(("chat",)))
    party.receive(in_dialog(party, "ACK", 1))
    assert party.state is State.ACCEPTING


def test_an_ack_that_bears_the_branch_of_the_invite_counts():
    party = answering()
    party.receive(in_dialog(party, "ACK", 1, branch="z9hG4bKin1"))
    assert party.state is State.ESTABLISHED


def test_without_ack_the_call_is_ended_with_bye_and_408():
    party = answering()
    party.fire("ack")
    assert party.last.method == "BYE"
    assert party.failure[:2] == ("local", 408)
    assert party.names[-2:] == ["SCSessionDidFail", "SCSessionDidEnd"]


@pytest.mark.parametrize("code", [302, 486, 603])
def test_reject_answers_with_its_code_and_is_no_failure(code):
    party = ringing()
    party.do(events.Reject(code))
    assert party.last.status == code
    assert party.states == ["INCOMING", "TERMINATING", "TERMINATED"]
    assert party.names == ["SCSessionNewIncoming", "SCSessionWillEnd", "SCSessionDidEnd"]
    assert len(party.handed.entries) == 1, "the ACK is still to come"


@pytest.mark.parametrize("accepted", [False, True])
def test_terminate_before_the_200_refuses_with_486(accepted):
    party = ringing()
    if accepted:
        party.do(events.Accept(("chat",)))
    party.do(events.Terminate())
    assert party.statuses() == [180, 486]
    assert party.names[-2:] == ["SCSessionWillEnd", "SCSessionDidEnd"]
    assert (outputs.StopStream("chat") in party.asked) == accepted


def test_terminate_after_the_200_waits_for_the_ack_and_then_sends_bye():
    """RFC 3261 15: the callee must not send BYE before."""
    party = answering()
    party.do(events.Terminate())
    assert not party.requests("BYE")
    party.fire("2xx")
    assert party.last.status == 200, "the 200 is repeated all the while"
    party.receive(in_dialog(party, "ACK", 1))
    party.receive(in_dialog(party, "ACK", 1))
    assert len(party.requests("BYE")) == 1
    assert "2xx" not in party.running
    assert party.state is State.TERMINATING


def test_terminate_after_the_200_sends_bye_when_no_ack_comes():
    party = answering()
    party.do(events.Terminate())
    party.fire("ack")
    assert party.last.method == "BYE"
    assert party.state is State.TERMINATING


def test_a_stream_that_cannot_be_prepared_answers_500():
    party = ringing()
    party.do(events.Accept(("chat",)))
    party.do(events.StreamFailed("chat", "no port"))
    assert party.last.status == 500
    assert party.failure == ("local", 0, "chat stream: no port")


@pytest.mark.parametrize("ack", ["comes", "is missing"])
def test_a_stream_that_breaks_after_the_200_ends_the_call_but_only_after_the_ack(ack):
    party = answering()
    party.do(events.StreamFailed("chat", "reset"))
    assert not party.requests("BYE")
    assert party.state is State.TERMINATING
    if ack == "comes":
        party.receive(in_dialog(party, "ACK", 1))
    else:
        party.fire("ack")
    bye = party.last
    assert bye.method == "BYE"
    party.refuse(bye)
    assert party.failure == ("local", 0, "chat stream: reset")
    assert "SCSessionWillEnd" not in party.names


def test_a_stream_that_the_peer_ends_before_its_ack_ends_the_call_after_the_ack():
    party = answering()
    party.do(events.StreamEnded("chat", "closed"))
    party.fire("grace")
    assert not party.requests("BYE")
    party.receive(in_dialog(party, "ACK", 1))
    assert party.last.method == "BYE"
    party.receive(in_dialog(party, "BYE", 2))
    assert party.failure[:2] == ("remote", 0)


def test_a_stream_that_ends_before_the_200_answers_500():
    party = ringing()
    party.do(events.Accept(("chat",)))
    party.do(events.StreamEnded("chat", "closed"))
    assert party.last.status == 500


def test_news_of_a_stream_that_was_not_accepted_changes_nothing():
    party = ringing(body=sdp("m=audio 4000 RTP/AVP 0\r\n", str_of(chat_media())))
    party.do(events.Accept(("chat",)))
    for event in (events.StreamFailed("audio", "x"), events.StreamEnded("audio", "x")):
        assert party.do(event) == []


def test_a_bye_while_it_rings_withdraws_the_call():
    party = ringing()
    party.receive(in_dialog(party, "BYE", 2))
    assert (party.statuses("BYE"), party.statuses()) == ([200], [180, 487])
    assert party.failure[:2] == ("remote", 487)


def test_a_bye_instead_of_the_ack_ends_the_call():
    party = answering()
    party.receive(in_dialog(party, "BYE", 2))
    assert party.statuses("BYE") == [200]
    assert party.told[-1].data == {"originator": "remote"}
    assert "SCSessionDidFail" not in party.names


def test_late_timers_of_an_established_call_change_nothing():
    party = answered()
    for name in ("2xx", "ack", "ringing", "cancelled", "grace"):
        assert party.fire(name) == []


@pytest.mark.parametrize("uri", ["sip:192.0.2.1", "sip:b%0d%0aX%3e@192.0.2.1", "sip:b:secret@192.0.2.1;user=phone"])
def test_the_contact_repeats_the_user_that_was_called_as_it_was_written(uri):
    party = Party()
    party.receive(invite(uri=uri))
    user = uri.partition(":")[2].partition("@")[0].partition(":")[0] if "@" in uri else TOKEN
    assert party.last.get("contact") == f"<sip:{user}@192.0.2.1:5060>"


def test_a_cancel_after_the_200_is_answered_and_changes_nothing():
    party = answering()
    party.receive(cancel_of(invite()))
    assert party.statuses("CANCEL") == [200]
    assert party.state is State.ACCEPTING
