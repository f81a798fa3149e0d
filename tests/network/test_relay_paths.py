"""Paths through MSRP relays in calls: several relays, TLS, challenges, paths that change. RFC 4976 sections 5, 9."""

from __future__ import annotations

import pytest

from sipsimple.actors.wire import tls
from sipsimple.core import SIPURI, Credentials
from sipsimple.errors import MSRPChatError
from sipsimple.msrp import MSRPRelaySettings
from sipsimple.session import Session, SessionManager
from tests.endpoints import Call, counterpart, deliver, hang_up, running, target
from tests.interop.msrp_relay import Relay, Rules

ALICE = Credentials(SIPURI("example.com", "alice"), "secret")


def use(relay, *, outgoing=True, incoming=False, **options):
    configuration = SessionManager().msrp_config
    configuration.use_relay_outgoing, configuration.use_relay_incoming = outgoing, incoming
    configuration.relay_host, configuration.relay_port = "127.0.0.1", relay.port
    configuration.relay_use_tls = relay.scheme == "msrps"
    for name, value in options.items():
        setattr(configuration, name, value)


def ring(watch):
    session = Session()
    session.connect(target(), ALICE, chat=True)
    return Call(session, watch.until(lambda: counterpart(watch, session), "an incoming session"))


def answered(watch):
    call = ring(watch)
    call.callee.accept(chat=True, password="secret")
    for session in (call.caller, call.callee):
        watch.wait_for("SCSessionDidStart", session)
        watch.wait_for("MSRPChatDidStart", session.chat_transport)
    return call


def talk(watch, call, text="hello"):
    deliver(watch, call.caller, call.callee, text)
    deliver(watch, call.callee, call.caller, f"{text} yourself")


def path_of(session):
    return session.chat_transport.local_media.attribute("path").split()


def test_several_relays_in_a_row_are_gone_through():
    with Relay() as inner, Relay() as outer, running() as watch:
        beyond = MSRPRelaySettings("127.0.0.1", "alice", "secret", "127.0.0.1", outer.port, use_tls=False)
        use(inner, relays=[beyond])
        call = answered(watch)
        talk(watch, call)
        path = path_of(call.caller)
        assert [f":{outer.port}/" in path[0], f":{inner.port}/" in path[1], len(path)] == [True, True, 3]
        assert inner.forwarded
        assert outer.forwarded
        hang_up(watch, call)


def test_of_several_challenges_the_strongest_that_we_know_is_answered():
    """RFC 4976 section 9.1, RFC 7616 section 3.7: each in a line of its own."""
    weaker = ('Digest realm="relay.test", nonce="weak", qop="auth", algorithm=MD5', 'Other realm="relay.test"')
    with Relay(Rules(algorithm="SHA-256", also=weaker)) as relay, running() as watch:
        use(relay)
        call = answered(watch)
        talk(watch, call)
        assert "SHA-256" in relay.auths[-1].headers["Authorization"]
        hang_up(watch, call)


@pytest.fixture
def certificate():
    return tls.self_signed_certificate("127.0.0.1")


@pytest.mark.parametrize("how", ["relay_ca_file", "unverified"])
def test_a_relay_over_tls_is_vouched_for_by_the_given_file_or_not_at_all(certificate, tmp_path, how):
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(certificate.certificate_pem)
    options = {"relay_ca_file": ca_file} if how == "relay_ca_file" else {"relay_verify_server": False}
    with Relay(tls=tls.server_context(certificate)) as relay, running() as watch:
        use(relay, **options)
        call = answered(watch)
        talk(watch, call)
        assert path_of(call.caller)[0].startswith("msrps://")
        hang_up(watch, call)


@pytest.mark.parametrize("role", ["outgoing", "incoming"])
def test_a_chat_of_two_ends_with_tls_goes_through_a_relay_of_either(certificate, tmp_path, role):
    """The fingerprint of an end is not that of its relay."""
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(certificate.certificate_pem)
    with Relay(tls=tls.server_context(certificate)) as relay, running() as watch:
        roles = {"outgoing": role == "outgoing", "incoming": role == "incoming"}
        use(relay, **roles, relay_ca_file=ca_file, local_use_tls=True)
        call = answered(watch)
        talk(watch, call)
        assert relay.forwarded
        hang_up(watch, call)


def test_a_relay_is_vouched_for_by_the_engines_authorities_too(certificate, tmp_path):
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(certificate.certificate_pem)
    with Relay(tls=tls.server_context(certificate)) as relay, running(tls_ca_file=str(ca_file)) as watch:
        use(relay)
        call = answered(watch)
        hang_up(watch, call)


@pytest.mark.parametrize("name", ["127.0.0.1", "somebody.else"])
def test_a_relay_that_nobody_vouches_for_by_its_name_fails_the_chat(certificate, tmp_path, name):
    other = tls.self_signed_certificate(name)
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes((certificate if name == "127.0.0.1" else other).certificate_pem)
    with Relay(tls=tls.server_context(other)) as relay, running() as watch:
        use(relay, relay_ca_file=ca_file)
        session = Session()
        session.connect(target(), ALICE, chat=True)
        watch.wait_for("SCSessionDidEnd", session)
        assert "certificate" in watch.data("MSRPChatDidFail")["reason"]


def test_authorities_that_cannot_be_read_fail_the_chat(certificate):
    with Relay(tls=tls.server_context(certificate)) as relay, running() as watch:
        use(relay, relay_ca_file="/nowhere/ca.pem")
        session = Session()
        session.connect(target(), ALICE, chat=True)
        watch.wait_for("SCSessionDidEnd", session)
        failed = watch.data("MSRPChatDidFail")
        assert "/nowhere/ca.pem" in failed["reason"]
        assert isinstance(failed["failure"], MSRPChatError)


def test_a_path_that_changes_is_offered_to_the_peer_and_messages_go_on():
    """The refresh gives another path and ends the one before: only a re-INVITE keeps the chat alive."""
    with Relay(Rules(expires=2, moves=True)) as relay, running() as watch:
        use(relay)
        call = answered(watch)
        talk(watch, call, "before")
        first = path_of(call.caller)
        watch.until(lambda: path_of(call.caller) != first, "another path")
        remote = call.callee.chat_transport
        watch.until(lambda: remote._chat.session.remote_path[0] not in first, "the peer to know it")
        talk(watch, call, "after")
        assert watch.count("MSRPChatDidStart") == 2
        assert watch.count("MSRPChatDidFail") == 0
        hang_up(watch, call)


@pytest.mark.parametrize("value", [["x"], "relay", 7])
def test_what_is_no_relay_is_refused_when_it_is_set(value):
    with pytest.raises(TypeError):
        SessionManager().msrp_config.relays = value


def test_the_password_of_a_relay_is_never_printed():
    assert "hush" not in repr(MSRPRelaySettings("example.com", "alice", "hush"))
    with pytest.raises(ValueError, match="cannot be sent") as refused:
        MSRPRelaySettings("example.com", "alice", "hush\r\n")
    assert "hush" not in str(refused.value)
