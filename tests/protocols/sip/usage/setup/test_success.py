"""Every 2xx to our INVITE is acknowledged, and what is not wanted is ended: RFC 3261 13.2.2.4, 9.1."""

import pytest

from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage import outputs as wanted
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import chat_media, sdp, str_of
from tests.protocols.sip.usage.party import TAG, UDP, Party
from tests.protocols.sip.usage.scenes import answer_to, calling, established, in_dialog

REFUSED = "m=message 0 TCP/MSRP *\r\n"


def test_a_2xx_is_acknowledged_before_anything_is_told():
    party = calling()
    outputs = party.receive(answer_to(party))
    ack = party.last
    assert (ack.method, str(ack.cseq), ack.uri, ack.to.tag) == ("ACK", "1 ACK", "sip:peer@192.0.2.2:5060", TAG)
    assert ack.via.branch != party.requests("INVITE")[0].via.branch
    names = [type(each).__name__ for each in outputs]
    assert names.index("Send") < names.index("Notify")
    assert party.names == ["SCSessionNewOutgoing", "SCSessionWillStart", "SCSessionDidStart"]
    assert party.asked[-1].kind == "chat"
    assert party.asked[-1].remote.path == ("msrp://192.0.2.9:2855/s1;tcp",)


def test_a_repeated_2xx_gets_the_same_ack_again_and_nothing_else():
    party = established()
    ack, told = party.last, list(party.told)
    for _ in range(3):
        assert len(party.receive(answer_to(party))) == 1
        assert party.last == ack
    assert party.told == told


def test_the_ack_is_forgotten_with_the_transaction():
    party = established()
    (key,) = party.call.transactions.entries
    party.fire((key, "M"))
    assert party.call.acks == ()
    outputs = party.receive(answer_to(party))
    assert [each.event for each in outputs] == ["response.dropped"]


def test_an_invite_of_the_peer_does_not_make_us_forget_our_ack():
    party = established()
    party.receive(in_dialog(party, "INVITE", 5, body=b"what"))
    party.receive(in_dialog(party, "ACK", 5, branch="z9hG4bKINVITE5"))
    party.fire((next(key for key in party.call.transactions.entries if len(key) == 3), "I"))
    party.receive(answer_to(party))
    assert party.last.method == "ACK"


def test_the_2xx_of_another_fork_is_acknowledged_and_ended_and_the_call_goes_on():
    party = established()
    contact = ("Contact", "<sip:fork@192.0.2.77:5070>")
    party.receive(answer_to(party, 200, contact, tag="fork"))
    ack, bye = party.sent[-2:]
    assert [(each.method, each.to.tag, each.uri) for each in (ack, bye)] == [
        ("ACK", "fork", "sip:fork@192.0.2.77:5070"),
        ("BYE", "fork", "sip:fork@192.0.2.77:5070"),
    ]
    assert (ack.cseq.number, bye.cseq.number) == (1, 2)
    assert party.flows[-1].remote == ("192.0.2.77", 5070)
    assert party.state is State.ESTABLISHED
    assert party.call.flow == UDP


def test_a_repeated_2xx_of_a_fork_gets_its_ack_again_and_no_second_bye():
    party = established()
    for _ in range(3):
        party.receive(answer_to(party, tag="fork"))
    acks = [each for each in party.requests("ACK") if each.to.tag == "fork"]
    assert len(acks) == 3
    assert len(set(map(bytes, acks))) == 1
    assert len(party.requests("BYE")) == 1


def test_a_fork_without_contact_is_ended_at_the_uri_that_was_called():
    party = established()
    answer = answer_to(party, tag="fork").replacing({"Contact": None})
    party.receive(answer)
    assert party.last.uri == "sip:bob@192.0.2.2"


@pytest.mark.parametrize("outcome", ["answered", "lost"])
def test_the_end_of_a_forks_bye_is_not_the_end_of_the_call(outcome):
    party = established()
    party.receive(answer_to(party, tag="fork"))
    fork_bye = party.last
    party.do(events.Terminate())
    if outcome == "answered":
        party.receive(_ok(fork_bye))
    else:
        party.refuse(fork_bye)
    assert party.state is State.TERMINATING
    party.receive(_ok(party.requests("BYE")[-1]))
    assert party.names[-1] == "SCSessionDidEnd"


def _ok(request):
    return response_to(request, 200)


def test_a_2xx_without_to_tag_makes_a_call_that_can_be_ended():
    """RFC 3261 12.1.2: the peer may be of RFC 2543."""
    party = calling()
    answer = answer_to(party, tag=None)
    party.receive(answer)
    party.receive(answer)
    assert [each.method for each in party.sent] == ["INVITE", "ACK", "ACK"]
    party.do(events.Terminate())
    assert party.last.to.tag is None
    party.receive(_ok(party.last))
    assert party.state is State.TERMINATED


def test_the_peers_bye_is_taken_without_its_tag_where_its_2xx_had_none():
    party = calling()
    party.receive(answer_to(party, tag=None))
    party.receive(in_dialog(party, "BYE", tag=None))
    assert party.names[-1] == "SCSessionDidEnd"


def test_a_2xx_without_contact_leaves_the_target_at_the_uri_that_was_called():
    party = calling()
    party.receive(answer_to(party).replacing({"Contact": None}))
    assert party.last.uri == "sip:bob@192.0.2.2"
    assert party.state is State.ESTABLISHED


@pytest.mark.parametrize("header", [("Contact", "<not a uri>"), ("Record-Route", "<sip:[bad;lr>")])
def test_a_2xx_with_a_broken_dialog_is_acknowledged_and_ended(header):
    party = calling()
    party.receive(answer_to(party, 200, header))
    assert [each.method for each in party.sent] == ["INVITE", "ACK", "BYE"]
    assert party.failure[:2] == ("remote", 400)
    assert "SCSessionWillStart" not in party.names


