"""Large requests: they go by TCP; where there is no TCP, fragments of UDP must get through."""

from __future__ import annotations

import secrets
from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING

from gevent import socket
from gevent import timeout as limits

from sipsimple.actors.wire.sockets import address_text, family_of, source_address
from sipsimple.cli.doctor.finding import Clerk, Finding
from sipsimple.cli.doctor.probe import request_uri
from sipsimple.protocols.sip.message import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipsimple.cli.doctor.subject import Subject
    from sipsimple.protocols.sip.resolve.targets import Target

fragmentation = Clerk("fragmentation")

LARGE_BYTES = 2000
"""More than one Ethernet frame holds, and less than any server refuses."""

REPEATS = (0.5, 1.0, 2.0)
"""Seconds to wait for an answer, before each repeat: a lost datagram says nothing."""

LOST = (
    'Requests with much SDP, and messages of more than 1300 bytes, get lost on the way: set transport = "tcp" or "tls",'
    " or have the server answer TCP too."
)


def check_fragmentation(subject: Subject) -> Iterator[Finding]:
    """See how a request gets there that is too large for a datagram."""
    target = subject.targets[0] if subject.targets else None
    if target is None or not subject.reached:
        yield fragmentation.skipped("no server can be reached")
    elif target.transport != "udp":
        yield fragmentation.ok(f"requests go by {target.transport}, whatever their size")
    elif any(each.transport == "tcp" for each in subject.reached):
        yield fragmentation.ok("requests of more than 1300 bytes go by TCP, which the server answers")
    elif target not in subject.reached:
        yield fragmentation.skipped("the server does not answer small requests")
    else:
        yield judge(_is_answered(target), address_text((target.host, target.port)))


def judge(is_answered: bool, place: str) -> Finding:
    """Say what became of a large datagram."""
    if is_answered:
        return fragmentation.ok(f"{place} has no TCP, and answers requests of {LARGE_BYTES} bytes by UDP")
    return fragmentation.warning(f"{place} has no TCP, and does not answer large requests by UDP", LOST)


def _is_answered(target: Target) -> bool:
    """Send an OPTIONS of many bytes, which the engine would not, and tell whether anything comes back."""
    family = family_of(target.host)
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as sock:
        sock.bind((source_address(target.host) or "", 0))
        sock.connect((target.host, target.port))
        data = large_request(target, *sock.getsockname()[:2])
        for seconds in REPEATS:
            try:
                sock.send(data)
                if _receives(sock, seconds):
                    return True
            except OSError:
                return False
    return False


def _receives(sock: socket.socket, seconds: float) -> bool:
    ends = monotonic() + seconds
    sock.settimeout(max(0.0, ends - monotonic()))
    try:
        return bool(sock.recv(65536))
    except (TimeoutError, limits.Timeout):
        return False


def large_request(target: Target, host: str, port: int) -> bytes:
    """Return an OPTIONS of LARGE_BYTES."""
    uri = str(request_uri(target).uri())
    sent_by = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    headers = [
        ("Via", f"SIP/2.0/UDP {sent_by};branch=z9hG4bK{secrets.token_hex(8)};rport"),
        ("Max-Forwards", "70"),
        ("From", f"<sip:doctor@{sent_by}>;tag={secrets.token_hex(8)}"),
        ("To", f"<{uri}>"),
        ("Call-ID", secrets.token_hex(16)),
        ("CSeq", "1 OPTIONS"),
        ("Contact", f"<sip:doctor@{sent_by}>"),
    ]
    bare = len(bytes(Request("OPTIONS", uri, headers)))
    padding = "x" * max(0, LARGE_BYTES - bare - len("Subject: \r\n"))
    return bytes(Request("OPTIONS", uri, [*headers, ("Subject", padding)]))
