"""The bound of `calls.py`: the least SIP answerer on gevent that reads every header.

One greenlet in `recvfrom`, one regular expression; no transactions, no
retransmissions, no dialogs. Says its port as a JSON line, then serves.
"""

from __future__ import annotations

import re
import socket

from gevent import socket as cooperative
from processes import say

HEADER = re.compile(rb"\r\n([A-Za-z-]+)[ \t]*:[ \t]*([^\r]*(?:\r\n[ \t][^\r]*)*)")
BODY = (
    b"v=0\r\no=- 3747 3747 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 2855 TCP/MSRP *\r\n"
    b"a=path:msrp://127.0.0.1:2855/bare;tcp\r\na=accept-types:message/cpim text/*\r\n"
    b"a=accept-wrapped-types:*\r\na=setup:passive\r\n"
)


def answer(data, address, send, contact):
    method = data[:4]
    if method == b"ACK ":
        return
    headers = {}
    for name, value in HEADER.findall(data, 0, data.find(b"\r\n\r\n")):
        headers.setdefault(name.lower(), []).append(value)
    vias = b"".join(b"Via: " + value + b"\r\n" for value in headers[b"via"])

    def respond(status, to, extra, body=b""):
        send(
            b"SIP/2.0 " + status + b"\r\n" + vias + b"From: " + headers[b"from"][0] + b"\r\nTo: " + to
            + b"\r\nCall-ID: " + headers[b"call-id"][0] + b"\r\nCSeq: " + headers[b"cseq"][0] + b"\r\n" + extra
            + b"Content-Length: %d\r\n\r\n" % len(body) + body,
            address,
        )  # fmt: skip

    to = headers[b"to"][0]
    if method == b"INVI":
        respond(b"100 Trying", to, b"")
        to += b";tag=h4x%x" % (hash(headers[b"call-id"][0]) & 0xFFFFFFFF)
        respond(b"180 Ringing", to, contact)
        respond(b"200 OK", to, contact + b"Content-Type: application/sdp\r\n", BODY)
    else:
        respond(b"200 OK", to, b"")


def serve():
    sock = cooperative.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.bind(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    say(port=port)
    contact = b"Contact: <sip:uas@127.0.0.1:%d>\r\n" % port
    while True:
        data, address = sock.recvfrom(65535)
        answer(data, address, sock.sendto, contact)


serve()
