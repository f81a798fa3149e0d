"""Where we listen and what peers are told of it: the address that was given, or whichever leads to them now."""

from __future__ import annotations

import socket

import pytest

from sipsimple.api.engine import running as lives
from sipsimple.api.host import default_host_ip
from sipsimple.core import SIPURI, Engine
from sipsimple.session import Session
from tests.endpoints import alice, established, hang_up, port, running
from tests.interop.sip_peer import SIPPeer
from tests.network.test_behind_nat import SEEN, seen_at

OTHER = "127.0.0.2"  # as good an address of this host as any


@pytest.fixture(autouse=True)
def peers_are_not_waited_for(monkeypatch):
    """Peers here do not answer when the engine ends."""
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)


def call(peer, host="127.0.0.1"):
    """Call the peer; return the session and its INVITE."""
    session = Session()
    session.connect(SIPURI(host, "bob", port=peer.port), alice(), chat=True)
    return session, peer.receive("INVITE")


def is_open(host):
    """Whether somebody listens at our TCP port of that address."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port("tcp"))) == 0


def test_an_address_that_was_given_is_the_only_one():
    with SIPPeer() as peer, running(hub="own", local_ip=OTHER):
        assert Engine().local_ip == OTHER
        assert (is_open(OTHER), is_open("127.0.0.1")) == (True, False)
        _session, invite = call(peer)
        assert peer.address == (OTHER, port())
        assert f"{OTHER}:{port()}" in invite.contact
        assert f"{OTHER}:{port()};" in invite.get("Via")
        assert f"c=IN IP4 {OTHER}\r\n" in invite.body
        assert f"//{OTHER}:" in invite.path


def test_without_one_all_addresses_of_the_host_lead_to_us():
    with running(local_ip=None) as watch:
        assert Engine().local_ip == default_host_ip()
        for host in dict.fromkeys(("127.0.0.1", OTHER, default_host_ip())):
            assert is_open(host)
            hang_up(watch, established(watch, to=SIPURI(host, "bob", port=port())))


def test_without_one_each_peer_is_told_the_address_that_leads_to_it():
    """So a host whose address changes goes on: nothing of ours is bound to the old one."""
    with SIPPeer() as near, SIPPeer() as far, running(hub="own", local_ip=None):
        far.socket.close()
        far.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        far.socket.bind((default_host_ip(), 0))
        far.socket.settimeout(15)
        far.port = far.socket.getsockname()[1]
        for peer, host in ((near, "127.0.0.1"), (far, default_host_ip())):
            _session, invite = call(peer, host)
            assert f"{host}:{port()}" in invite.contact
            assert f"{host}:{port()};" in invite.get("Via")
            assert f"c=IN IP4 {host}\r\n" in invite.body


def test_when_the_network_has_changed_it_is_forgotten_where_peers_saw_us():
    with SIPPeer() as peer, running(hub="own", local_ip=None) as watch:
        for sees, told in ((SEEN, "127.0.0.1"), (SEEN, SEEN), ("127.0.0.1", "127.0.0.1")):
            session, invite = call(peer)
            assert f"{told}:{port()}" in invite.contact
            peer.address = ("127.0.0.1", port())
            peer.respond(seen_at(invite, sees, port()), 486, "Busy Here")
            watch.wait_for("SCSessionDidEnd", session)
            if told == SEEN:
                Engine().network_changed()
