"""Messages over the chat of a session: large ones, other types, addresses and times, and what is refused."""

from __future__ import annotations

import datetime

import pytest

from sipsimple.core import SIPURI
from sipsimple.session import Session, SessionManager, SessionStateError
from tests.endpoints import alice, deliver, established, hang_up, place, running, target


@pytest.fixture
def chat():
    """A call whose ends can be written to."""
    with running() as watch:
        yield watch, established(watch)


def test_a_message_tells_what_it_is_and_its_delivery_bears_its_id(chat):
    watch, call = chat
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    to = SIPURI(call.caller.remote_uri.host, "bob", display="Carol")  # the remote party, however it is reached
    message_id = call.caller.send_message("<b>hi</b>", "text/html", to, moment)
    watch.wait_for("SCSessionDidDeliverMessage", call.caller)
    got = watch.data("SCSessionGotMessage", call.callee)
    assert (got["content"], got["content_type"].partition(";")[0]) == ("<b>hi</b>", "text/html")
    assert got["cpim_headers"]["From"] == SIPURI("example.com", "alice")
    assert got["cpim_headers"]["From"].display == "Alice"
    assert (got["cpim_headers"]["To"], got["cpim_headers"]["To"].display) == (to, "Carol")
    assert got["cpim_headers"]["DateTime"] == moment
    assert (got["message"].method, got["message"].content_type) == ("SEND", "message/cpim")
    delivered = watch.data("SCSessionDidDeliverMessage", call.caller)
    assert (delivered["message_id"], delivered["code"]) == (message_id, 200)
    assert delivered["message"].method == "REPORT"


def test_the_notification_of_the_chat_comes_before_that_of_the_session_with_the_same_data(chat):
    watch, call = chat
    stream = call.callee.chat_transport
    deliver(watch, call.caller, call.callee, "one")
    got = [each for each in watch.of(stream, call.callee) if each.name.endswith("GotMessage")]
    assert [each.name for each in got] == ["MSRPChatGotMessage", "SCSessionGotMessage"]
    assert got[0].data is got[1].data
    stream = call.caller.chat_transport
    told = [each for each in watch.of(stream, call.caller) if each.name.endswith("DidDeliverMessage")]
    assert [each.name for each in told] == ["MSRPChatDidDeliverMessage", "SCSessionDidDeliverMessage"]
    assert told[0].data is told[1].data


def test_a_large_message_arrives_whole(chat):
    watch, call = chat
    text = "0123456789" * 40_000
    deliver(watch, call.caller, call.callee, text)
    assert watch.count("SCSessionGotMessage") == 1


def test_bytes_and_other_charsets_arrive_as_what_they_are(chat):
    watch, call = chat
    call.caller.send_message(b"\x00\xff", "application/octet-stream")
    watch.wait_for("SCSessionGotMessage", call.callee)
    assert watch.data("SCSessionGotMessage")["content"] == b"\x00\xff"
    call.caller.send_message("größer", "text/plain; charset=iso-8859-1")
    assert watch.wait_for("SCSessionGotMessage", call.callee, 2).data.content == "größer"


def test_messages_arrive_in_the_order_in_which_they_were_sent(chat):
    watch, call = chat
    for number in range(200):
        call.caller.send_message(str(number))
    watch.wait_for("SCSessionDidDeliverMessage", call.caller, 200)
    got = [each.data.content for each in watch.seen if each.name == "SCSessionGotMessage"]
    assert got == [str(number) for number in range(200)]


def test_messages_wait_until_the_chat_has_started():
    with running() as watch:
        ids = []
        watch.on["SCSessionDidStart"] = lambda session: ids.append(session.send_message(session.direction))
        call = place(watch)
        call.callee.accept(chat=True)
        watch.wait_for("SCSessionDidDeliverMessage", call.caller)
        watch.wait_for("SCSessionDidDeliverMessage", call.callee)
        delivered = {each.data.message_id for each in watch.seen if each.name == "SCSessionDidDeliverMessage"}
        assert delivered == set(ids)
        hang_up(watch, call)


def test_every_message_that_was_taken_is_accounted_for_once_when_the_call_ends():
    with running() as watch:
        ids = []
        watch.on["SCSessionDidStart"] = lambda session: ids.extend(session.send_message("x") for _ in range(20))
        call = place(watch)
        call.callee.accept(chat=True)
        watch.wait_for("SCSessionDidStart", call.callee)
        watch.on.clear()
        watch.wait_for("SCSessionDidStart", call.caller)
        call.caller.terminate()
        watch.wait_for("MSRPChatDidEnd", count=2)
    fates = ("MSRPChatDidDeliverMessage", "MSRPChatDidNotDeliverMessage")
    told = [each.data.message_id for each in watch.seen if each.name in fates]
    assert sorted(set(told)) == sorted(told) == sorted(ids)


def test_nothing_is_sent_when_the_chat_is_over(chat):
    watch, call = chat
    stream = call.caller.chat_transport
    hang_up(watch, call)
    watch.wait_for("MSRPChatDidEnd", stream)
    assert stream.state == "ENDED"
    with pytest.raises(SessionStateError, match="ENDED"):
        stream.send_message("too late")
    with pytest.raises(SessionStateError, match="TERMINATED"):
        call.caller.send_message("too late")


def test_the_states_of_a_chat():
    with running() as watch:
        states = []
        for name in ("DidInitialize", "DidStart", "WillEnd", "DidEnd"):
            watch.on[f"MSRPChat{name}"] = lambda stream: states.append(stream.state) if stream.outgoing else None
        call = established(watch)
        stream = call.caller.chat_transport
        assert (stream.is_active, stream.is_started, stream.cpim_enabled) == (True, True, True)
        assert stream.private_messages_allowed is False
        assert (stream.remote_uri, stream.from_uri) == (call.caller.remote_uri, call.caller.local_uri)
        hang_up(watch, call)
        watch.wait_for("MSRPChatDidEnd", stream)
        assert not stream.is_active
    assert states[:2] == ["INITIALIZED", "STARTED"]
    assert states[-1] == "ENDED"


def test_an_application_that_ends_the_only_chat_ends_the_session(chat):
    watch, call = chat
    stream = call.caller.chat_transport
    stream.end()
    stream.end()
    watch.wait_for("SCSessionDidEnd", call.caller)
    watch.wait_for("SCSessionDidEnd", call.callee)
    assert watch.names(stream)[-2:] == ["MSRPChatWillEnd", "MSRPChatDidEnd"]
    failure = watch.data("SCSessionDidFail", call.caller)
    assert (failure["originator"], failure["code"]) == ("local", 0)


def test_an_msrp_port_that_cannot_be_had_fails_the_call():
    with running() as watch:
        SessionManager().msrp_config.local_ip = "192.0.2.1"
        session = Session()
        session.connect(target(), alice(), chat=True)
        watch.wait_for("SCSessionDidEnd", session)
    assert watch.names(session)[-3:] == ["CALLING>TERMINATED", "SCSessionDidFail", "SCSessionDidEnd"]
    assert watch.data("MSRPChatDidFail")["context"] == "initialize"
    assert "192.0.2.1" in watch.data("SCSessionDidFail")["reason"]
