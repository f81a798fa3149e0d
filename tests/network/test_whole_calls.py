"""Whole calls over real loopback sockets: what is told, in which order, with which data, on both buses."""

from __future__ import annotations

import datetime

import pytest

from sipsimple.core import SIPURI, Engine, Route
from sipsimple.session import Session, SessionManager
from tests.endpoints import alice, deliver, established, hang_up, place, port, running, target, wait_until_forgotten

BEGIN_OUT = ["NULL>CALLING", "SCSessionNewOutgoing"]
ALL_WAYS = [
    (ip, transport, tls) for ip in ("127.0.0.1", "::1") for transport in ("udp", "tcp") for tls in (False, True)
]


def lifelines(watch, call):
    """What each end told, without its chat."""
    return watch.names(call.caller), watch.names(call.callee)


@pytest.mark.parametrize(("ip", "transport", "tls"), ALL_WAYS)
def test_a_call_with_messages_both_ways_over_every_kind_of_socket(ip, transport, tls):
    with running(local_ip=ip) as watch:
        SessionManager().msrp_config.local_use_tls = tls
        call = established(watch, transport)
        scheme = "msrps" if tls else "msrp"
        assert str(call.caller.chat_transport.local_media.attribute("path")).startswith(f"{scheme}://")
        deliver(watch, call.caller, call.callee, "hello wörld")
        deliver(watch, call.callee, call.caller, "hallo")
        hang_up(watch, call)


def test_an_accepted_call_that_the_caller_ends():
    with running() as watch:
        call = established(watch)
        hang_up(watch, call)
        caller, callee = lifelines(watch, call)
    assert caller == [
        *BEGIN_OUT,
        "SCSessionGotRingIndication",
        "SCSessionWillStart",
        "CALLING>ESTABLISHED",
        "SCSessionDidStart",
        "ESTABLISHED>TERMINATING",
        "SCSessionWillEnd",
        "TERMINATING>TERMINATED",
        "SCSessionDidEnd",
    ]
    assert callee == [
        "NULL>INCOMING",
        "SCSessionNewIncoming",
        "INCOMING>ACCEPTING",
        "SCSessionWillStart",
        "ACCEPTING>ESTABLISHED",
        "SCSessionDidStart",
        "ESTABLISHED>TERMINATED",
        "SCSessionDidEnd",
    ]
    assert watch.data("SCSessionDidEnd", call.caller) == {"originator": "local"}
    assert watch.data("SCSessionDidEnd", call.callee) == {"originator": "remote"}
    assert watch.data("SCSessionNewIncoming") == {
        "has_audio": False,
        "has_chat": True,
        "files": [],
        "refused_streams": {},
    }


def test_both_buses_tell_the_same_in_the_same_order_with_a_timestamp():
    with running() as watch:
        call = established(watch)
        deliver(watch, call.caller, call.callee, "hello")
        hang_up(watch, call)
        watch.until(lambda: len(watch.signalled) >= len(watch.seen), "the signals")
        for end in (call.caller, call.callee):
            seen = [each for each in watch.seen if each.sender is end]
            assert seen == [each for each in watch.signalled if each.sender is end]
    assert all(isinstance(each.data.timestamp, datetime.datetime) for each in watch.seen)
    assert all(each.data.timestamp.tzinfo is None for each in watch.seen)


def test_the_state_is_the_new_one_when_its_notification_is_delivered():
    found = []
    with running() as watch:
        watch.on["SCSessionNewIncoming"] = lambda session: found.append((session.state, session in sessions()))
        watch.on["SCSessionNewOutgoing"] = lambda session: found.append((session.state, session in sessions()))
        call = place(watch)
        watch.on["SCSessionDidEnd"] = lambda session: found.append((session.state, session in sessions()))
        call.callee.reject()
        watch.wait_for("SCSessionDidEnd", count=2)
    assert sorted(found) == [("CALLING", True), ("INCOMING", True), ("TERMINATED", False), ("TERMINATED", False)]


def sessions():
    return SessionManager().sessions


