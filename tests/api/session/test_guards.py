"""What each public method of a Session does in each state that it is not for, and with arguments that are wrong."""

from __future__ import annotations

import pytest

from sipsimple.core import SIPURI, Credentials, Engine, Route, SIPCoreError
from sipsimple.errors import LocalProtocolError, MediaFailed, MSRPChatError
from sipsimple.session import Session, SessionManager, SessionStateError
from tests.endpoints import alice, established, hang_up, place, port, running, target

BOB = SIPURI("127.0.0.1", "bob", port=9)


def connect(session):
    session.connect(BOB, Credentials(SIPURI("b", "a")), chat=True)


CALLS = {
    "connect": connect,
    "accept": lambda session: session.accept(chat=True),
    "reject": lambda session: session.reject(),
    "send_message": lambda session: session.send_message("hello"),
    "hold": lambda session: session.hold(),
    "unhold": lambda session: session.unhold(),
    "add_audio": lambda session: session.add_audio(),
    "add_chat": lambda session: session.add_chat(),
    "remove_audio": lambda session: session.remove_audio(),
    "remove_chat": lambda session: session.remove_chat(),
    "accept_proposal": lambda session: session.accept_proposal(),
    "reject_proposal": lambda session: session.reject_proposal(),
    "start_recording_audio": lambda session: session.start_recording_audio("."),
    "stop_recording_audio": lambda session: session.stop_recording_audio(),
    "send_dtmf": lambda session: session.send_dtmf("1"),
    "play_tones": lambda session: session.play_tones([(440, 0, 100)]),
    "echo_audio": lambda session: session.echo_audio(),
    "bridge": lambda session: session.bridge(Session()),
    "unbridge": lambda session: session.unbridge(),
}
ALLOWED = {
    "NULL": {"connect"},
    "INCOMING": {"accept", "reject"},
    "ESTABLISHED": {"send_message", "hold", "unhold", "add_audio"},
}
SILENT = {"TERMINATED": {"reject"}}


def check(session, state):
    """Call everything that is not for `state`."""
    assert session.state == state
    for name, call in CALLS.items():
        if name in SILENT.get(state, ()):
            call(session)
        elif name not in ALLOWED.get(state, ()):
            with pytest.raises(SessionStateError) as caught:
                call(session)
            assert isinstance(caught.value, RuntimeError)
            assert caught.value.state.split()[0].rstrip(",") == state
            assert name in str(caught.value)
            assert state in str(caught.value)
            assert caught.value.allowed
    assert session.state == state


def test_every_method_is_refused_in_every_state_that_it_is_not_for():
    with running() as watch:
        fresh = Session()
        check(fresh, "NULL")
        fresh.terminate()
        assert fresh.state == "NULL"
        call = place(watch)
        check(call.caller, "CALLING")
        check(call.callee, "INCOMING")
        call.callee.accept(chat=True)
        check(call.callee, "ACCEPTING")
        watch.wait_for("SCSessionDidStart", call.callee)
        watch.wait_for("SCSessionDidStart", call.caller)
        check(call.callee, "ESTABLISHED")
        check(call.caller, "ESTABLISHED")
        call.caller.terminate()
        check(call.caller, "TERMINATING")
        call.caller.terminate()
        watch.wait_for("SCSessionDidEnd", call.caller)
        watch.wait_for("SCSessionDidEnd", call.callee)
        check(call.caller, "TERMINATED")
        check(call.callee, "TERMINATED")
        call.caller.terminate()
    assert watch.count("SCSessionDidEnd", call.caller) == 1


def test_the_second_of_two_calls_in_a_row_raises_at_once():
    with running() as watch:
        session = Session()
        session.connect(target(), alice(), chat=True)
        with pytest.raises(SessionStateError, match="CALLING"):
            session.connect(target(), alice(), chat=True)
        callee = watch.wait_for("SCSessionNewIncoming").sender
        callee.accept(chat=True)
        for again in ("accept", "reject"):
            with pytest.raises(SessionStateError, match="ACCEPTING"):
                CALLS[again](callee)
        watch.wait_for("SCSessionDidStart", session)
        session.terminate()
        with pytest.raises(SessionStateError, match="TERMINATING"):
            session.send_message("too late")
        rejected = place(watch)
        rejected.callee.reject()
        with pytest.raises(SessionStateError, match="TERMINATING"):
            rejected.callee.accept(chat=True)


