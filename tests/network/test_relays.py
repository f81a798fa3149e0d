"""Calls whose chat goes through an MSRP relay, over loopback: RFC 4976 section 5."""

from __future__ import annotations

import pytest

from sipsimple.actors.msrp import relay_finder as msrp_relay_finder
from sipsimple.actors.msrp.relay_finder import Service
from sipsimple.core import SIPURI, Credentials
from sipsimple.errors import MSRPChatError
from sipsimple.session import Session, SessionManager
from tests.endpoints import Call, counterpart, deliver, hang_up, running, target
from tests.interop.msrp_relay import Relay, Rules

ALICE = Credentials(SIPURI("example.com", "alice"), "secret")


@pytest.fixture
def relay():
    with Relay() as relay:
        yield relay


def use(relay, *, outgoing=False, incoming=False):
    configuration = SessionManager().msrp_config
    configuration.use_relay_outgoing, configuration.use_relay_incoming = outgoing, incoming
    if relay is not None:
        configuration.relay_host, configuration.relay_port, configuration.relay_use_tls = "127.0.0.1", relay.port, False


def place(watch, credentials=ALICE):
    session = Session()
    session.connect(target(), credentials, chat=True)
    return Call(session, watch.until(lambda: counterpart(watch, session), "an incoming session"))


def talk(watch, call):
    for session in (call.caller, call.callee):
        watch.wait_for("MSRPChatDidStart", session.chat_transport)
    watch.wait_for("SCSessionDidStart", call.callee)
    deliver(watch, call.caller, call.callee, "hello")
    deliver(watch, call.callee, call.caller, "hello yourself")


def hops(session):
    return len(session.chat_transport.local_media.attribute("path").split())


@pytest.mark.parametrize("outgoing", [True, False])
@pytest.mark.parametrize("incoming", [True, False])
def test_a_chat_goes_through_the_relay_of_either_side(relay, outgoing, incoming):
    with running() as watch:
        use(relay, outgoing=outgoing, incoming=incoming)
        call = place(watch)
        call.callee.accept(chat=True, password="secret")
        talk(watch, call)
        assert (hops(call.caller), hops(call.callee)) == (1 + outgoing, 1 + incoming)
        hang_up(watch, call)


def test_a_chat_is_initialised_when_it_has_its_path(relay):
    with running() as watch:
        use(relay, outgoing=True)
        call = place(watch)
        watch.wait_for("MSRPChatDidInitialize", call.caller.chat_transport)
        assert call.caller.call.pending.request.body.count(b"msrp://") == 2
        call.caller.terminate()
        watch.wait_for("SCSessionDidEnd", call.callee)


@pytest.mark.parametrize("outgoing", [True, False])
def test_a_relay_that_is_named_and_refuses_fails_the_chat(outgoing):
    with Relay(Rules(refuse="403 Forbidden")) as relay, running() as watch:
        use(relay, outgoing=outgoing, incoming=not outgoing)
        if outgoing:
            session = Session()
            session.connect(target(), ALICE, chat=True)
        else:
            session = place(watch).callee
            session.accept(chat=True, password="secret")
        watch.wait_for("SCSessionDidEnd", session)
        failed = watch.data("MSRPChatDidFail")
        assert failed["context"] == "initialize"
        assert "403" in failed["reason"]
        assert isinstance(failed["failure"], MSRPChatError)
        assert "403" in watch.data("SCSessionDidFail", session)["reason"]


def test_a_relay_that_is_named_and_is_not_there_fails_the_chat():
    with running() as watch:
        with Relay() as relay:
            use(relay, outgoing=True)
        session = Session()
        session.connect(target(), ALICE, chat=True)
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.data("MSRPChatDidFail")["context"] == "initialize"


def test_the_relay_of_the_domain_is_looked_for_and_used(relay, monkeypatch):
    asked = []

    def find(name):
        asked.append(name)
        return [Service(0, 0, "127.0.0.1", relay.port)]

    monkeypatch.setattr(msrp_relay_finder, "look_up", find)
    with running() as watch:
        use(None, outgoing=True)
        SessionManager().msrp_config.relay_use_tls = False
        call = place(watch)
        call.callee.accept(chat=True)
        talk(watch, call)
        assert (hops(call.caller), asked) == (2, ["_msrp._tcp.example.com"])
        hang_up(watch, call)


@pytest.mark.parametrize(
    ("credentials", "is_asked"),
    [
        (ALICE, True),
        (Credentials(SIPURI("example.com", "alice")), False),
        (Credentials(SIPURI("127.0.0.1", "alice"), "secret"), False),
    ],
)
def test_a_domain_without_a_relay_is_no_obstacle_and_one_that_cannot_have_one_is_not_asked(
    credentials, is_asked, monkeypatch
):
    asked = []
    monkeypatch.setattr(msrp_relay_finder, "look_up", lambda name: asked.append(name) or [])
    with running() as watch:
        use(None, outgoing=True, incoming=True)
        call = place(watch, credentials)
        call.callee.accept(chat=True, password="secret")
        talk(watch, call)
        assert (hops(call.caller), hops(call.callee)) == (1, 1)
        assert bool(asked) is is_asked
        assert watch.count("MSRPChatDidInitialize") == 2
        hang_up(watch, call)
