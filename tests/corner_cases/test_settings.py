"""Arguments and options whose absence, None or 0 mean different things."""

from __future__ import annotations

import inspect
import socket

import pytest

from sipsimple.api.audio.engine import leg_settings
from sipsimple.api.engine import running as lives
from sipsimple.api.host import ANY_ADDRESS, default_host_ip
from sipsimple.core import SIPURI, Engine, Route
from sipsimple.session import MSRPConfiguration, RTPConfiguration, Session, SessionManager
from tests.endpoints import alice, established, hang_up, place, port, running
from tests.interop.msrp_peer import connected
from tests.interop.sip_peer import SIPPeer, chat_line, description


def test_a_port_that_is_not_there_is_none_and_none_is_no_number():
    without, default, zero = [SIPURI("example.com", "bob", port=number) for number in (None, 5060, 0)]
    assert (without.port, default.port, zero.port) == (None, 5060, 0)
    assert len({str(each) for each in (without, default, zero)}) == 3
    assert without != default
    assert zero not in (without, default)
    assert SIPURI.parse("sip:bob@example.com").port is None


def test_a_parameter_without_a_value_is_none_and_has_no_equals_sign():
    uri = SIPURI.parse("sip:proxy.example.com;lr;transport=tcp")
    assert uri.parameters == {"lr": None, "transport": "tcp"}
    assert str(uri) == "sip:proxy.example.com;lr;transport=tcp"
    assert str(SIPURI("proxy.example.com", parameters={"lr": None})) == "sip:proxy.example.com;lr"
    assert str(SIPURI("proxy.example.com", parameters={"x": ""})) != "sip:proxy.example.com;x"


@pytest.mark.parametrize("options", [{}, {"use_ice": False}], ids=str)
def test_a_stun_server_is_not_asked_without_ice(options):
    configuration = RTPConfiguration(ice_stun_address="192.0.2.2", **options)
    assert leg_settings(configuration, "127.0.0.1").stun == ""


@pytest.mark.parametrize("use_ice", [False, True])
def test_rtp_is_bound_to_no_single_address_where_none_was_chosen(use_ice):
    """With ICE each address of the host is a candidate."""
    automatic, chosen = RTPConfiguration(use_ice=use_ice), RTPConfiguration("192.0.2.7", use_ice=use_ice)
    assert leg_settings(automatic, ANY_ADDRESS).address == ""
    assert leg_settings(automatic, "192.0.2.8").address == "192.0.2.8"
    assert leg_settings(chosen, ANY_ADDRESS).address == "192.0.2.7"


def test_a_call_needs_no_ringtone():
    config = SessionManager().ringtone_config
    assert (config.outbound_ringtone, config.default_inbound_ringtone) == (None, None)
    with running() as watch:
        call = place(watch)
        watch.wait_for("SCSessionGotRingIndication", call.caller)
        call.callee.accept(chat=True)
        watch.wait_for("SCSessionDidStart", call.caller)
        hang_up(watch, call)


def test_listening_ports_are_any_free_ones_or_none_at_all():
    with running(local_udp_port=0, local_tcp_port=None):
        assert port("udp") > 0
        assert (Engine().local_tcp_port, Engine().local_tls_port) == (None, None)
    with running(local_udp_port=None, local_tcp_port=0) as watch:
        assert Engine().local_udp_port is None
        hang_up(watch, established(watch, "tcp"))


@pytest.mark.parametrize("local_port", [None, 0, "a given one"])
def test_the_msrp_port_is_any_free_one_or_the_given_one(local_port):
    if local_port == "a given one":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            local_port = probe.getsockname()[1]
    with running() as watch:
        SessionManager().msrp_config = MSRPConfiguration(local_use_tls=False, local_port=local_port)
        call = established(watch)
        number = call.callee.chat_transport.local_media.port
        assert number == local_port if local_port else number > 0
        hang_up(watch, call)


def test_the_codecs_of_every_telephone_come_first_and_tls_is_verified():
    defaults = Engine.default_start_options
    assert {each.upper() for each in defaults["codecs"][:3]} == {"G722", "PCMU", "PCMA"}
    assert defaults["tls_verify_server"] is True


def test_what_the_2009_text_calls_new_is_connect_and_a_host_may_have_a_name():
    assert inspect.signature(Session.new) == inspect.signature(Session.connect)
    assert Route("proxy.example.com").address == "proxy.example.com"
    assert default_host_ip().count(".") == 3


@pytest.mark.parametrize("tolerated", [False, True])
def test_a_call_whose_ack_never_comes_begins_only_where_that_is_tolerated(monkeypatch, tolerated):
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    options = {"tolerate_missing_ack": True} if tolerated else {}
    with SIPPeer() as peer, running(hub="own", sip_t1=0.01, **options) as watch:
        peer.invite(port(), description(chat_line("msrp://127.0.0.1:9/peersession;tcp", "setup:active")))
        session = watch.wait_for("SCSessionNewIncoming").sender
        session.accept(chat=True)
        if tolerated:
            watch.wait_for("SCSessionDidStart", session)
            session.terminate()
        peer.respond(peer.receive("BYE"), 200, "OK")
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.count("SCSessionDidFail") == (0 if tolerated else 1)
        assert watch.count("SCSessionDidStart") == (1 if tolerated else 0)


def test_a_peer_that_speaks_no_tls_is_hung_up_at_once_and_the_chat_waits_on(monkeypatch):
    """Whose it was cannot be known: the session is named in the first message only."""
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    ours = "msrps://127.0.0.1:9/peersession;tcp"
    with SIPPeer() as peer, running(hub="own") as watch:
        SessionManager().msrp_config = MSRPConfiguration(local_use_tls=True)
        session = Session()
        session.connect(SIPURI("127.0.0.1", "peer", port=peer.port), alice(), chat=True)
        invite = peer.receive("INVITE")
        peer.respond(invite, 200, "OK", body=description(chat_line(ours, "setup:active", protocol="TCP/TLS/MSRP")))
        peer.receive("ACK")
        watch.wait_for("SCSessionDidStart", session)
        with connected(ours.replace("msrps", "msrp"), invite.path.replace("msrps", "msrp")) as plain:
            plain.send(None)
            assert hung_up(plain)
        assert watch.count("MSRPChatDidFail") == 0
        assert (session.state, session.has_chat) == ("ESTABLISHED", True)


def hung_up(plain):
    """Whether the connection ends; what may come before is the alert of TLS."""
    try:
        while plain._connection.recv(4096):
            pass
    except ConnectionError:
        pass
    return True
