"""One message of our own for each kind of oddity and defect that RFC 4475 and RFC 5118 have one for.

`tests/network/test_torture.py` sends the same messages to a running engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.framer import reply_to_malformed
from sipsimple.protocols.sip.inspection import inspect_request, refuse_method
from sipsimple.protocols.sip.message import Response, parse
from sipsimple.protocols.sip.usage.within.exchange import ALLOW
from tests.interop.sip_peer import chat_line, description

SILENT = 0
TAKEN = 180
OFFERED = frozenset({"INVITE", "OPTIONS", "BYE", "CANCEL", "ACK", "MESSAGE"})
LATER = frozenset({200, TAKEN, 415, 481, 488})
"""Statuses that are decided after everything which the core can see in one message."""

OFFER = description(chat_line("msrp://192.0.2.7:9/torture;tcp", "setup:active")).encode()


@dataclass(frozen=True, slots=True)
class Defect:
    """A message and the status of its answer: SILENT for none, TAKEN for an INVITE that may ring."""

    name: str
    data: bytes
    status: int


def of(name: str, status: int, *changes: tuple[str, str | None], start: str = "", body: bytes = b"", end: bytes = b""):
    """Shape an OPTIONS, or what the start line says, with headers replaced, removed (None) or added."""
    start = start or "OPTIONS sip:bob@192.0.2.1 SIP/2.0"
    method = start.split(" ", 1)[0]
    lines: list[tuple[str, str | None]] = [
        ("Via", f"SIP/2.0/UDP pc.example.net;branch=z9hG4bK{name};rport"),
        ("Max-Forwards", "70"),
        ("From", "<sip:carol@example.net>;tag=c1"),
        ("To", "<sip:bob@example.org>"),
        ("Call-ID", f"{name}@example.net"),
        ("CSeq", f"31 {method}"),
        ("Contact", "<sip:carol@192.0.2.7:5070>"),
        *([("Content-Type", "application/sdp")] if body else []),
        ("Content-Length", str(len(body))),
    ]
    changed = dict(changes)
    for key, value in changed.items():
        if key.lower() in {known.lower() for known, _ in lines}:
            lines = [(known, value if known.lower() == key.lower() else old) for known, old in lines]
        else:
            lines.append((key, value))
    head = [start, *[f"{key}: {value}" for key, value in lines if value is not None]]
    return Defect(name, "\r\n".join([*head, "", ""]).encode("utf-8", "surrogateescape") + body + end, status)


def call(name: str, status: int = TAKEN, *changes: tuple[str, str | None], body: bytes = OFFER, **more):
    return of(name, status, *changes, start="INVITE sip:bob@192.0.2.1 SIP/2.0", body=body, **more)


def reply(name: str, line: str, *changes: tuple[str, str | None]):
    return of(name, SILENT, ("CSeq", "31 OPTIONS"), *changes, start=line)


VIA = "SIP/2.0/UDP pc.example.net;branch=z9hG4bKvia;rport"
LONG = "long" * 700

DEFECTS = (
    # odd, and right
    of(
        "folded-everywhere",
        200,
        ("To", "\r\n <sip:bob@example.org>\r\n\t;  x = 1"),
        ("From", '"a \\" quote"\r\n <sip:carol@example.net>\r\n ;\r\n tag\r\n =  c1'),
        ("CSeq", "00031\r\n OPTIONS"),
        ("Max-Forwards", "0070"),
        ("X-Odd", ";;,,;=,"),
        ("Subject", ""),
    ),
    of("compact-and-spaced-names", 200, ("Via", None), ("v  ", VIA), ("k", "timer"), ("x-LoUd", "1")),
    of("two-vias-in-one-line", 200, ("Via", f"{VIA}  ,\r\n SIP / 2.0 / SCTP p.example ; branch = z9hG4bKp")),
    of("odd-method", 501, start="Dance-%49+!~'x.y_`* sip:bob@192.0.2.1 SIP/2.0"),
    of("escaped-method-is-another", 501, start="%4FPTIONS sip:bob@192.0.2.1 SIP/2.0"),
    of("escapes-in-uris", 200, start="OPTIONS sip:b%6Fb%40home;x=%2541@192.0.2.1;%6C%72 SIP/2.0"),
    of("escaped-null-in-uri", 200, ("To", "<sip:b%00b@example.org>"), start="OPTIONS sip:%00@192.0.2.1 SIP/2.0"),
    of("percent-in-display-name", 200, ("From", '"%41%zz" <sip:carol@example.net>;tag=c1')),
    of("no-space-before-bracket", 200, ("From", "Carol<sip:carol@example.net>;tag=c1")),
    of("long-values", 200, ("From", f'"{LONG}" <sip:{LONG}@example.net;p={LONG}>;tag={LONG};{LONG}')),
    of("semicolon-in-user", 200, start="OPTIONS sip:bob;day=tue%40home@192.0.2.1 SIP/2.0"),
    of("binary-body", 200, start="MESSAGE sip:bob@192.0.2.1 SIP/2.0", body=bytes(range(256))),
    of("bytes-after-the-body", 200, end=b"INVITE sip:bob@192.0.2.1 SIP/2.0\r\n\r\n"),
    of("other-charset-in-reason", 200, ("Subject", "\udcff\udcfe caf\udce9")),
    reply("odd-reason-phrase", "SIP/2.0 200 = 2**3 \u043d\u043e"),
    reply("no-reason-phrase", "SIP/2.0 100 "),
    # wrong to the parser
    of("empty-parameters-in-via", 400, ("Via", "SIP/2.0/UDP pc.example.net;branch=z9hG4bKx;;,;,")),
    of("empty-parameters-in-contact", 400, ("Contact", '"C" <sip:carol@192.0.2.7>;;;')),
    of("length-beyond-the-end", 400, ("Content-Length", "4000"), body=b"short"),
    of("negative-length", 400, ("Content-Length", "-5"), body=b"hello"),
    of("length-in-words", 400, ("Content-Length", "five"), body=b"hello"),
    of("cseq-beyond-32-bits", 400, ("CSeq", f"{2**33} OPTIONS")),
    of("max-forwards-beyond-255", 400, ("Max-Forwards", "256")),
    of("expires-beyond-32-bits", 200, ("Expires", "9" * 40)),
    of("open-quote", 400, ("To", '"Bob <sip:bob@example.org>')),
    of("brackets-around-request-uri", 400, start="OPTIONS <sip:bob@192.0.2.1> SIP/2.0"),
    of("blank-in-request-uri", 400, start="OPTIONS sip:bob@192.0.2.1; lr SIP/2.0"),
    of("two-blanks-in-request-line", 400, start="OPTIONS  sip:bob@192.0.2.1 SIP/2.0"),
    of("blank-after-request-line", 400, start="OPTIONS sip:bob@192.0.2.1 SIP/2.0 "),
    of("headers-in-request-uri", 400, start="OPTIONS sip:bob@192.0.2.1?Route=%3Csip:x%3E SIP/2.0"),
    of("zone-in-date", 200, ("Date", "Mon, 03 Feb 2020 10:00:00 CET")),
    of("headers-in-bare-contact", 400, ("Contact", "sip:carol@192.0.2.7?Subject=x")),
    of("blanks-in-address", 400, ("To", "< sip:bob@example.org >")),
    of("comma-in-bare-display-name", 400, ("From", "Jones, Carol <sip:carol@example.net>;tag=c1")),
    of("version-3", 505, ("CSeq", "31 OPTIONS"), start="OPTIONS sip:bob@192.0.2.1 SIP/3.0"),
    of("version-of-another-protocol", 400, ("CSeq", "31 OPTIONS"), start="OPTIONS sip:bob@192.0.2.1 HTTP/1.1"),
    of("cseq-of-another-method", 400, ("CSeq", "31 INVITE")),
    of("unknown-method-and-cseq-of-another", 400, ("CSeq", "31 INVITE"), start="NOVEL sip:bob@192.0.2.1 SIP/2.0"),
    reply("status-beyond-699", "SIP/2.0 70000 no"),
    reply("status-of-two-digits", "SIP/2.0 99 no"),
    reply("cseq-beyond-32-bits-in-a-response", "SIP/2.0 503 no", ("CSeq", f"{2**40} OPTIONS")),
    of("bare-line-feed", 400, ("Subject", "one\ntwo: three")),
    of("header-without-colon", 400, ("X", "1\r\nno colon here")),
    # wrong, or odd, to the transaction layer
    of("cookie-without-branch", 200, ("Via", "SIP/2.0/UDP pc.example.net;branch=z9hG4bK;rport")),
    of("no-branch", 200, ("Via", "SIP/2.0/UDP pc.example.net;rport")),
    # to the user agent
    of("no-call-id", 400, ("Call-ID", None)),
    of("no-from", 400, ("From", None)),
    of("no-to", 400, ("To", None)),
    of("no-cseq", 400, ("CSeq", None)),
    of("no-via", SILENT, ("Via", None)),  # nothing leads an answer back
    of("unknown-scheme", 416, start="OPTIONS carrier-pigeon:coop-7 SIP/2.0"),
    of("known-scheme-that-we-are-not", 416, start="OPTIONS http://192.0.2.1/ SIP/2.0"),
    of("other-schemes-in-headers", 200, ("To", "urn:isbn:0"), ("From", "<http://example.net/>;tag=c1")),
    of("unsupported-extensions", 420, ("Require", "time-travel, telepathy"), ("Proxy-Require", "teleport")),
    call("unknown-body", 415, ("Content-Type", "application/x-scroll")),
    of("unknown-credentials", 405, ("Authorization", "Psychic x=1"), start="REGISTER sip:192.0.2.1 SIP/2.0"),
    of("two-call-ids", 400, ("Call-ID", "one\r\nCall-ID: two")),
    of("two-froms", 400, ("From", "<sip:a@h>;tag=1\r\nf: <sip:b@h>;tag=2")),
    of("two-lengths", 400, ("Content-Length", "5\r\nl: 4"), body=b"hello"),
    of("the-same-length-twice", 200, ("Content-Length", "5\r\nl: 05"), body=b"hello"),
    reply("response-that-we-asked-nothing-for", "SIP/2.0 200 OK", ("Via", f"{VIA}, SIP/2.0/UDP 255.255.255.255")),
    of("max-forwards-0", 200, ("Max-Forwards", "0")),
    of("parameters-of-contact", 405, ("Contact", "sip:c@h;q=0.1"), start="REGISTER sip:192.0.2.1 SIP/2.0"),
    of("headers-in-contact", 405, ("Contact", "<sip:c@h?Route=%3Csip:x%3E>"), start="REGISTER sip:192.0.2.1 SIP/2.0"),
    call("accepts-no-description", 406, ("Accept", "text/x-scroll")),
    call("contact-is-missing", 400, ("Contact", None)),
    call(
        "caller-of-rfc-2543", TAKEN, ("Via", "SIP/2.0/UDP pc.example.net;rport"), ("Contact", None), ("From", "sip:c@h")
    ),
    call("offer-that-is-none", 488, body=b"v=0\r\nm =message 9 TCP/MSRP *\r\n"),
    of("tag-of-no-call", 481, ("To", "<sip:bob@example.org>;tag=gone"), start="BYE sip:bob@192.0.2.1 SIP/2.0"),
    of("cancel-of-nothing", 481, start="CANCEL sip:bob@192.0.2.1 SIP/2.0"),
    of("ack-of-nothing", SILENT, start="ACK sip:bob@192.0.2.1 SIP/2.0"),
    # IPv6
    of("ipv6", 200, ("Via", "SIP/2.0/UDP [2001:db8::7]:5070;branch=z9hG4bK6;rport"), start="OPTIONS sip:[::1] SIP/2.0"),
    of("ipv6-without-brackets", 400, start="OPTIONS sip:bob@2001:db8::1 SIP/2.0"),
    of("ipv6-with-port-inside", 200, start="OPTIONS sip:bob@[2001:db8::1:5060] SIP/2.0"),
    of("ipv6-with-port-behind", 200, start="OPTIONS sip:bob@[2001:db8::1]:5060 SIP/2.0"),
    of("ipv6-received-bare", 200, ("Via", f"{VIA};received=2001:db8::7")),
    of("ipv6-received-in-brackets", 200, ("Via", f"{VIA};received=[2001:db8::7]")),
    of("ipv4-in-ipv6", 200, ("Contact", "<sip:c@[::ffff:192.0.2.7]>"), start="OPTIONS sip:[::ffff:192.0.2.1] SIP/2.0"),
    of("ipv6-by-the-grammar-of-2002", 200, start="OPTIONS sip:bob@[2001:db8:::192.0.2.1] SIP/2.0"),
    call("ipv6-in-description", body=OFFER.replace(b"IP4 127.0.0.1", b"IP6 2001:db8::7")),
    call("both-families-in-description", body=OFFER + b"m=audio 0 RTP/AVP 0\r\nc=IN IP6 2001:db8::7\r\n"),
)


def verdict(data: bytes) -> int | str:
    """Say what the core makes of a message, and make sure that the answer to it is one."""
    try:
        message = parse(data)
        if isinstance(message, Response):
            return SILENT
        if message.method != "ACK":
            _ = message.to.tag, message.via
    except RemoteProtocolError as error:
        answer = reply_to_malformed(data, error)
        assert answer is None or isinstance(parse(answer), Response)
        return SILENT if answer is None else parse(answer).status
    error = inspect_request(message)
    if error is None and message.method not in OFFERED:
        error = refuse_method(message.method, ALLOW)
    return SILENT if message.method == "ACK" else "ok" if error is None else error.status


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_each_kind_of_oddity_is_read_and_each_kind_of_defect_gets_its_status(defect):
    expected = "ok" if defect.status in LATER or defect.name == "contact-is-missing" else defect.status

    assert verdict(defect.data) == expected


def test_each_defect_has_a_name_and_a_transaction_of_its_own():
    assert len({defect.name for defect in DEFECTS}) == len({defect.data for defect in DEFECTS}) == len(DEFECTS)
