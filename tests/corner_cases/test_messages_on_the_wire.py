"""What a peer of a few lines reads in the messages of whole calls, in both roles."""

from __future__ import annotations

import re
import socket

import pytest

from sipsimple.api.engine import running as lives
from sipsimple.core import SIPURI
from sipsimple.session import MSRPConfiguration, Session, SessionManager
from tests.endpoints import alice, port, running
from tests.interop.sip_peer import SIPPeer, chat_line, description, parse

OUR_PATH = "msrp://127.0.0.1:9/peersession;tcp"
LINE = chat_line(OUR_PATH, "setup:active")


@pytest.fixture
def ring(monkeypatch):
    """The engine in a thread of its own, and a raw SIP peer."""
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    with SIPPeer() as peer, running(hub="own", user_agent="Tester 1.0") as watch:
        yield watch, peer


def a_call_that_we_place(watch, peer):
    """Call the peer, which answers, and hang up."""
    session = Session()
    session.connect(SIPURI("127.0.0.1", "peer", port=peer.port), alice(), chat=True)
    invite = peer.receive("INVITE")
    peer.respond(invite, 180, "Ringing")
    peer.respond(invite, 200, "OK", body=description(LINE))
    peer.receive("ACK")
    watch.wait_for("SCSessionDidStart", session)
    session.terminate()
    peer.respond(peer.receive("BYE"), 200, "OK")
    watch.wait_for("SCSessionDidEnd", session)
    return invite


def a_call_that_we_take(watch, peer):
    """Be called by the peer, twice because it did not hear us, and hang up."""
    before = watch.count("SCSessionNewIncoming")
    invite = peer.invite(port(), description(LINE))
    session = watch.wait_for("SCSessionNewIncoming", count=before + 1).sender
    peer.receive("SIP/2.0 180")
    peer.send(invite)
    session.accept(chat=True)
    answer = peer.receive("SIP/2.0 200")
    peer.send(peer.within(invite, "ACK", answer))
    watch.wait_for("SCSessionDidStart", session)
    session.terminate()
    peer.respond(peer.receive("BYE"), 200, "OK")
    watch.wait_for("SCSessionDidEnd", session)
    return answer


def test_every_message_names_its_program_once(ring):
    watch, peer = ring
    a_call_that_we_place(watch, peer)
    a_call_that_we_take(watch, peer)
    assert peer.repeats == 1, "the 180 again"
    for each in peer.received:
        names = each.all("User-Agent"), each.all("Server")
        if each.method == "ACK":  # is the end of an INVITE that has said it
            assert names == ([], [])
        else:
            assert names == ((["Tester 1.0"], []) if each.status == 0 else ([], ["Tester 1.0"])), each


def test_a_message_without_a_body_has_no_trace_of_one(ring):
    watch, peer = ring
    a_call_that_we_place(watch, peer)
    a_call_that_we_take(watch, peer)
    without = [each for each in peer.received if not each.body]
    assert {each.method for each in without} == {"ACK", "BYE", "SIP/2.0"}
    for each in without:
        assert (each.get("Content-Length"), each.get("Content-Type")) == ("0", "")
    for each in peer.received:
        assert each.get("Content-Length") == str(len(each.body.encode()))


def test_the_tag_of_the_callee_stands_in_every_message_of_its_dialog(ring):
    watch, peer = ring
    a_call_that_we_place(watch, peer)
    assert {each.method: each.tag("To") for each in peer.received} == {"INVITE": "", "ACK": "rawtag", "BYE": "rawtag"}
    del peer.received[:]
    answer = a_call_that_we_take(watch, peer)
    ours = answer.tag("To")
    assert ours
    for each in peer.received:
        assert each.tag("From" if each.method == "BYE" else "To") == ours, each


@pytest.mark.parametrize("make", [a_call_that_we_place, a_call_that_we_take])
def test_our_description_has_a_name_that_is_not_blank(ring, make):
    watch, peer = ring
    described = make(watch, peer)
    (name,) = re.findall(r"^s=(.*)\r$", described.body, re.MULTILINE)
    assert name.strip()