def test_the_callee_may_end_it_too():
    with running() as watch:
        call = established(watch)
        call.callee.terminate()
        watch.wait_for("SCSessionDidEnd", call.caller)
        watch.wait_for("SCSessionDidEnd", call.callee)
    assert watch.names(call.callee)[-4:] == [
        "ESTABLISHED>TERMINATING",
        "SCSessionWillEnd",
        "TERMINATING>TERMINATED",
        "SCSessionDidEnd",
    ]
    assert watch.data("SCSessionDidEnd", call.caller) == {"originator": "remote"}


@pytest.mark.parametrize(("code", "reason"), [(486, "Busy Here"), (603, "Decline"), (302, "Moved Temporarily")])
def test_a_rejected_call_fails_for_the_caller_and_ends_for_the_callee(code, reason):
    with running() as watch:
        call = place(watch)
        call.callee.reject(code)
        watch.wait_for("SCSessionDidEnd", call.caller)
        watch.wait_for("SCSessionDidEnd", call.callee)
        caller, callee = lifelines(watch, call)
    assert [name for name in caller if name != "SCSessionGotRingIndication"] == [
        *BEGIN_OUT,
        "CALLING>TERMINATED",
        "SCSessionDidFail",
        "SCSessionDidEnd",
    ]
    assert watch.data("SCSessionDidFail", call.caller) == {"originator": "remote", "code": code, "reason": reason}
    assert watch.data("SCSessionDidEnd", call.caller) == {"originator": "remote"}
    assert callee[2:] == ["INCOMING>TERMINATING", "SCSessionWillEnd", "TERMINATING>TERMINATED", "SCSessionDidEnd"]
    assert watch.count("SCSessionDidFail") == 1


def test_a_cancelled_call_ends_for_the_caller_and_fails_for_the_callee():
    with running() as watch:
        call = place(watch)
        call.caller.terminate()
        watch.wait_for("SCSessionDidEnd", call.caller)
        watch.wait_for("SCSessionDidEnd", call.callee)
        caller, callee = lifelines(watch, call)
    assert caller[-4:] == [
        "CALLING>TERMINATING",
        "SCSessionWillEnd",
        "TERMINATING>TERMINATED",
        "SCSessionDidEnd",
    ]
    assert "SCSessionDidFail" not in caller
    assert callee[2:] == ["INCOMING>TERMINATED", "SCSessionDidFail", "SCSessionDidEnd"]
    failure = watch.data("SCSessionDidFail", call.callee)
    assert (failure["originator"], failure["code"]) == ("remote", 487)


def test_a_call_to_nobody_fails_by_this_side_after_64_t1():
    with running(sip_t1=0.01) as watch:
        session = Session()
        session.connect(SIPURI("127.0.0.1", "bob", port=9), alice(), chat=True)
        watch.wait_for("SCSessionDidEnd", session)
    assert watch.names(session) == [*BEGIN_OUT, "CALLING>TERMINATED", "SCSessionDidFail", "SCSessionDidEnd"]
    failure = watch.data("SCSessionDidFail", session)
    assert failure["originator"] == "local"
    assert failure["code"] in (408, 503)
    assert failure["reason"]


def test_a_call_over_tcp_to_a_closed_port_fails_with_503():
    with running() as watch:
        session = Session()
        session.connect(SIPURI("127.0.0.1", "bob"), alice(), Route("127.0.0.1", 9, "tcp"), chat=True)
        watch.wait_for("SCSessionDidEnd", session)
    failure = watch.data("SCSessionDidFail", session)
    assert (failure["originator"], failure["code"]) == ("local", 503)


def test_a_host_that_does_not_exist_fails_the_call():
    with running() as watch:
        session = Session()
        session.connect(SIPURI("nowhere.invalid", "bob"), alice(), chat=True)
        watch.wait_for("SCSessionDidEnd", session)
    assert watch.data("SCSessionDidFail", session)["code"] == 503


def test_a_route_that_is_a_name_is_looked_up():
    with running() as watch:
        call = place(watch, to=SIPURI("example.com", "bob"), route=Route("localhost", port()))
        call.callee.reject()
        watch.wait_for("SCSessionDidEnd", call.caller)


