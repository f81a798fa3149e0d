import pytest

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.chat import chat
from sipsimple.protocols.msrp.chat.draft import Draft
from sipsimple.protocols.msrp.outputs import Delivered, Ended, Failed, GotMessage, NotDelivered, Send, Started
from tests.protocols.msrp.conftest import ALICE, BOB

NOW = "2026-01-02T03:04:05.678901+00:00"


def outcome(end):
    return [(type(each).__name__, each.message_id, each.code) for each in end.told(Delivered, NotDelivered)]


def test_a_message_is_wrapped_when_the_peer_takes_cpim_and_delivered_by_report(chats):
    ends = chats()
    ends.start()
    ends.alice.do("send", "m123", "dobrý".encode(), "text/plain", "sip:alice@a", "sip:bob@b", NOW)
    ends.exchange()

    (got,) = ends.bob.told(GotMessage)
    assert (got.content, got.content_type) == ("dobrý".encode(), "text/plain; charset=utf-8")
    assert (got.cpim.get("From"), got.cpim.get("To"), got.cpim.get("DateTime")) == ("<sip:alice@a>", "<sip:bob@b>", NOW)
    assert got.message.content_type == "message/cpim"
    assert outcome(ends.alice) == [("Delivered", "m123", 200)]


def test_the_response_leaves_before_the_report_and_the_message(chats):
    """Interoperability: 200 OK, then REPORT."""
    ends = chats()
    ends.start()
    ends.bob.outputs.clear()
    ends.alice.do("send", "m123", b"hi", "text/plain", "sip:a@a", "sip:b@b")
    ends.exchange()

    response, report, got = ends.bob.outputs
    assert (response.data.code, report.data.method, type(got)) == (200, "REPORT", GotMessage)
    assert report.data.fields["Status"] == "000 200 OK"


@pytest.mark.parametrize(
    ("accepted", "wrapped"), [(("text/*",), False), (("*",), True), (("message/cpim", "text/*"), True)]
)
def test_cpim_is_used_only_if_the_peer_takes_it(chats, accepted, wrapped):
    """The peer's list decides, not ours."""
    ends = chats(bob=accepted)
    ends.start()
    ends.alice.do("send", "m123", b"hi", "text/plain", "sip:a@a", "sip:b@b")
    ends.exchange()

    (got,) = ends.bob.told(GotMessage)
    assert (got.cpim is not None) is wrapped is ends.alice.state.cpim_enabled
    assert got.content == b"hi"


def test_what_the_peer_does_not_take_is_refused_to_the_sender(chats):
    ends = chats(bob=("text/*",))
    ends.start()

    with pytest.raises(LocalProtocolError, match="image/png"):
        ends.alice.do("send", "m123", b"\x89", "image/png")
    with pytest.raises(LocalProtocolError, match="private"):
        ends.alice.do("send", "m123", b"psst", "text/plain", private=True)
    assert ends.alice.wire == []


def test_what_is_taken_bare_is_taken_wrapped(chats):
    """RFC 4975 section 8.6: accept-wrapped-types adds to accept-types."""
    ends = chats(bob=("message/cpim", "application/x-one"))
    ends.start()
    ends.alice.do("send", "m123", b"1", "application/x-one", "sip:a@a", "sip:b@b")
    ends.exchange()

    assert ends.bob.told(GotMessage)[0].content_type == "application/x-one"


def test_a_private_message_needs_a_chat_room_that_offers_them(chats):
    """RFC 7701 section 8.2."""
    ends = chats(bob_room=("nickname", "private-messages"))
    ends.start()
    ends.alice.do("send", "m123", b"psst", "text/plain", "sip:a@a", "sip:carol@c", private=True)
    ends.exchange()

    assert ends.bob.told(GotMessage)[0].cpim.get("To") == "<sip:carol@c>"


@pytest.mark.parametrize("room", [None, (), ("nickname",)])
def test_a_private_message_is_refused_where_no_room_offers_them(chats, room):
    ends = chats(bob_room=room)
    ends.start()

    with pytest.raises(LocalProtocolError, match="offers no private messages") as refused:
        ends.alice.do("send", "m123", b"psst", "text/plain", "sip:a@a", "sip:carol@c", private=True)
    assert refused.value.code == 428
    assert ends.alice.wire == []


