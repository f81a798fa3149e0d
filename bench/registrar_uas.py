"""The far end of `registrations.py`: a registrar of a few lines, on one UDP socket, that loses what it is told to lose.

It says its port, then serves. Asked to `report` it says when REGISTERs came, how many bindings there are, and how
many ran out before they were refreshed.

Usage: python bench/registrar_uas.py EXPIRES [LOSS]
"""

from __future__ import annotations

import json
import os
import random
import re
import socket
import sys
import threading
import time

from processes import cpu_seconds, say

HEADER = re.compile(rb"\r\n([A-Za-z-]+)[ \t]*:[ \t]*([^\r]*)")
ECHOED = (b"via", b"from", b"to", b"call-id", b"cseq")


class Registrar:
    """Bindings by address, with what was seen of them."""

    def __init__(self, expires, loss):
        self.expires = expires
        self.loss = loss
        self.dice = random.Random(1)
        self.runs_out = {}
        self.seen = {}
        self.moments = []
        self.late = self.lost = 0
        self.begun = time.monotonic()

    def is_lost(self):
        is_lost = self.dice.random() < self.loss
        self.lost += is_lost
        return is_lost

    def serve(self, sock):
        while True:
            data, address = sock.recvfrom(65536)
            if data[:8] == b"REGISTER" and not self.is_lost():
                answer = self.answer(data)
                if not self.is_lost():
                    sock.sendto(answer, address)

    def answer(self, data):
        headers = {name.lower(): value for name, value in HEADER.findall(data)}
        user, number = headers[b"to"], headers[b"cseq"]
        now = time.monotonic()
        if self.seen.get(user) != number:
            self.seen[user] = number
            self.moments.append(now - self.begun)
        self.late += self.runs_out.get(user, now) < now
        granted = min(int(headers[b"expires"]), self.expires)
        if granted:
            self.runs_out[user] = now + granted
        else:
            self.runs_out.pop(user, None)
        lines = [b"%s: %s" % (name, headers[name]) for name in ECHOED]
        lines[2] += b";tag=r"
        contact = b"Contact: %s;expires=%d" % (headers[b"contact"], granted)
        return b"SIP/2.0 200 OK\r\n" + b"\r\n".join([*lines, contact, b"Content-Length: 0", b"", b""])

    def report(self):
        return {
            "bindings": len(self.runs_out),
            "late": self.late,
            "lost": self.lost,
            "moments": self.moments,
            "cpu": cpu_seconds(),
        }


def main(expires, loss="0"):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    sock.bind(("127.0.0.1", 0))
    registrar = Registrar(int(expires), float(loss))
    say(port=sock.getsockname()[1])
    threading.Thread(target=registrar.serve, args=(sock,), daemon=True).start()
    for line in sys.stdin:
        assert json.loads(line)["word"] == "report"
        say(**registrar.report())
    os._exit(0)


main(*sys.argv[1:])