@pytest.mark.parametrize(("arguments", "status"), [((), 486), ((603,), 603)])
def test_a_call_is_rejected_as_busy_here_or_declined_everywhere(ring, arguments, status):
    watch, peer = ring
    peer.invite(port(), description(LINE))
    session = watch.wait_for("SCSessionNewIncoming").sender
    peer.receive("SIP/2.0 180")
    session.reject(*arguments)
    assert peer.receive("SIP/2.0").status == status


def test_a_call_is_taken_whomever_its_to_names(ring):
    """Forwarding changes the Request-URI only, so To says whom somebody called, not who is called now."""
    watch, peer = ring
    peer.invite(port(), description(LINE), to="sip:reception@example.org")
    session = watch.wait_for("SCSessionNewIncoming").sender
    assert session.callee_uri == SIPURI("example.org", "reception")
    assert peer.receive("SIP/2.0 180").contact == f"sip:bob@127.0.0.1:{port()}"


@pytest.mark.parametrize("local_port", [None, 0])
def test_the_path_that_we_offer_never_has_port_0(ring, local_port):
    watch, peer = ring
    SessionManager().msrp_config = MSRPConfiguration(local_use_tls=False, local_port=local_port)
    invite = a_call_that_we_place(watch, peer)
    line, path = re.search(r"^m=message (\d+)", invite.body, re.MULTILINE), re.search(r":(\d+)/", invite.path)
    assert line[1] == path[1]
    assert int(path[1]) > 0


class Connected:
    """A raw SIP peer over one TCP connection, which listens nowhere."""

    def __init__(self, to):
        self.socket = socket.create_connection(("127.0.0.1", to), timeout=15)
        self.read = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, text):
        self.socket.sendall(text.replace("SIP/2.0/UDP", "SIP/2.0/TCP").encode())

    def receive(self, start):
        """Take messages until one begins with `start`."""
        while True:
            while not (head := self.read.partition(b"\r\n\r\n"))[1]:
                self._more()
            size = int(re.search(rb"Content-Length: *(\d+)", head[0])[1])
            while len(self.read) < len(head[0]) + 4 + size:
                self._more()
            whole, self.read = self.read[: len(head[0]) + 4 + size], self.read[len(head[0]) + 4 + size :]
            message = parse(whole)
            if message.start.startswith(start):
                return message

    def _more(self):
        read = self.socket.recv(65536)
        assert read, f"the connection ended after {self.read!r}"
        self.read += read


def test_what_follows_a_call_comes_over_the_connection_that_brought_it(ring):
    watch, peer = ring
    invite = peer.invite(port(), description("m=video 5000 RTP/AVP 96\r\n"))
    shaped = peer.receive("SIP/2.0 488")
    with Connected(port("tcp")) as caller:
        body = description(LINE)
        head = re.sub(r"Content-Length: \d+", f"Content-Length: {len(body)}", invite.partition("\r\n\r\n")[0])
        head = re.sub(r"Contact: <([^>]*)>", r"Contact: <\1;transport=tcp>", head)
        head = head.replace(f"SIP/2.0/UDP 127.0.0.1:{peer.port}", "SIP/2.0/UDP 127.0.0.1:9")
        head = head.replace(f"@127.0.0.1:{peer.port}", "@127.0.0.1:9").replace("Call-ID: ", "Call-ID: tcp")
        caller.send(f"{head}\r\n\r\n{body}")
        session = watch.wait_for("SCSessionNewIncoming").sender
        session.accept(chat=True)
        answer = caller.receive("SIP/2.0 200")
        assert "transport=tcp" in answer.contact
        caller.send(peer.within(f"{head}\r\n\r\n{body}", "ACK", answer))
        watch.wait_for("SCSessionDidStart", session)
        session.terminate()
        bye = caller.receive("BYE")
        assert bye.get("Via").startswith("SIP/2.0/TCP")
        assert shaped.get("Call-ID") != bye.get("Call-ID")
