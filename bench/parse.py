"""What reading and writing SIP messages costs, against the least that Python needs for it.

The bound is `Lazy`: one split of the head into a dict of raw header values,
nothing checked. It is measured here, in the same run, turn by turn with ours.
"""

from __future__ import annotations

import re
import sys
import time
import timeit
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lines import figure

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.framer import Framer
from sipsimple.protocols.sip.inspection import inspect_request
from sipsimple.protocols.sip.message import Request, parse, response_to

ROUNDS = 2000
REPEATS = 15
HOSTILE_GOAL_MS = 5.0

SDP = (
    b"v=0\r\no=- 3747 3747 IN IP4 10.0.0.1\r\ns=x\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 9 0 8 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n"
)
INVITE = (
    b"INVITE sip:bob@127.0.0.1:5060 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKPj-1-abcdef0123456789\r\n"
    b"Max-Forwards: 70\r\n"
    b'From: "Alice" <sip:alice@example.com>;tag=9fxced76sl\r\n'
    b"To: <sip:bob@example.com>\r\n"
    b"Contact: <sip:alice@10.0.0.1:5060;transport=udp>"
    b';+sip.instance="<urn:uuid:00000000-0000-0000-0000-000a95a0e128>"\r\n'
    b"Call-ID: 3848276298220188511@atlanta.example.com\r\n"
    b"CSeq: 31862 INVITE\r\n"
    b"Route: <sip:p1.example.com;lr>\r\n"
    b"Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, MESSAGE, NOTIFY, REFER, SUBSCRIBE, INFO, PRACK\r\n"
    b"Supported: replaces, timer, 100rel, outbound\r\n"
    b"Session-Expires: 1800\r\nMin-SE: 90\r\nUser-Agent: h4-bench/1.0\r\n"
    b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(SDP)
) + SDP
OK = (
    b"SIP/2.0 200 OK\r\n"
    b"Via: SIP/2.0/UDP 10.0.0.1:5060;rport=5060;received=10.0.0.1;branch=z9hG4bKPj-1-abcdef0123456789\r\n"
    b"Record-Route: <sip:p1.example.com;lr>\r\n"
    b'From: "Alice" <sip:alice@example.com>;tag=9fxced76sl\r\n'
    b"To: <sip:bob@example.com>;tag=314159\r\n"
    b"Call-ID: 3848276298220188511@atlanta.example.com\r\n"
    b"CSeq: 31862 INVITE\r\nContact: <sip:bob@10.0.0.2:5060>\r\nServer: h4\r\n"
    b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(SDP)
) + SDP

COMPACT = {b"v": b"via", b"f": b"from", b"t": b"to", b"i": b"call-id", b"m": b"contact", b"l": b"content-length"}
FOLD = re.compile(rb"\r\n[ \t]+")


class Lazy:
    """The bound: lazy headers with folding and compact forms, and no check of anything."""

    __slots__ = ("body", "headers", "line")

    def __init__(self, data):
        end = data.find(b"\r\n\r\n")
        head = data[:end]
        if b"\r\n " in head or b"\r\n\t" in head:
            head = FOLD.sub(b" ", head)
        lines = head.split(b"\r\n")
        self.line = lines[0]
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            name = name.strip().lower()
            if len(name) == 1:
                name = COMPACT.get(name, name)
            if name in headers:
                headers[name].append(value)
            else:
                headers[name] = [value]
        self.headers = headers
        self.body = data[end + 4 :]

    def write(self):
        lines = [self.line]
        for name, values in self.headers.items():
            lines += [name + b": " + value for value in values]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


def typed(data):
    message = parse(data)
    return message.via, message.from_, message.to, message.contact, message.cseq, message.content_length


def typed_with_uris(data):
    via, from_, to, contact, cseq, length = typed(data)
    return via, from_.uri, to.uri, contact.uri, cseq, length


def fresh(message):
    """Return a copy that has not been written yet."""
    return message.replacing({})


def turns(*functions):
    """Return the best time of each in us; they take turns, so that a slow moment of the machine meets all."""
    timers = [timeit.Timer(function) for function in functions]
    best = [float("inf")] * len(timers)
    for _ in range(REPEATS):
        for index, timer in enumerate(timers):
            best[index] = min(best[index], timer.timeit(ROUNDS) / ROUNDS * 1e6)
    return best


def hostile():
    """Datagrams of 64 KiB that are made to cost."""
    units = ['"', '\\"', "<sip:a@h>,", " ", ";a=b", "%41", "\r\n ", ";a" * 60 + ",<sip:a@h>", "-1", ",", "9"]
    names = ("Via", "From", "Contact", "Route", "Content-Type", "Call-ID")
    for name in names:
        for start in ("", '"', "<sip:a@h>", "<sip:h;", "SIP/2.0/UDP h", "tel:+1"):
            for unit in units:
                line = f"{name}: {start}{unit * (65000 // len(unit))}"
                yield f"INVITE sip:h SIP/2.0\r\nCSeq: 1 INVITE\r\n{line}\r\n\r\n".encode()
    yield b"INVITE sip:h SIP/2.0\r\n" + b"a:\r\n" * 16000 + b"\r\n"
    yield b"\r\n" * 32000
    yield b"A " * 32000


def refuse_or_read(data):
    try:
        message = parse(data)
    except RemoteProtocolError:
        return
    for name in (
        "via",
        "vias",
        "from_",
        "to",
        "contacts",
        "cseq",
        "routes",
        "record_routes",
        "content_type",
        "require",
    ):
        try:
            value = getattr(message, name)
            for each in value if name in {"contacts", "routes"} else [value]:
                getattr(each, "uri", None)
        except RemoteProtocolError:
            continue
    if isinstance(message, Request):
        inspect_request(message)


def slowest_ms(datagrams):
    """Return the time of the slowest datagram, each at its best of three."""
    worst = 0.0
    for data in datagrams:
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            refuse_or_read(data)
            best = min(best, time.perf_counter() - start)
        worst = max(worst, best * 1000)
    return worst


def main():
    better = {"smaller_is_better": True}
    for name, data in (("invite", INVITE), ("200", OK)):
        bare, ours, with_types, with_uris = turns(
            lambda data=data: Lazy(data),
            lambda data=data: parse(data),
            lambda data=data: typed(data),
            lambda data=data: typed_with_uris(data),
        )
        figure(f"parse.{name}", ours, "us", bare, 1.5, **better)
        figure(f"parse.{name}_typed", with_types, "us", bare, 3.0, **better)
        figure(f"parse.{name}_typed_with_uris", with_uris, "us", bare, 3.0, **better)
    request, lazy = parse(INVITE), Lazy(INVITE)
    bare, copied, written = turns(lazy.write, lambda: fresh(request), lambda: bytes(fresh(request)))
    figure("parse.invite_write", written - copied, "us", bare, 2.0, **better)
    bare, ours = turns(lambda: Lazy(INVITE), lambda: bytes(response_to(request, 200, to_tag="x", body=SDP)))
    figure("parse.200_build_and_write", ours, "us", bare, 2.0, **better)
    bare, ours = turns(lambda: Lazy(INVITE), lambda: Framer().feed(INVITE))
    figure("parse.invite_stream", ours, "us", bare, 3.0, **better)
    figure("parse.hostile_64_kib", slowest_ms(hostile()), "ms", HOSTILE_GOAL_MS, 1.0, **better)


if __name__ == "__main__":
    main()