def test_a_call_that_is_terminated_before_its_invite_leaves_nothing():
    with running() as watch:
        session = Session()
        session.connect(target(), alice(), chat=True)
        session.terminate()
        assert session.state == "TERMINATING"
        watch.wait_for("SCSessionDidEnd", session)
    assert watch.names(session)[:2] == BEGIN_OUT
    assert watch.names(session)[-4:] == [
        "CALLING>TERMINATING",
        "SCSessionWillEnd",
        "TERMINATING>TERMINATED",
        "SCSessionDidEnd",
    ]


def test_attributes_before_during_and_after_a_call():
    with running(user_agent="Tester 1.0") as watch:
        session = Session()
        for name in ("direction", "local_uri", "remote_uri", "caller_uri", "callee_uri", "start_time", "stop_time"):
            assert getattr(session, name) is None, name
        assert (session.state, session.credentials, session.route, session.chat_transport) == ("NULL", None, None, None)
        assert (session.has_chat, session.on_hold, session.remote_user_agent) == (False, False, None)
        call = established(watch)
        for end, direction in ((call.caller, "outgoing"), (call.callee, "incoming")):
            assert end.direction == direction
            assert end.caller_uri == SIPURI("example.com", "alice")
            # the caller's is what it gave; what stands in To has no port
            assert end.callee_uri == (target() if direction == "outgoing" else SIPURI("127.0.0.1", "bob"))
            assert end.remote_user_agent == "Tester 1.0"
            assert end.has_chat
            assert isinstance(end.start_time, datetime.datetime)
            assert end.stop_time is None
        assert call.caller.local_uri.display == call.callee.remote_uri.display == "Alice"
        assert call.caller.credentials.password == "p4ssw0rd"
        assert call.callee.credentials is None
        hang_up(watch, call)
        for end in (call.caller, call.callee):
            assert (end.state, end.has_chat, end.chat_transport) == ("TERMINATED", False, None)
            assert end.callee_uri.user == "bob"
            assert end.stop_time >= end.start_time


def test_no_audio_is_read_as_none_or_false_in_every_state():
    with running() as watch:
        fresh = Session()
        call = established(watch)
        for end in (fresh, call.caller, call.callee):
            assert (end.has_audio, end.audio_was_received, end.audio_srtp_active) == (False, False, False)
            for name in ("transport", "sample_rate", "codec", "local_rtp_address", "local_rtp_port"):
                assert getattr(end, f"audio_{name}") is None
            for name in ("address_sdp", "port_sdp", "address_received", "port_received"):
                assert getattr(end, f"audio_remote_rtp_{name}") is None
            assert end.audio_recording_file_name is None
        hang_up(watch, call)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_when_the_last_transaction_has_expired_nothing_is_left_of_the_calls(transport):
    with running(sip_t1=0.02) as watch:
        hang_up(watch, established(watch, transport))
        rejected = place(watch, transport)
        rejected.callee.reject()
        watch.wait_for("SCSessionDidEnd", rejected.caller)
        cancelled = place(watch, transport)
        cancelled.caller.terminate()
        watch.wait_for("SCSessionDidEnd", cancelled.callee)
        wait_until_forgotten(watch)
        assert Engine().core.calls._supervisor.children == ()


def test_many_sessions_share_one_msrp_port_and_get_their_own_messages():
    with running() as watch:
        calls = [established(watch) for _ in range(8)]
        ports = {end.chat_transport.local_media.port for call in calls for end in (call.caller, call.callee)}
        assert len(ports) == 1
        for number, call in enumerate(calls):
            call.caller.send_message(f"to {number}")
        watch.wait_for("SCSessionGotMessage", count=len(calls))
        for number, call in enumerate(calls):
            assert watch.data("SCSessionGotMessage", call.callee)["content"] == f"to {number}"
        for call in calls:
            call.caller.terminate()
        watch.wait_for("SCSessionDidEnd", count=2 * len(calls))


def test_an_engine_that_listens_everywhere_tells_peers_an_address_that_they_can_reach():
    with running(local_ip="0.0.0.0") as watch:
        call = established(watch, to=SIPURI("127.0.0.1", "bob", port=port()))
        assert "0.0.0.0" not in str(call.callee.chat_transport.local_media.attribute("path"))
        deliver(watch, call.caller, call.callee, "hello")
        hang_up(watch, call)
