"""The three configuration objects, and the manager that has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipsimple.api.audio.engine import leg_settings
from sipsimple.core import SIPURI, Credentials, Engine
from sipsimple.media import wire
from sipsimple.media.leg.facts import SRTP_FORCED, SRTP_OFF, SRTP_OPTIONAL
from sipsimple.msrp import MSRPRelaySettings
from sipsimple.protocols.sip.usage.state import State
from sipsimple.session import MSRPConfiguration, RingtoneConfiguration, RTPConfiguration, Session, SessionManager


def test_there_is_one_manager_and_one_engine():
    assert SessionManager() is SessionManager()
    assert Engine() is Engine()


def test_the_list_of_sessions_is_a_new_one_each_time():
    assert SessionManager().sessions == []
    assert SessionManager().sessions is not SessionManager().sessions


def test_a_session_whose_streams_are_still_ending_is_no_active_one():
    class Ending:
        current_state = State.TERMINATED

    manager, session = SessionManager(), Ending()
    manager.add(session)
    try:
        assert manager.sessions == []
        assert not manager.wait_until_empty(0.01)
    finally:
        manager.remove(session)


def test_rtp_and_msrp_configuration_are_copied_into_a_session_and_ringtones_are_not():
    manager = SessionManager()
    session = Session()
    assert session.rtp_config == manager.rtp_config
    assert session.msrp_config == manager.msrp_config
    session.rtp_config.use_srtp = True
    session.msrp_config.local_use_tls = False
    assert not manager.rtp_config.use_srtp
    assert manager.msrp_config.local_use_tls
    assert not hasattr(session, "ringtone_config")


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("local_port", -1, ValueError),
        ("local_port", 65536, ValueError),
        ("local_port", "2855", TypeError),
        ("local_port", True, TypeError),
        ("relay_port", 70000, ValueError),
        ("local_ip", "example.com", ValueError),
        ("local_ip", "", ValueError),
        ("local_ip", 7, TypeError),
        ("local_use_tls", "no", TypeError),
        ("local_use_tls", None, TypeError),
        ("use_relay_incoming", 5, TypeError),
        ("use_relay_outgoing", None, TypeError),
        ("relay_host", 5, ValueError),
        ("relay_host", "two words", ValueError),
        ("relay_use_tls", "x", TypeError),
    ],
)
def test_a_bad_msrp_value_is_refused_and_the_configuration_unchanged(name, value, error):
    configuration = MSRPConfiguration(local_ip="::1", local_port=2855)
    before = configuration.copy()
    with pytest.raises(error, match=name):
        setattr(configuration, name, value)
    with pytest.raises(error, match=name):
        MSRPConfiguration(**{name: value})
    assert configuration == before
    configuration.local_ip, configuration.local_port = None, 0
    with pytest.raises(AttributeError):
        configuration.local_prot = 1


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("local_rtp_address", "example.com", ValueError),
        ("local_rtp_address", "::1", ValueError),
        ("local_rtp_address", None, TypeError),
        ("ice_stun_address", "stun.example.com", ValueError),
        ("ice_stun_address", 7, TypeError),
        ("ice_stun_port", 0, ValueError),
        ("ice_stun_port", 65536, ValueError),
        ("ice_stun_port", None, TypeError),
        ("ice_turn_address", "turn.example.com", ValueError),
        ("ice_turn_port", 0, ValueError),
        ("ice_turn_user", "a\nb", ValueError),
        ("ice_turn_user", None, TypeError),
        ("ice_turn_password", "\udcff", ValueError),
        ("use_srtp", 1, TypeError),
        ("srtp_forced", "yes", TypeError),
        ("use_ice", None, TypeError),
    ],
)
def test_a_bad_rtp_value_is_refused_and_the_configuration_unchanged(name, value, error):
    configuration = RTPConfiguration("192.0.2.1", True, ice_stun_address="192.0.2.2")
    before = configuration.copy()
    with pytest.raises(error, match=name):
        setattr(configuration, name, value)
    with pytest.raises(error, match=name):
        RTPConfiguration(**{name: value})
    assert configuration == before
    with pytest.raises(AttributeError):
        configuration.use_strp = True


@pytest.mark.parametrize(
    ("configuration", "host", "address"),
    [
        (RTPConfiguration(), "127.0.0.1", "127.0.0.1"),
        (RTPConfiguration().copy(), "127.0.0.1", "127.0.0.1"),
        (RTPConfiguration("192.0.2.7"), "127.0.0.1", "192.0.2.7"),
        (RTPConfiguration("0.0.0.0"), "127.0.0.1", ""),
        (RTPConfiguration(), "::1", RTPConfiguration().local_rtp_address),
    ],
)
def test_an_address_that_nobody_chose_is_the_engines_if_that_is_ipv4(configuration, host, address):
    assert leg_settings(configuration, host).address == address


@pytest.mark.parametrize(
    ("options", "srtp", "ice", "stun"),
    [
        ({}, SRTP_OFF, False, ""),
        ({"srtp_forced": True}, SRTP_OFF, False, ""),
        ({"use_srtp": True}, SRTP_OPTIONAL, False, ""),
        ({"use_srtp": True, "srtp_forced": True}, SRTP_FORCED, False, ""),
        ({"use_ice": True}, SRTP_OFF, True, ""),
        ({"ice_stun_address": "192.0.2.2"}, SRTP_OFF, False, ""),
        ({"use_ice": True, "ice_stun_address": "192.0.2.2"}, SRTP_OFF, True, "192.0.2.2:3478"),
    ],
)
def test_forced_counts_only_with_srtp_and_stun_only_with_ice(options, srtp, ice, stun):
    settings = leg_settings(RTPConfiguration(**options), "192.0.2.1")
    assert (settings.srtp, settings.ice, settings.stun) == (srtp, ice, stun)


@pytest.mark.parametrize(
    ("address", "host", "ice"),
    [
        ("127.0.0.1", "192.0.2.1", False),
        ("127.9.9.9", "192.0.2.1", False),
        (None, "127.0.0.1", False),
        (None, "192.0.2.1", True),
        ("192.0.2.7", "127.0.0.1", True),
        ("0.0.0.0", "127.0.0.1", True),
    ],
)
def test_on_a_loopback_address_there_is_no_ice_because_the_library_finds_no_candidate_there(address, host, ice):
    servers = {"ice_stun_address": "192.0.2.2", "ice_turn_address": "192.0.2.3"}
    chosen = {} if address is None else {"local_rtp_address": address}
    settings = leg_settings(RTPConfiguration(use_ice=True, **servers, **chosen), host)
    assert (settings.ice, bool(settings.stun), bool(settings.turn)) == (ice, ice, ice)


def test_a_turn_server_counts_only_with_ice_and_its_password_is_printed_nowhere():
    turn = {"ice_turn_address": "192.0.2.3", "ice_turn_user": "alice", "ice_turn_password": "S3CRET"}
    without = leg_settings(RTPConfiguration(**turn), "127.0.0.1")
    assert (without.turn, without.turn_user, without.turn_password) == ("", "", "")
    configuration = RTPConfiguration(use_ice=True, **turn)
    settings = leg_settings(configuration.copy(), "192.0.2.1")
    assert (settings.turn, settings.turn_user, settings.turn_password) == ("192.0.2.3:3478", "alice", "S3CRET")
    opening = wire.Open("leg", 5060, True, turn_password=settings.turn_password)
    assert "S3CRET" not in f"{configuration!r} {settings!r} {opening!r}"
    with pytest.raises(TypeError) as error:
        configuration.ice_turn_password = b"S3CRET"
    assert "S3CRET" not in str(error.value)


def test_a_configuration_that_is_replaced_counts_for_sessions_made_later():
    manager = SessionManager()
    before = Session()
    manager.msrp_config = MSRPConfiguration(local_port=2855)
    try:
        assert before.msrp_config.local_port is None
        assert Session().msrp_config.local_port == 2855
    finally:
        manager.msrp_config = MSRPConfiguration()


@pytest.mark.parametrize("name", ["ringtone_config", "rtp_config", "msrp_config"])
@pytest.mark.parametrize("value", [None, 5, RTPConfiguration, Credentials(SIPURI("example.com", "alice"))])
def test_what_is_no_configuration_is_refused_and_the_manager_unchanged(name, value):
    manager = SessionManager()
    before = getattr(manager, name)
    with pytest.raises(TypeError, match=name):
        setattr(manager, name, value)
    assert getattr(manager, name) is before


@pytest.mark.parametrize("name", ["rtp_config", "msrp_config"])
def test_what_is_no_configuration_is_refused_by_a_session_too(name):
    session = Session()
    before = getattr(session, name)
    with pytest.raises(TypeError, match=name):
        setattr(session, name, None)
    assert getattr(session, name) is before


def test_one_configuration_does_not_stand_for_another():
    with pytest.raises(TypeError, match="rtp_config must be of the type RTPConfiguration, not MSRPConfiguration"):
        SessionManager().rtp_config = MSRPConfiguration()


def test_the_defaults_are_the_published_ones():
    msrp = MSRPConfiguration()
    assert (msrp.local_ip, msrp.local_port, msrp.local_use_tls) == (None, None, True)
    assert (msrp.use_relay_incoming, msrp.use_relay_outgoing, msrp.relay_host) == (True, False, None)
    assert (msrp.relay_port, msrp.relay_use_tls) == (None, None)
    rtp = RTPConfiguration()
    assert (rtp.use_srtp, rtp.srtp_forced, rtp.use_ice) == (False, False, False)
    assert (rtp.ice_stun_address, rtp.ice_stun_port) == (None, 3478)
    assert rtp.local_rtp_address.count(".") == 3


def test_what_is_no_ringtone_or_no_caller_is_refused_at_once():
    ringtones = RingtoneConfiguration()
    for name in ("default_inbound_ringtone", "outbound_ringtone"):
        with pytest.raises(TypeError, match=name):
            setattr(ringtones, name, 7)
        setattr(ringtones, name, Path("ring.wav"))
        setattr(ringtones, name, None)
    alice = SIPURI("example.com", "alice")
    for caller, file in (("sip:alice@example.com", "a.wav"), (alice, None), (alice, 7)):
        with pytest.raises(TypeError):
            ringtones.add_ringtone_for_sipuri(caller, file)
    assert ringtones.get_ringtone_for_sipuri(alice) is None


def test_a_ringtone_is_found_by_user_and_host_only():
    ringtones = RingtoneConfiguration()
    assert (ringtones.default_inbound_ringtone, ringtones.outbound_ringtone) == (None, None)
    ringtones.default_inbound_ringtone = "default.wav"
    ringtones.add_ringtone_for_sipuri(SIPURI("example.com", "alice"), "old.wav")
    ringtones.add_ringtone_for_sipuri(SIPURI("EXAMPLE.com", "alice", port=5070), "alice.wav")
    caller = SIPURI("example.com", "alice", display="Alice", secure=True, parameters={"transport": "tcp"})
    assert ringtones.get_ringtone_for_sipuri(caller) == "alice.wav"
    assert ringtones.get_ringtone_for_sipuri(SIPURI("example.com", "Alice")) == "default.wav"
    ringtones.remove_sipuri(caller)
    assert ringtones.get_ringtone_for_sipuri(caller) == "default.wav"
    with pytest.raises(KeyError):
        ringtones.remove_sipuri(caller)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("relay_verify_server", "yes", TypeError),
        ("relay_ca_file", 7, TypeError),
        ("relays", "msrps://example.com;tcp", TypeError),
        ("relays", [MSRPRelaySettings("example.com", "a", "b")] * 9, ValueError),
        ("chatroom_capabilities", "nickname", TypeError),
        ("chatroom_capabilities", ["applause"], ValueError),
    ],
)
def test_what_the_relays_and_the_chat_room_cannot_be_is_refused(name, value, error):
    configuration = MSRPConfiguration()
    before = getattr(configuration, name)
    with pytest.raises(error):
        setattr(configuration, name, value)
    assert getattr(configuration, name) == before


def test_the_relays_and_the_chat_room_are_copied_with_the_rest():
    relay = MSRPRelaySettings("example.com", "alice", "secret")
    configuration = MSRPConfiguration(relays=[relay], chatroom_capabilities=["nickname", "nickname"])
    copied = configuration.copy()
    assert (copied.relays, copied.chatroom_capabilities) == ((relay,), ("nickname",))


@pytest.mark.parametrize("name", ["message_received_sound", "message_sent_sound"])
def test_a_sound_is_a_path(name):
    ringtones = RingtoneConfiguration()
    setattr(ringtones, name, "ding.wav")
    with pytest.raises(TypeError):
        setattr(ringtones, name, 7)
    assert getattr(ringtones, name) == "ding.wav"
