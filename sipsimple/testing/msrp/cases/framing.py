"""RFC 4975 sections 7 and 9: what a chunk may look like."""

from __future__ import annotations

from sipsimple.testing.msrp.case import (
    Alive,
    Answered,
    Closed,
    NotAccepted,
    Received,
    Send,
    Unreported,
)
from sipsimple.testing.msrp.cases.building import EVERY_OCTET, closing, lines, must, request, send, several, should

ECHO = frozenset({"echo"})
LATIN = "text/plain;charset=iso-8859-1"


def literal(identifier: str) -> tuple[Send, ...]:
    """A SEND with this transaction id."""
    return (send(identifier, m="m1"),)


def in_order(*names: str) -> bytes:
    """A SEND with its headers in this order."""
    values = {
        "Message-ID": "[[m1]]",
        "Byte-Range": "1-5/5",
        "Success-Report": "no",
        "Failure-Report": "yes",
        "Content-Type": "text/plain",
    }
    paths = ("To-Path: [[to]]", "From-Path: [[from]]")
    head = lines("t1", "SEND", *paths, *(f"{name}: {values[name]}" for name in names))
    return head + b"\r\n\r\nhello\r\n" + closing("t1")


ODD_CASE = lines(
    "t1",
    "SEND",
    "TO-PATH: [[to]]",
    "from-path: [[from]]",
    "message-id: [[m1]]",
    "BYTE-RANGE: 1-5/5",
    "content-type: text/plain",
)
UNKNOWN = ("X-Unknown: some value", 'Another-One: "quoted", with; all=sorts:of/things \u00fc')

CASES = (
    must("4975-9-tid-shortest", "A transaction id of 4 characters is taken", *literal("a1b2"), Answered("a1b2")),
    must("4975-9-tid-longest", "A transaction id of 32 characters is taken", *literal("x" * 32), Answered("x" * 32)),
    must(
        "4975-9-tid-characters",
        "A transaction id may have any of .-+%=",
        *literal("a.b-c+d%e=f"),
        Answered("a.b-c+d%e=f"),
    ),
    should(
        "4975-9-tid-too-short", "A transaction id of 3 characters is not taken", *literal("abc"), NotAccepted("abc")
    ),
    should(
        "4975-9-tid-too-long",
        "A transaction id of 33 characters is not taken",
        *literal("y" * 33),
        NotAccepted("y" * 33),
    ),
    must(
        "4975-9-header-order",
        "Headers after the two paths may come in any order",
        Send(in_order("Failure-Report", "Byte-Range", "Success-Report", "Message-ID", "Content-Type")),
        Answered("t1"),
    ),
    should(
        "4975-9-header-case",
        "Names of headers are not sensitive to case",
        Send(ODD_CASE + b"\r\n\r\nhello\r\n" + closing("t1")),
        Answered("t1"),
    ),
    must("4975-9-unknown-headers", "Unknown headers are ignored", send(extra=UNKNOWN), Answered("t1")),
    should(
        "4975-9-long-header",
        "A header of 4000 bytes is no trouble",
        send(extra=("X-Long: " + "x" * 4000,)),
        Answered("t1"),
    ),
    must(
        "4975-7.1-split-everywhere",
        "Bytes that come one by one are the same message",
        send(pieces=1),
        Answered("t1"),
        Alive(),
    ),
    must(
        "4975-7.1-split-in-end-line",
        "An end-line that comes in two parts is found",
        Send(request()[:-3]),
        Send(request()[-3:]),
        Answered("t1"),
    ),
    must(
        "4975-7.1-pipelined",
        "Twenty requests in one go are answered each",
        several(*(request(f"t{n}", m=f"m{n}") for n in range(1, 21))),
        *(Answered(f"t{n}") for n in range(1, 21)),
    ),
    must(
        "4975-7.1-end-line-of-another",
        "The end-line of another transaction inside a body is body",
        send(body=b"one\r\n-------other$\r\ntwo"),
        Answered("t1"),
        Alive(),
    ),
    must(
        "4975-7.1-dashes",
        "Dashes at the end of a body are body",
        send(body=b"text\r\n-------"),
        Answered("t1"),
        send("t2", m="m2", body=b"-------\r\n"),
        Answered("t2"),
        Alive(),
    ),
    must(
        "4975-7.1-every-octet", "A body may hold any octet", send(kind=LATIN, body=EVERY_OCTET), Answered("t1"), Alive()
    ),
    must(
        "4975-7.1-line-ends",
        "Bare CR, bare LF and blank lines inside a body are body",
        send(body=b"a\rb\nc\r\n\r\nd\n\ne\r\r"),
        Answered("t1"),
        Alive(),
    ),
    must(
        "4975-7.1-msrp-in-body",
        "A whole MSRP request inside a body is body",
        send(body=b"MSRP abcd SEND\r\nTo-Path: x\r\nFrom-Path: y\r\n\r\nz\r\n-------abcd$\r\n"),
        Answered("t1"),
        Alive(),
    ),
    must(
        "4975-7.1-body-kept",
        "Line ends at both ends of a body are part of it",
        send(body=b"\r\nkept\r\n"),
        Answered("t1"),
        Received(b"\r\nkept\r\n"),
        needs=ECHO,
    ),
    must(
        "4975-7.1.1-empty-send",
        "A SEND without a body is answered 200 and is no message",
        send(body=None, span="1-0/0", success="yes"),
        Answered("t1"),
        Alive(),
    ),
    must(
        "4975-7.1.1-empty-body",
        "A SEND with a type and an empty body is answered 200",
        send(body=b""),
        Answered("t1"),
        Alive(),
    ),
    must(
        "4975-7.1.1-keep-alives",
        "Empty SENDs again and again keep the session alive",
        several(*(request(f"t{n}", m=f"m{n}", body=None, span="1-0/0") for n in range(1, 6))),
        *(Answered(f"t{n}") for n in range(1, 6)),
        Unreported("m1"),
    ),
    must(
        "4975-7.1.1-large-chunk",
        "A chunk of 200,000 bytes is taken",
        send(body=b"x" * 200_000, span="1-*/200000", success="no"),
        Answered("t1"),
    ),
    must(
        "4975-7.1.1-large-chunk-in-pieces",
        "A chunk of 100,000 bytes that comes in pieces of 1000 is taken",
        send(body=b"y" * 100_000, span="1-*/100000", pieces=1000),
        Answered("t1"),
    ),
    should(
        "4975-7.1-garbage",
        "What is no MSRP is not answered as if it were",
        Send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        Closed(),
    ),
    should(
        "4975-7.1-wrong-end-line",
        "A head that ends with the end-line of another transaction is not taken",
        Send(
            lines("t1", "SEND", "To-Path: [[to]]", "From-Path: [[from]]", "Message-ID: [[m1]]")
            + b"\r\n-------other$\r\n"
        ),
        NotAccepted("t1"),
    ),
    should(
        "4975-9-header-without-colon",
        "A header line without a colon is not taken",
        send(extra=("no colon here",)),
        NotAccepted("t1"),
    ),
    should(
        "4975-9-endless-head",
        "A head that does not end is given up",
        Send(lines("t1", "SEND", "To-Path: [[to]]") + b"\r\nX-Long: " + b"x" * 2_000_000),
        Closed(),
    ),
)