def test_a_2xx_with_a_broken_to_fails_the_call():
    party = calling()
    party.receive(answer_to(party).replacing({"To": "<<<"}))
    assert party.failure[:2] == ("remote", 400)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no sdp",
        sdp(REFUSED),
        sdp(str_of(chat_media()), str_of(chat_media())),
        sdp("m=audio 4000 RTP/AVP 0\r\n"),
        sdp("m=message 2855 TCP/MSRP *\r\n"),
        sdp(str_of(chat_media(protocol="TCP/TLS/MSRP"))),
        sdp().partition(b"m=")[0],
    ],
    ids=["none", "garbage", "port 0", "more lines", "other kind", "no path", "other transport", "fewer lines"],
)
def test_an_unusable_answer_is_acknowledged_and_ended_with_488(body):
    party = calling()
    party.receive(answer_to(party, body=body))
    assert [each.method for each in party.sent] == ["INVITE", "ACK", "BYE"]
    assert party.failure[:2] == ("local", 488)
    assert party.names[-3:] == ["SCSessionWillStart", "SCSessionDidFail", "SCSessionDidEnd"]
    assert party.asked[-1] == wanted.StopStream("chat")
    assert ("z9hG4bKaaaaaaaaaaaaaaaa3", "BYE") in party.handed.entries


def test_a_stream_that_the_answer_refuses_is_stopped_and_the_others_start():
    party = Party()
    party.do(events.Connect("<sip:a@b>", "<sip:c@d>", "sip:c@192.0.2.2", ("chat", "other")))
    party.do(events.TargetResolved(UDP))
    party.prepare("chat")
    party.prepare("other")
    party.receive(answer_to(party, body=sdp(REFUSED, str_of(chat_media()))))
    assert wanted.StopStream("chat") in party.asked
    assert party.asked[-1].kind == "other"
    assert [(each.kind, each.index) for each in party.call.streams] == [("other", 1)]


def test_requests_go_by_the_route_set_and_not_to_the_contact():
    party = calling()
    routes = ("Record-Route", "<sip:192.0.2.50;lr>, <sip:192.0.2.60:5070;lr>")
    party.receive(answer_to(party, 200, routes, ("Contact", "<sip:peer@192.0.2.99>")))
    assert party.last.uri == "sip:peer@192.0.2.99"
    assert [str(each.uri) for each in party.last.routes] == ["sip:192.0.2.60:5070;lr", "sip:192.0.2.50;lr"]
    assert party.flows[-1].remote == ("192.0.2.60", 5070)


def test_a_strict_router_becomes_the_request_uri():
    """RFC 3261 12.2.1.1."""
    party = calling()
    party.receive(answer_to(party, 200, ("Record-Route", "<sip:192.0.2.60>"), ("Contact", "<sip:peer@192.0.2.99>")))
    assert party.last.uri == "sip:192.0.2.60"
    assert party.last.get_all("route") == ["<sip:peer@192.0.2.99>"]
    assert party.flows[-1].remote == ("192.0.2.60", 5060)


def test_an_ipv6_contact_is_reached_without_its_brackets():
    party = calling(Flow("udp", ("2001:db8::1", 5060), ("2001:db8::2", 5060)))
    party.receive(answer_to(party, 200, ("Contact", "<sip:peer@[2001:db8::3]:5080>")))
    assert party.flows[-1].remote == ("2001:db8::3", 5080)
    assert party.last.uri == "sip:peer@[2001:db8::3]:5080"
    assert "@[2001:db8::1]:5060>" in party.requests("INVITE")[0].get("contact")


# ------------------------------------------------------------- after the end was asked for


def cancelling(provisional: bool = True) -> Party:
    party = calling()
    if provisional:
        party.receive(answer_to(party, 180))
    party.do(events.Terminate())
    return party


@pytest.mark.parametrize("provisional", [True, False])
def test_a_2xx_that_crosses_the_cancel_is_acknowledged_and_ended(provisional):
    party = cancelling(provisional)
    party.receive(answer_to(party))
    methods = ["INVITE", *(["CANCEL"] if provisional else []), "ACK", "BYE"]
    assert [each.method for each in party.sent] == methods
    assert "cancelled" not in party.running, "the BYE has its own clock"
    assert party.state is State.TERMINATING
    party.receive(_ok(party.last))
    assert party.names[-2:] == ["SCSessionWillEnd", "SCSessionDidEnd"]
    assert "SCSessionDidFail" not in party.names


def test_the_2xx_that_crossed_is_acknowledged_again_but_ended_once():
    party = cancelling()
    party.receive(answer_to(party))
    party.receive(answer_to(party))
    assert [each.method for each in party.sent] == ["INVITE", "CANCEL", "ACK", "BYE", "ACK"]


def test_a_broken_2xx_that_crosses_the_cancel_ends_the_call_too():
    party = cancelling()
    party.receive(answer_to(party).replacing({"Contact": "<>"}))
    assert [each.method for each in party.sent][-2:] == ["ACK", "BYE"]
    other = cancelling()
    other.receive(answer_to(other).replacing({"To": "<<<"}))
    assert other.names[-1] == "SCSessionDidEnd"


def test_a_response_that_cannot_be_read_is_dropped():
    party = established()
    outputs = party.receive(answer_to(party).replacing({"To": "<<<"}))
    assert [each.event for each in outputs] == ["response.dropped"]
    assert party.receive(answer_to(party).replacing({"CSeq": "one"}))[0].event == "response.dropped"
    assert party.state is State.ESTABLISHED
