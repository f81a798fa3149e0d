"""An engine in a container: what peers are told to reach it by, and that they do reach it there.

What stands for the outside is a name, or another loopback address: to an engine that listens everywhere both lead.
"""

from __future__ import annotations

import re

import pytest

from sipsimple.core import SIPURI, Engine
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.message import Request, Response, parse
from sipsimple.session import Session, SessionManager
from tests.api.audio.calls import needs_audio, ring, sounding
from tests.endpoints import alice, deliver, established, hang_up, port, running
from tests.interop.sip_peer import SIPPeer

OUTSIDE = "127.0.0.2"


def received(watch, method=None):
    """The messages that the engine got, of one method or of any."""
    traces = [each.data for each in watch.seen if each.name == "SCEngineSIPTrace" and each.data.received]
    messages = [parse(each.data.encode()) for each in traces]
    return [each for each in messages if method is None or (isinstance(each, Request) and each.method == method)]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize(("listening", "outside"), [("127.0.0.1", "localhost"), ("0.0.0.0", OUTSIDE)])
def test_contact_via_descriptions_and_msrp_paths_say_the_advertised_address_and_lead_here(
    transport, listening, outside
):
    with running(trace_sip=True, local_ip=listening, advertised_host=outside) as watch:
        SessionManager().msrp_config.local_ip = OUTSIDE if outside == OUTSIDE else None
        call = established(watch, transport, SIPURI(outside, "bob", port=port(transport), parameters=way(transport)))
        for end in (call.caller, call.callee):
            assert f"://{outside}:" in str(end.chat_transport.local_media.attribute("path"))
        deliver(watch, call.caller, call.callee, "in")
        deliver(watch, call.callee, call.caller, "out")
        call.callee.terminate()
        watch.wait_for("SCSessionDidEnd", count=2)
        [invite], [bye] = received(watch, "INVITE"), received(watch, "BYE")
        answer = next(each for each in received(watch) if isinstance(each, Response) and each.status == 200)
    assert bye.via.host == invite.via.host == outside
    assert invite.contact.uri.port == invite.via.port
    for message in (invite, answer):
        assert message.contact.uri.host == outside
        assert set(re.findall(rb"IN IP4 (\S+)", message.body)) == {outside.encode()}  # in o= and c=


def way(transport):
    return None if transport == "udp" else {"transport": transport}


def test_a_port_that_is_another_one_outside_stands_in_contact_and_via():
    with SIPPeer() as peer, running(hub="own", advertised_host=OUTSIDE, advertised_udp_port=15060) as watch:
        session = Session()
        session.connect(SIPURI("127.0.0.1", "bob", port=peer.port), alice(), chat=True)
        invite = peer.receive("INVITE")
        assert f"{OUTSIDE}:15060" in invite.get("Contact")
        assert f"{OUTSIDE}:15060;" in invite.get("Via")
        peer.respond(invite, 486, "Busy Here")
        watch.wait_for("SCSessionDidEnd", session)


def test_hosts_inside_are_told_where_we_listen():
    with running(trace_sip=True, advertised_inside=("127.0.0.0/8",), advertised_host="203.0.113.1") as watch:
        call = established(watch)
        assert "127.0.0.1" in str(call.callee.chat_transport.local_media.attribute("path"))
        hang_up(watch, call)
        [invite] = received(watch, "INVITE")
    assert invite.contact.uri.host == invite.via.host == "127.0.0.1"
    assert b"203.0.113.1" not in bytes(invite)


@needs_audio
@pytest.mark.slow
def test_the_audio_line_says_the_advertised_address_and_the_port_that_is_bound():
    with sounding(trace_sip=True, advertised_host=OUTSIDE) as watch:
        call = ring(watch)
        call.callee.reject()
        watch.wait_for("SCSessionDidEnd", call.caller)
        [invite] = received(watch, "INVITE")
    description = SessionDescription.parse(invite.body)
    [audio] = description.media
    assert description.connection_of(audio).address == OUTSIDE


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"advertised_host": "two words"}, ValueError),
        ({"advertised_host": 7}, ValueError),
        ({"advertised_udp_port": 0}, ValueError),
        ({"advertised_inside": "10.0.0.0/8"}, TypeError),
        ({"advertised_inside": ("10.0.0.1/8",)}, ValueError),
        ({"admission": None}, TypeError),
        ({"manners": {}}, TypeError),
    ],
)
def test_what_cannot_be_advertised_or_asked_is_refused_before_anything_starts(options, error):
    with pytest.raises(error, match=next(iter(options))):
        Engine().start(**options)
    assert not Engine().is_running
