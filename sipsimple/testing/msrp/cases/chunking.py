"""RFC 4975 sections 5.1, 7.1.1 and 7.3: messages in chunks, limits."""

from __future__ import annotations

from sipsimple.testing.msrp.case import (
    Alive,
    Answered,
    AnswerWith,
    Look,
    NotReceived,
    Received,
    Refused,
    Reported,
    Spoken,
    Unreported,
    View,
)
from sipsimple.testing.msrp.cases.building import must, request, send, several, should

ECHO = frozenset({"echo"})
LIMITED = frozenset({"max_size"})
TOO_LARGE = 11 * 1024 * 1024


def ids_differ(view: View) -> str | None:
    """Every message and transaction of the peer has an id of its own."""
    messages = [each.get("Message-ID") for each in view.sends if each.body is not None]
    transactions = [each.transaction_id for each in view.chunks if each.method]
    repeated = len(set(messages)) < len(messages) or len(set(transactions)) < len(transactions)
    return f"ids come twice: {messages}, {transactions}" if repeated else None


def stopped_early(view: View) -> str | None:
    """A message in chunks was given up before its end."""
    bodies = [each.body for each in view.sends if each.body is not None]
    size = sum(map(len, bodies))
    return f"{size} bytes came, in {len(bodies)} chunks" if len(bodies) > 1 and size >= 4_000_000 else None


def part(t: str, span: str, body: bytes, flag: str = "+", m: str = "m1", **options: str) -> bytes:
    """One chunk of a message."""
    return request(
        t, m=m, span=span, body=body, flag=flag, success=options.get("success"), failure=options.get("failure")
    )


CHUNKS = (
    must(
        "4975-5.1-two-chunks",
        "Two chunks are one message; each is answered, reports cover it all",
        several(part("t1", "1-5/10", b"first", success="yes"), part("t2", "6-10/10", b"secon", "$", success="yes")),
        Answered("t1"),
        Answered("t2"),
        Reported("m1", size=10),
    ),
    must(
        "4975-5.1-reassembled",
        "A message in chunks arrives whole",
        several(part("t1", "1-*/11", b"one "), part("t2", "5-*/11", b"two "), part("t3", "9-*/11", b"six", "$")),
        Received(b"one two six"),
        needs=ECHO,
    ),
    must(
        "4975-5.1-one-byte-chunks",
        "Chunks may carry one byte each",
        several(*(part(f"t{n}", f"{n}-{n}/6", b"abcdef"[n - 1 : n], "$" if n == 6 else "+") for n in range(1, 7))),
        *(Answered(f"t{n}") for n in range(1, 7)),
    ),
    must(
        "4975-5.1-interrupted",
        "A chunk may end short of the range that it announced",
        several(part("t1", "1-100/100", b"x" * 40), part("t2", "41-100/100", b"x" * 60, "$", success="yes")),
        Answered("t1"),
        Answered("t2"),
        Reported("m1"),
    ),
    must(
        "4975-5.1-interleaved",
        "Chunks of two messages may alternate",
        several(
            part("t1", "1-*/8", b"aaaa"),
            part("t2", "1-*/8", b"bbbb", m="m2"),
            part("t3", "5-8/8", b"AAAA", "$"),
            part("t4", "5-8/8", b"BBBB", "$", m="m2"),
        ),
        *(Answered(f"t{n}") for n in range(1, 5)),
        Alive(),
    ),
    must(
        "4975-5.1-interleaved-reassembled",
        "Each of two messages whose chunks alternate arrives whole",
        several(
            part("t1", "1-*/8", b"aaaa"),
            part("t2", "1-*/8", b"bbbb", m="m2"),
            part("t3", "5-8/8", b"AAAA", "$"),
            part("t4", "5-8/8", b"BBBB", "$", m="m2"),
        ),
        Received(b"aaaaAAAA"),
        Received(b"bbbbBBBB"),
        needs=ECHO,
    ),
    must(
        "4975-5.1-between-chunks",
        "A whole message may come between the chunks of another",
        several(part("t1", "1-*/8", b"aaaa"), request("t2", m="m2"), part("t3", "5-8/8", b"AAAA", "$")),
        Answered("t1"),
        Answered("t2"),
        Answered("t3"),
    ),
    should(
        "4975-7.3-out-of-order",
        "Chunks may come in another order",
        several(part("t1", "5-8/8", b"AAAA", "$"), part("t2", "1-4/8", b"aaaa")),
        Answered("t1"),
        Answered("t2"),
        Received(b"aaaaAAAA"),
        needs=ECHO,
    ),
    should(
        "4975-7.3-duplicated",
        "A chunk that comes twice counts once",
        several(part("t1", "1-4/8", b"aaaa"), part("t2", "1-4/8", b"aaaa"), part("t3", "5-8/8", b"AAAA", "$")),
        Received(b"aaaaAAAA"),
        needs=ECHO,
    ),
    should(
        "4975-7.3-overlapping",
        "Chunks that overlap are one message",
        several(part("t1", "1-6/8", b"abcdef"), part("t2", "4-8/8", b"defgh", "$")),
        Received(b"abcdefgh"),
        needs=ECHO,
    ),
    must(
        "4975-5.1-no-report-before-whole",
        "A message that is not whole is not reported as delivered whole",
        several(part("t1", "1-5/10", b"first", success="yes")),
        Answered("t1"),
        Look(lambda view: "a REPORT of bytes that never came" if over(view, 5) else None),
    ),
    must(
        "4975-7.1-abort",
        "A message that is aborted with # is answered, and is over",
        several(part("t1", "1-4/8", b"aaaa"), part("t2", "5-8/8", b"AA", "#", success="yes")),
        Answered("t1"),
        Unreported("m1", 200),
        Alive(),
    ),
    must(
        "4975-7.1-abort-not-delivered",
        "A message that is aborted with # is not delivered",
        several(part("t1", "1-4/12", b"gone"), part("t2", "5-12/12", b"more", "#")),
        NotReceived(b"gone"),
        needs=ECHO,
    ),
    must(
        "4975-7.1-abort-at-once",
        "A message may be aborted in its first chunk",
        send(flag="#"),
        Alive(),
        send("t2", m="m2"),
        Answered("t2"),
    ),
)