@pytest.mark.parametrize(
    ("arguments", "options", "error"),
    [
        ((BOB, alice()), {}, ValueError),
        (("sip:bob@b", alice()), {"chat": True}, TypeError),
        ((BOB, None), {"chat": True}, TypeError),
        ((BOB, alice(), "192.0.2.1"), {"chat": True}, TypeError),
    ],
)
def test_bad_arguments_of_connect_leave_the_session_null_and_tell_nothing(arguments, options, error):
    with running() as watch:
        session = Session()
        with pytest.raises(error):
            session.connect(*arguments, **options)
        assert (session.state, session.direction, session.credentials, session.local_uri) == ("NULL", None, None, None)
        assert SessionManager().sessions == []
        session.connect(target(), alice(), chat=True)
        watch.wait_for("SCSessionNewIncoming")
    assert watch.names(session)[0] == "NULL>CALLING"


def test_connect_without_an_engine_leaves_the_session_null():
    session = Session()
    with pytest.raises(SIPCoreError, match="not running"):
        connect(session)
    assert (session.state, session.credentials, session.remote_uri) == ("NULL", None, None)
    assert SessionManager().sessions == []


def test_bad_arguments_of_accept_and_reject_leave_the_session_incoming():
    with running() as watch:
        call = place(watch)
        with pytest.raises(ValueError, match="at least one"):
            call.callee.accept()
        with pytest.raises((ValueError, MediaFailed), match=r"audio was not proposed|audio needs"):
            call.callee.accept(audio=True, chat=True)
        for password, error in ((123, TypeError), (b"x", TypeError), ("a\nb", ValueError)):
            with pytest.raises(error, match="password"):
                call.callee.accept(chat=True, password=password)
        for code in (200, 180, 700):
            with pytest.raises(ValueError, match="300 to 699"):
                call.callee.reject(code)
        for code in ("486", 486.5, None):
            with pytest.raises(TypeError, match="code"):
                call.callee.reject(code)
        assert call.callee.state == "INCOMING"
        call.callee.accept(chat=True)
        watch.wait_for("SCSessionDidStart", call.callee)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((7,), TypeError),
        ((None,), TypeError),
        (("x", "text"), ValueError),
        (("x", "text/plain\r\nX: y"), ValueError),
        (("x", "text/plain; charset=no-such"), ValueError),
        (("ü", "text/plain; charset=us-ascii"), ValueError),
        (("x", "text/plain", "sip:bob@b"), TypeError),
        (("x", "text/plain", None, "now"), TypeError),
    ],
)
def test_bad_arguments_of_send_message_send_nothing(arguments, error):
    with running() as watch:
        call = established(watch)
        with pytest.raises(error):
            call.caller.send_message(*arguments)
        call.caller.send_message("the first")
        watch.wait_for("SCSessionGotMessage")
        assert watch.data("SCSessionGotMessage")["content"] == "the first"
        hang_up(watch, call)


def test_what_the_session_was_given_is_copied():
    with running() as watch:
        callee, credentials, route = target(), alice(), Route("127.0.0.1", port())
        session = Session()
        session.connect(callee, credentials, route, chat=True)
        callee.user, credentials.uri.user, credentials.password, route.port = "x", "x", "x", 1
        assert session.remote_uri.user == "bob"
        assert session.local_uri.user == "alice"
        assert session.credentials.password == "p4ssw0rd"
        assert session.route.port == port()
        watch.wait_for("SCSessionNewIncoming")


def test_new_is_the_old_name_of_connect():
    with running() as watch:
        session = Session()
        session.new(target(), alice(), Route("127.0.0.1", port()), chat=True)
        watch.wait_for("SCSessionNewIncoming")


def test_the_errors_of_the_published_api_are_what_the_document_calls_them():
    assert issubclass(SessionStateError, RuntimeError)
    assert issubclass(SessionStateError, LocalProtocolError)
    assert not issubclass(MSRPChatError, SessionStateError)
    assert not Engine().is_running
