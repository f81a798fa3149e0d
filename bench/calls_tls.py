"""CPU time of our answerer per call over one SIP/TLS connection, against that over one TCP connection of the same run.

The caller is a plain socket that fills in templates: INVITE with a chat line that nobody connects to, ACK, BYE, many
calls in flight. The connection is opened once: the handshake is measured for itself.

Usage: python bench/calls_tls.py [CALLS [IN_FLIGHT]]
"""

from __future__ import annotations

import re
import socket
import ssl
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lines import figure
from processes import Peer, cpu_nanoseconds

HERE = Path(__file__).parent
GOAL, HANDSHAKE_GOAL = 1.25, 4.0
WARM_UP = 300
ROUNDS = 3
HANDSHAKES = 100
OFFER = (
    "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 2855 TCP/MSRP *\r\n"
    "a=path:msrp://127.0.0.1:2855/x;tcp\r\na=accept-types:text/*\r\na=setup:active\r\n"
)
HEAD = re.compile(rb"SIP/2\.0 (\d+).*?\r\n\r\n", re.DOTALL)
LENGTH, CALL_ID, CSEQ, TO, CONTACT = (
    re.compile(rb"\r\n%s: *([^\r]*)" % name) for name in (b"Content-Length", b"Call-ID", b"CSeq", b"To", b"Contact")
)


class Caller:
    """Many calls over one connection."""

    def __init__(self, sock, transport):
        self.sock, self.transport = sock, transport
        self.address = f"127.0.0.1:{sock.getsockname()[1]}"
        self.buffer = b""

    def request(self, method, uri, number, to, cseq, body=""):
        self.sock.sendall(
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{self.transport.upper()} {self.address};branch=z9hG4bK{method}{number}\r\n"
            f"From: <sip:alice@{self.address}>;tag=t{number}\r\nTo: {to}\r\nCall-ID: c{number}-{self.address}\r\n"
            f"CSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:alice@{self.address};transport={self.transport}>\r\n"
            f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )

    def response(self):
        """Wait for the next response; returns status and head."""
        while True:
            head = HEAD.match(self.buffer)
            if head is not None:
                end = head.end() + int(LENGTH.search(head[0])[1])
                if len(self.buffer) >= end:
                    self.buffer = self.buffer[end:]
                    return int(head[1]), head[0]
            self.buffer += self.sock.recv(65536)

    def place(self, begin, count, window):
        """Place `count` calls, `window` at a time, each ended as soon as it is established."""
        waiting = iter(range(begin, begin + count))
        for number in [next(waiting) for _ in range(min(window, count))]:
            self.request("INVITE", "sip:bob@127.0.0.1", number, "<sip:bob@127.0.0.1>", 1, OFFER)
        done, answered = 0, set()
        while done < count:
            status, head = self.response()
            number = int(CALL_ID.search(head)[1].split(b"-")[0][1:])
            if status < 200:
                continue
            assert status == 200, head
            if b"INVITE" in CSEQ.search(head)[1]:
                if number in answered:
                    continue  # repeated, because the ACK is on its way
                answered.add(number)
                to, uri = (
                    TO.search(head)[1].decode(),
                    CONTACT.search(head)[1].decode().partition("<")[2].partition(">")[0],
                )
                self.request("ACK", uri, number, to, 1)
                self.request("BYE", uri, number, to, 2)
            else:
                done += 1
                number = next(waiting, None)
                if number is not None:
                    self.request("INVITE", "sip:bob@127.0.0.1", number, "<sip:bob@127.0.0.1>", 1, OFFER)


def connect(transport, port):
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if transport == "tcp":
        return sock
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(sock)


def us_per_call(peer, transport, port, calls, in_flight):
    with connect(transport, port) as sock:
        caller = Caller(sock, transport)
        caller.place(0, WARM_UP, in_flight)
        before = cpu_nanoseconds(peer.pid)
        caller.place(WARM_UP, calls, in_flight)
        return (cpu_nanoseconds(peer.pid) - before) / 1000 / calls


def us_per_connection(peer, transport, port):
    before = cpu_nanoseconds(peer.pid)
    for _ in range(HANDSHAKES):
        connect(transport, port).close()
    time.sleep(0.1)  # the answerer notices the last ones
    return (cpu_nanoseconds(peer.pid) - before) / 1000 / HANDSHAKES


def main(calls=2000, in_flight=50):
    with Peer(HERE / "chat_uas.py", "streams") as peer:
        ports = peer.read()
        taken = {"tcp": [], "tls": []}
        for _ in range(ROUNDS):
            for transport, times in taken.items():
                times.append(us_per_call(peer, transport, ports[transport], calls, in_flight))
        tcp, tls = (statistics.median(times) for times in taken.values())
        connection = us_per_connection(peer, "tls", ports["tls"])
    figure("calls_tls.cpu_per_call", tls, "us", tcp, GOAL, smaller_is_better=True)
    # a connection is opened once for many calls: it may cost as much as a few of them
    figure("calls_tls.cpu_per_connection", connection, "us", tcp, HANDSHAKE_GOAL, smaller_is_better=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