def over(view: View, size: int) -> bool:
    """Whether a success report names bytes after `size`."""
    return any((each.byte_range[1] or 0) > size for each in view.reports("m1") if each.status == 200)


LIMITS = (
    must(
        "4975-10-too-large",
        "A message that is larger than the peer takes is answered 413",
        send(span=f"1-*/{TOO_LARGE}", body=b"x" * 2048, flag="+"),
        Answered("t1", (413,)),
        needs=LIMITED,
    ),
    must(
        "4975-10-too-large-survives",
        "After 413 the session goes on",
        send(span=f"1-*/{TOO_LARGE}", body=b"x" * 2048, flag="#"),
        Alive(),
        send("t2", m="m2"),
        Answered("t2"),
        needs=LIMITED,
    ),
    should(
        "4975-10-far-away",
        "A chunk from beyond all bounds is refused, and does no harm",
        send(span="99999999999999-*/*"),
        Refused("t1", "m1"),
        Alive(),
    ),
    should(
        "4975-5.1-many-unfinished",
        "Two hundred messages that are never finished do no harm",
        several(*(part(f"{n}unfinished", "1-*/*", b"x", m=f"m{n}") for n in range(200))),
        Alive(),
        send("t2", m="m999"),
        Answered("t2"),
    ),
)

SENDING = (
    must(
        "4975-7.1-echo",
        "The peer's own messages come whole",
        send(body=b"what goes around"),
        Received(b"what goes around"),
        needs=ECHO,
    ),
    must(
        "4975-7.1-echo-ids",
        "Each message and transaction of the peer has an id of its own",
        several(*(request(f"t{n}", m=f"m{n}", body=b"number %d" % n) for n in range(1, 6))),
        *(Received(b"number %d" % n) for n in range(1, 6)),
        Look(ids_differ),
        needs=ECHO,
    ),
    must(
        "4975-7.1-echo-dashes",
        "The peer's transaction ids do not end its own bodies",
        send(body=b"-------\r\n-------$\r\n"),
        Received(b"-------\r\n-------$\r\n"),
        needs=ECHO,
    ),
    must(
        "4975-5.1-echo-large",
        "A message of 400,000 bytes comes back whole",
        send(body=b"0123456789" * 40_000, span="1-*/400000"),
        Received(b"0123456789" * 40_000),
        needs=ECHO,
    ),
)

REFUSING = (
    must(
        "4975-7.2-refused-echo",
        "The peer survives that its message is refused",
        AnswerWith(413),
        send(body=b"send it back"),
        Received(b"send it back"),
        Alive(),
        needs=ECHO,
    ),
    should(
        "4975-10-413-stops",
        "After 413 no more of a message comes than was on its way",
        AnswerWith(413),
        send(body=b"0123456789" * 400_000, span="1-*/4000000"),
        Answered("t1"),
        Spoken(),
        Alive(),
        Look(stopped_early),
        needs=ECHO,
    ),
)

CASES = (*REFUSING, *CHUNKS, *LIMITS, *SENDING)