def test_a_message_that_the_peer_finds_too_large_is_refused_to_the_sender(chats):
    """RFC 4975 section 8.6: a=max-size; it counts the wrapper too."""
    ends = chats(bob_max_size=200)
    ends.start()

    with pytest.raises(LocalProtocolError, match="up to 200 bytes") as refused:
        ends.alice.do("send", "m123", b"x" * 199, "text/plain", "sip:a@a", "sip:b@b")
    assert refused.value.code == 413
    ends.alice.do("send", "m124", b"x" * 99, "text/plain", "sip:a@a", "sip:b@b")
    ends.exchange()
    assert outcome(ends.alice) == [("Delivered", "m124", 200)]


def test_a_message_that_waited_and_is_too_large_is_told_so(chats):
    ends = chats(bob_max_size=10)
    ends.alice.do("send", "m001", b"x" * 11, "text/plain")
    ends.start()

    assert outcome(ends.alice) == [("NotDelivered", "m001", 413)]


@pytest.mark.parametrize("content_type", ["multipart/mixed; boundary=b1", "image/png", "application/octet-stream"])
def test_any_bytes_go_both_ways_as_they_are(chats, content_type):
    everything = bytes(range(256)) * 40 + b"\r\n-------seedalice1$\r\n--b1--"
    ends = chats(alice=("*",), bob=("*",), wrapped=("*",))
    ends.start()
    for one, other in ((ends.alice, ends.bob), (ends.bob, ends.alice)):
        one.do("send", "m123", everything, content_type, "sip:a@a", "sip:b@b")
        ends.exchange()
        (got,) = other.told(GotMessage)
        assert (got.content, got.content_type) == (everything, content_type)


def test_a_room_without_private_messages_reports_428_of_one(chats):
    """RFC 7701 section 8.2."""
    ends = chats(alice_room=("nickname", "private-messages"), bob_room=("nickname",))
    ends.start()
    for to, code in (("sip:carol@c", 428), ("sip:bob@b;transport=tcp", 200), ("im:bob@B", 200)):
        body = b"From: <sip:a@a>\r\nTo: <%b>\r\n\r\nContent-Type: text/plain\r\n\r\nhi" % to.encode()
        assert take(ends, "message/cpim", body) == [200, code]
    assert len(ends.bob.told(GotMessage)) == 1


def test_messages_wait_for_the_start_and_leave_in_order(chats):
    ends = chats()
    for number in range(20):
        ends.alice.do("send", f"m{number:03}", b"%d" % number, "text/plain", "sip:a@a", "sip:b@b")
    assert ends.alice.outputs == []
    ends.start()

    assert [each.content for each in ends.bob.told(GotMessage)] == [b"%d" % number for number in range(20)]
    assert outcome(ends.alice) == [("Delivered", f"m{number:03}", 200) for number in range(20)]
    kinds = [type(each) for each in ends.alice.outputs]
    assert kinds.index(Started) < kinds.index(Delivered)


def test_one_unacceptable_message_does_not_hold_up_the_others(chats):
    ends = chats(bob=("text/*",))
    for mid, content_type in (("m001", "text/plain"), ("m002", "image/png"), ("m003", "text/html")):
        ends.alice.do("send", mid, b"x", content_type)
    ends.start()

    assert outcome(ends.alice) == [
        ("NotDelivered", "m002", 415),
        ("Delivered", "m001", 200),
        ("Delivered", "m003", 200),
    ]


def test_once_the_peer_is_known_misuse_raises_even_before_the_start(chats):
    alice = chats().alice
    alice.do("send", "m001", b"x", "text/plain")
    alice.do("start", [BOB], ["text/*"], [], active=True)

    with pytest.raises(LocalProtocolError, match="image/png"):
        alice.do("send", "m123", b"x", "image/png")
    with pytest.raises(LocalProtocolError, match="in use"):
        alice.do("send", "m001", b"x", "text/plain")
    with pytest.raises(LocalProtocolError, match="message id"):
        alice.do("send", "no good", b"x", "text/plain")


