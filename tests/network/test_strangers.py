"""What strangers get from a running engine that asks them to keep to limits."""

from __future__ import annotations

import contextlib
import socket

import pytest

from sipsimple.core import AdmissionLimits, Engine, Manners
from tests.endpoints import port, running
from tests.interop.sip_peer import SIPPeer, chat_line, description

OFFER = description(chat_line("msrp://127.0.0.1:9/stranger;tcp", "setup:active"))


@contextlib.contextmanager
def guarded(manners: Manners | None = None, **limits):
    """A running engine with these limits, and a raw peer."""
    options = {"admission": AdmissionLimits(**limits), "manners": manners or Manners()}
    with SIPPeer() as peer, running(hub="own", sip_t1=0.05, **options) as watch:
        watch.on["SCSessionNewIncoming"] = lambda session: session.reject()
        yield watch, peer


def options(peer: SIPPeer, user: str = "bob", method: str = "OPTIONS", branch: str = "z9hG4bKo1") -> str:
    return "\r\n".join(
        [
            f"{method} sip:{user}@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{peer.port};branch={branch}",
            "From: <sip:s@h>;tag=s",
            f"To: <sip:{user}@h>",
            "Call-ID: scan",
            f"CSeq: 1 {method}",
            "Content-Length: 0",
            "",
            "",
        ]
    )


def test_calls_beyond_the_rate_are_503_and_their_repeats_too():
    with guarded(calls_per_second=1) as (watch, peer):
        taken = peer.invite(port(), OFFER)
        peer.send(peer.within(taken, "ACK", peer.receive("SIP/2.0 486")))
        invite = peer.invite(port(), OFFER)
        refused = peer.receive("SIP/2.0 503")
        assert refused.get("Retry-After") == "2"
        assert not refused.get("Server")
        repeats = peer.repeats
        peer.send(invite)
        peer.send(options(peer))
        peer.receive("SIP/2.0 200")
        assert peer.repeats == repeats + 1
        assert watch.count("SCSessionNewIncoming") == 1


def test_a_scanner_is_told_nothing_but_what_must_be_and_then_nothing():
    with guarded(requests_per_second=3) as (_watch, peer):
        peer.address = ("127.0.0.1", port())
        for number in range(3):
            peer.send(options(peer, method=("OPTIONS", "REGISTER", "BYE")[number], branch=f"z9hG4bK{number}"))
            answer = peer.receive("SIP/2.0")
            assert not answer.get("Server")
            assert not answer.get("User-Agent")
        peer.send(options(peer, method="BYE", branch="z9hG4bK3"))
        peer.send(options(peer, branch="z9hG4bK4"))
        assert peer.receive("SIP/2.0").status == 503


@pytest.mark.parametrize("method", ["OPTIONS", "INVITE"])
def test_names_that_are_not_called_here_are_404(method):
    with guarded(Manners(users=frozenset({"bob"}), shows_server=True)) as (watch, peer):
        peer.address = ("127.0.0.1", port())
        peer.send(options(peer, "carol", method))
        answer = peer.receive("SIP/2.0")
        assert answer.status == 404
        assert answer.get("Server")
        peer.send(options(peer, "bob", branch="z9hG4bKo2"))
        assert peer.receive("SIP/2.0 200")
        assert watch.count("SCSessionNewIncoming") == 0


@pytest.mark.parametrize("allowed", [True, False])
def test_a_response_goes_to_maddr_only_where_the_application_allows_it(allowed):
    with guarded(Manners(follows_maddr=allowed)) as (_watch, peer), SIPPeer() as victim:
        peer.address = ("127.0.0.1", port())
        told, host = (victim, "127.0.0.1") if allowed else (peer, "127.0.0.99")
        peer.send(options(peer).replace(f":{peer.port};", f":{told.port};maddr={host};"))
        assert told.receive("SIP/2.0 200")


def test_an_invite_of_ours_that_comes_back_is_a_loop_where_the_application_says_so():
    with guarded(Manners(takes_own_calls=False)) as (watch, peer):
        peer.address = ("127.0.0.1", port())
        core = Engine().core
        core.system.call(core.router.add, "0123456789abcdef", core.around.lingering)
        own = "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK0123456789abcdef7\r\nFrom"
        peer.send(options(peer, method="INVITE").replace("From", own, 1))
        assert peer.receive("SIP/2.0").status == 482
        core.system.call(core.router.forget, "0123456789abcdef")
        assert watch.count("SCSessionNewIncoming") == 0


def test_a_message_that_is_too_big_is_513_and_the_connection_that_brought_it_is_ended():
    """RFC 3261 21.5.7; what follows on the connection cannot be told apart."""
    with guarded(message_bytes=600) as (_watch, peer):
        peer.address = ("127.0.0.1", port())
        peer.send(options(peer).replace("Call-ID: scan", f"Call-ID: {'x' * 700}"))
        assert peer.receive("SIP/2.0").status == 513
        with socket.create_connection(("127.0.0.1", port("tcp")), timeout=10) as sock:
            sock.sendall(options(peer).replace("Content-Length: 0", "Content-Length: 600").encode())
            answer = b"".join(iter(lambda: sock.recv(4096), b""))
        assert answer.startswith(b"SIP/2.0 513 ")


def test_garbage_beyond_its_rate_is_dropped():
    with guarded(malformed_per_second=2) as (_watch, peer):
        peer.address = ("127.0.0.1", port())
        for number in range(6):
            peer.send(options(peer, branch=f"z9hG4bKg{number}").replace("SIP/2.0\r", "SIP/9.0\r", 1))
        peer.send(options(peer))
        assert peer.receive("SIP/2.0 200")
        assert [each.status for each in peer.received] == [505, 505, 200]


def test_a_call_is_pending_until_its_200_is_acknowledged_and_an_ack_for_the_180_is_none():
    with guarded(pending_calls=1) as (watch, peer):
        del watch.on["SCSessionNewIncoming"]
        first = peer.invite(port(), OFFER)
        peer.send(peer.within(first, "ACK", peer.receive("SIP/2.0 180")))
        peer.invite(port(), OFFER)
        peer.receive("SIP/2.0 503")
        session = watch.wait_for("SCSessionNewIncoming").sender
        session.accept(chat=True)
        peer.send(peer.within(first, "ACK", peer.receive("SIP/2.0 200")))
        watch.wait_for("SCSessionDidStart", session)
        peer.invite(port(), OFFER)
        peer.receive("SIP/2.0 180")
        watch.wait_for("SCSessionNewIncoming", count=2).sender.reject()
        peer.receive("SIP/2.0 486")
        session.terminate()
        peer.respond(peer.receive("BYE"), 200, "OK")
        watch.wait_for("SCSessionDidEnd", session)
