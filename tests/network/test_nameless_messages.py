"""Messages that do not name their transaction reach no actor: nobody's state is lost over what a stranger sends.

RFC: 3261 8.1.1, 16.3, 17.1.3, 17.2.3.
"""

from __future__ import annotations

import socket

import pytest

from sipsimple.core import Engine
from tests.endpoints import port
from tests.interop.sip_peer import chat_line, description

OUR_PATH = "msrp://127.0.0.1:9/peersession;tcp"


def nameless(start, via, to="<sip:b@example.org>"):
    """A message with an old branch, which names nothing by itself, and without CSeq."""
    lines = [start, f"Via: {via}", "From: <sip:a@example.org>;tag=1", f"To: {to}", "Call-ID: z", "Content-Length: 0"]
    return "\r\n".join([*lines, "", ""])


def first_invite(here):
    """An INVITE by TCP."""
    body = description(chat_line(OUR_PATH))
    head = [
        "INVITE sip:bob@127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/TCP {here};branch=z9hG4bKtcp",
        "Max-Forwards: 70",
        "From: <sip:a@example.org>;tag=1",
        "To: <sip:bob@127.0.0.1>",
        "Call-ID: first",
        "CSeq: 1 INVITE",
        f"Contact: <sip:a@{here};transport=tcp>",
        "Content-Type: application/sdp",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*head, "", body])


def refused(watch, peer):
    """A call that was refused; its 486 waits for its ACK. Returns the INVITE and our tag."""
    invite = peer.invite(port(), description(chat_line(OUR_PATH)))
    watch.wait_for("SCSessionNewIncoming").sender.reject()
    answer = peer.receive("SIP/2.0 486")
    watch.wait_for("SCSessionDidEnd")
    return invite, answer.tag("To")


def is_served(peer):
    """The peer is answered, after everything that it has sent before."""
    invite = peer.invite(port(), "", "Require: unheard-of")
    peer.send(peer.within(invite, "ACK", peer.receive("SIP/2.0 420")))
    return True


@pytest.mark.parametrize("start", ["ACK sip:x SIP/2.0", "BYE sip:x SIP/2.0", "SIP/2.0 200 OK", "SIP/2.0 401 No"])
def test_what_was_finished_is_answered_for_after_messages_for_it_that_name_nothing(ring, start):
    watch, peer = ring
    invite, tag = refused(watch, peer)
    branch = f"z9hG4bK{tag}1" if start.startswith("SIP") else "old"
    for _ in range(3):
        peer.send(nameless(start, f"SIP/2.0/UDP 127.0.0.1:{peer.port};branch={branch}", f"<sip:b@c>;tag={tag}"))
    assert is_served(peer)
    keeper = Engine().core.around.lingering
    assert (keeper.restarts, len(keeper.state.calls)) == (0, 1)
    peer.received.clear()
    peer.send(invite)
    peer.send(peer.within(invite, "ACK", peer.receive("SIP/2.0 486")))


def test_the_endpoint_goes_on_after_requests_that_came_right_behind_the_first_invite(ring):
    """Nobody is known yet when they are routed, and somebody is when it is their turn."""
    watch, peer = ring
    with socket.create_connection(("127.0.0.1", port("tcp"))) as stream:
        here = f"127.0.0.1:{stream.getsockname()[1]}"
        more = [nameless("OPTIONS sip:x SIP/2.0", f"SIP/2.0/TCP {here};branch=old{each}") for each in range(9)]
        stream.sendall("".join([first_invite(here), *more]).encode())
        watch.wait_for("SCSessionNewIncoming").sender.reject()
        watch.wait_for("SCSessionDidEnd")
    assert is_served(peer)
    assert Engine().core.router.endpoint.restarts == 0