@pytest.mark.parametrize("way", [("end",), ("connection_lost", False, "refused"), ("timer_fired", "connect")])
def test_messages_that_waited_in_vain_are_told_before_the_end(chats, way):
    alice = chats().alice
    alice.do("start", [BOB], ["text/*"], [], active=True)
    alice.do("send", "m001", b"x", "text/plain")
    alice.do("send", "m002", b"x", "text/plain")
    outputs = alice.do(*way)

    assert outcome(alice) == [("NotDelivered", "m001", 0), ("NotDelivered", "m002", 0)]
    assert outputs[-1] == Ended()
    assert bool(alice.told(Failed)) is (way != ("end",))
    with pytest.raises(SessionStateError):
        alice.do("send", "m003", b"x", "text/plain")


def take(ends, content_type, body, failure="yes", success="yes"):
    ends.bob.outputs.clear()
    ends.bob.take(chunk.send("tid1", BOB, ALICE, "m123", body, content_type, None, "$", success, failure).encode())
    return [each.data.code or each.data.status.code for each in ends.bob.told(Send)]


CPIM = b"From: <sip:a@a>\r\nTo: <sip:b@b>\r\n\r\nContent-Type: %b\r\n\r\nhi"


def test_bad_cpim_is_accepted_and_reported_400(chats):
    """Interoperability: the response is 200, the REPORT says 400; nothing reaches the user."""
    ends = chats()
    ends.start()

    assert take(ends, "message/cpim", b"no header at all") == [200, 400]
    assert take(ends, "message/cpim", b"no header at all", failure="no") == []
    assert not ends.bob.told(GotMessage)


def test_an_unwanted_type_inside_cpim_is_reported_415(chats):
    ends = chats()
    ends.start()

    assert take(ends, "message/cpim", CPIM % b"image/png") == [200, 415]
    assert not ends.bob.told(GotMessage)
    assert take(ends, "message/cpim", CPIM % b"text/x-other") == [200, 200]
    assert ends.bob.told(GotMessage)[0].content_type == "text/x-other"


def test_an_unwanted_type_is_answered_415(chats):
    ends = chats()
    ends.start()

    assert take(ends, "multipart/mixed", b"--") == [415]


def test_a_message_in_chunks_is_got_once(chats):
    ends = chats(single_chunk_size=1000)
    ends.start()
    ends.alice.do("send", "m123", b"x" * 150_000, "text/plain", "sip:a@a", "sip:b@b")
    ends.exchange()

    (got,) = ends.bob.told(GotMessage)
    assert got.content == b"x" * 150_000
    assert outcome(ends.alice) == [("Delivered", "m123", 200)]


def test_what_asks_for_no_report_has_no_fate(chats):
    ends = chats(bob=("text/*", "application/x-status"))
    ends.start()
    ends.alice.do("send", "m123", b"<x/>", "application/x-status", success_report="no", failure_report="no")
    ends.exchange()

    assert ends.bob.told(GotMessage)[0].content_type == "application/x-status"
    assert outcome(ends.alice) == []


def test_bodies_do_not_show_in_printed_state(chats):
    alice = chats().alice
    alice.do("send", "m001", b"secret", "text/plain")

    assert "secret" not in repr(alice.state)
    assert "secret" not in repr(Draft(0, "m", b"secret", "t", "", "", "", False, "yes", "yes", ()))


def test_a_message_can_be_checked_without_sending_it(chats):
    ends = chats(bob=("text/*",))
    ends.start()

    chat.check(ends.alice.state, "text/plain")
    with pytest.raises(LocalProtocolError, match="image/png"):
        chat.check(ends.alice.state, "image/png")
    with pytest.raises(LocalProtocolError, match="private"):
        chat.check(ends.alice.state, "text/plain", private=True)
    assert ends.alice.wire == []


def test_what_asked_for_no_report_has_no_fate_even_if_it_never_left(chats):
    alice = chats().alice
    alice.do("send", "m001", b"<x/>", "text/xml", success_report="no", failure_report="no")

    assert alice.do("end")[-1] == Ended()
    assert outcome(alice) == []
