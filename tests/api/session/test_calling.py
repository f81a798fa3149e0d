"""What an outgoing call makes of what the application gave it, before anything is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.api.session.calling import outgoing, party_value, request_uri
from sipsimple.core import SIPURI, Credentials, Route, SIPCoreError
from sipsimple.session import Session, SessionManager
from tests.endpoints import alice, port, running, target

EVERYTHING = {"transport": "tcp", "maddr": "192.0.2.9", "ttl": "3", "method": "INVITE", "lr": None, "user": "phone"}
NO_LINE = ("a\r\nX: y", "\ud800", "\x7f")


def full():
    return SIPURI("example.com", "bob", "s3same", 5070, "Bob", False, {**EVERYTHING, "x": "1"}, {"subject": "hi"})


def test_from_and_to_say_who_and_not_by_which_way():
    assert party_value(full()) == '"Bob" <sip:bob@example.com;user=phone;x=1>'
    assert party_value(SIPURI("2001:db8::1", secure=True)) == "<sips:[2001:db8::1]>"


def test_the_request_uri_keeps_the_way_and_loses_password_method_and_headers():
    way = "transport=tcp;maddr=192.0.2.9;ttl=3;lr;user=phone;x=1"
    assert request_uri(full()) == f"sip:bob@example.com:5070;{way}"


def test_no_password_goes_into_what_the_actor_is_told():
    credentials = Credentials(SIPURI("example.com", "alice", "hunter2"), "p4ssw0rd", "me")
    call = outgoing(full(), credentials, Route("192.0.2.1"), ("chat",))
    for secret in ("hunter2", "p4ssw0rd", "s3same"):
        assert secret not in repr(call.command)
    assert call.command.contact_user == "me"
    assert (call.callee, call.credentials.uri.password) == (full(), "hunter2")


@given(user=st.text(st.characters(exclude_categories=["Cs"]), max_size=8), password=st.text("p4s%:@;", min_size=1))
def test_whatever_the_user_and_the_password_what_is_written_has_no_password(user, password):
    uri = SIPURI("example.com", user, password)
    for written in (party_value(uri), request_uri(uri)):
        again = SIPURI.parse(written)
        assert (again.user, again.password, again.host) == (user or None, None, "example.com")


@pytest.mark.parametrize(("transport", "by_route"), [("udp", True), ("tcp", True), ("udp", False)])
def test_sips_by_a_way_in_clear_is_refused(transport, by_route):
    with running() as watch:
        callee = SIPURI("127.0.0.1", "bob", port=9, secure=True)
        route = Route("127.0.0.1", 9, transport) if by_route else None
        if not by_route:
            callee.parameters["transport"] = transport
        session = Session()
        with pytest.raises(SIPCoreError, match="tls"):
            session.connect(callee, alice(), route, chat=True)
        untouched(session, watch)


@pytest.mark.parametrize(("transport", "by_route"), [(None, False), ("tcp", False), ("tls", False), ("tls", True)])
def test_sips_to_a_port_that_speaks_no_tls_fails_and_is_never_heard_in_clear(transport, by_route):
    with running(trace_sip=True) as watch:
        callee = SIPURI("127.0.0.1", "bob", port=port("tcp"), secure=True)
        if transport is not None and not by_route:
            callee.parameters["transport"] = transport
        session = Session()
        session.connect(callee, alice(), Route("127.0.0.1", port("tcp"), "tls") if by_route else None, chat=True)
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.data("SCSessionDidFail", session)["originator"] == "local"
        assert watch.count("SCSessionNewIncoming") == 0
        assert {each.data.transport for each in watch.seen if each.name == "SCEngineSIPTrace"} == {"tls"}


def untouched(session, watch):
    """It is as it was, and can be used."""
    facts = (session.state, session.direction, session.credentials, session.route, session.remote_uri)
    assert facts == ("NULL", None, None, None, None)
    assert SessionManager().sessions == []
    assert watch.of(session) == []
    session.terminate()
    assert session.state == "NULL"
    session.connect(target(), alice(), chat=True)
    watch.wait_for("SCSessionNewIncoming")


BAD_PARTS = [
    ("host", "h x", ValueError),
    ("host", None, ValueError),
    *[("display", display, ValueError) for display in NO_LINE],
    ("user", "\ud800", ValueError),
    ("user", 7, TypeError),
    ("password", b"x", TypeError),
    ("port", 65536, ValueError),
    ("port", True, TypeError),
    ("parameters", {"": "x"}, ValueError),
    ("parameters", {"x": 1}, TypeError),
    ("headers", {"x": None}, TypeError),
]


@pytest.mark.parametrize("whose", ["callee", "caller"])
@pytest.mark.parametrize(("part", "value", "error"), BAD_PARTS)
def test_a_uri_that_was_spoilt_after_it_was_made_leaves_the_session_null(whose, part, value, error):
    with running() as watch:
        callee, credentials = target(), alice()
        setattr(callee if whose == "callee" else credentials.uri, part, value)
        session = Session()
        with pytest.raises(error):
            session.connect(callee, credentials, chat=True)
        untouched(session, watch)


@pytest.mark.parametrize(
    ("part", "value", "error"),
    [("address", "h x", ValueError), ("port", 5060.5, TypeError), ("transport", "sctp", ValueError)],
)
def test_a_route_that_was_spoilt_after_it_was_made_leaves_the_session_null(part, value, error):
    with running() as watch:
        route = Route("127.0.0.1")
        setattr(route, part, value)
        session = Session()
        with pytest.raises(error):
            session.connect(target(), alice(), route, chat=True)
        untouched(session, watch)
