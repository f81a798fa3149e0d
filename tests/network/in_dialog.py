"""A raw peer inside a call: its requests, and the dialog that another call may take the place of."""

from __future__ import annotations

from tests.endpoints import port
from tests.interop.sip_peer import chat_line, description

OUR_PATH = "msrp://127.0.0.1:9/peersession;tcp"
CHAT = description(chat_line(OUR_PATH))


def request_of(peer, invite, answer, method, number, *headers, body="", content_type="text/plain"):
    """Shape a request of the peer inside its call, with a body of any type."""
    text = peer.within(invite, method, answer, number, body)
    text = text.replace("Content-Type: application/sdp", f"Content-Type: {content_type}")
    return text.replace("\r\nContent-Length", "".join(f"\r\n{each}" for each in headers) + "\r\nContent-Length")


def called_by(watch, peer, *headers):
    """Let the peer call; return the session, the INVITE and the 200."""
    before = watch.count("SCSessionNewIncoming")
    invite = peer.invite(port(), CHAT, *headers)
    session = watch.wait_for("SCSessionNewIncoming", count=before + 1).sender
    if session.replaces is None:
        session.accept(chat=True)
    answer = peer.receive("SIP/2.0 200")
    peer.send(peer.within(invite, "ACK", answer))
    watch.wait_for("SCSessionDidStart", session)
    return session, invite, answer


def replaces(invite, answer, *, call_id=None, to_tag=None, from_tag=None, flags=""):
    ours, theirs = to_tag or answer.tag("To"), from_tag or answer.tag("From")
    return f"Replaces: {call_id or answer.get('Call-ID')};to-tag={ours};from-tag={theirs}{flags}"
