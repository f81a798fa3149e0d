"""RFC 3862: messages in CPIM, as MSRP carries them."""

from __future__ import annotations

from sipsimple.testing.msrp.case import Alive, Answered, Case, Received, Refused, Reported
from sipsimple.testing.msrp.cases.building import cpim, must, send, should

CPIM = "message/cpim"
NEEDS = frozenset({"cpim"})
ECHO = frozenset({"cpim", "echo"})
PARTIES = ("From: <sip:alice@example.com>", "To: <sip:bob@example.com>")


def taken(id_: str, rule: str, body: bytes) -> Case:
    """A CPIM message that must be reported as delivered."""
    return must(id_, rule, send(kind=CPIM, body=body, success="yes"), Reported("m1", size=len(body)), needs=NEEDS)


def refused(id_: str, rule: str, body: bytes, *, strict: bool = True) -> Case:
    """A CPIM message that must be told as failed, and does no harm."""
    make = must if strict else should
    return make(id_, rule, send(kind=CPIM, body=body, success="yes"), Refused("t1", "m1"), Alive(), needs=NEEDS)


COMPOSING = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state></isComposing>'
)

CASES = (
    taken("3862-5.1-message", "A message with From, To and DateTime is taken", cpim(b"hello")),
    taken("3862-3.1-no-content", "A message with an empty content is taken", cpim(b"")),
    taken(
        "3862-4.1-display-names",
        "Addresses may have names, quoted or not",
        cpim(b"hello", 'From: "Alice A." <sip:alice@example.com>', "To: Bob <sip:bob@example.com>"),
    ),
    taken(
        "3862-4.1-im-uri", "Addresses may be im: URIs", cpim(b"x", "From: <im:a@example.com>", "To: <im:b@example.com>")
    ),
    taken("3862-4.3-cc", "cc may come several times", cpim(b"x", *PARTIES, "cc: <sip:c@d>", "cc: <sip:e@f>")),
    taken(
        "3862-4.4-datetime",
        "DateTime may have a fraction and a zone",
        cpim(b"x", *PARTIES, "DateTime: 2026-11-22T19:12:55.123456+02:00"),
    ),
    taken(
        "3862-4.5-subject",
        "Subject may name its language",
        cpim(b"x", *PARTIES, "Subject:;lang=fr Objet", "Subject: S"),
    ),
    taken(
        "3862-3.4-namespaces",
        "Headers of other namespaces are ignored",
        cpim(b"x", *PARTIES, "NS: My <urn:x-conformance>", "My.Header: value"),
    ),
    taken("3862-3-unknown-header", "Unknown headers are ignored", cpim(b"x", *PARTIES, "Unknown: value")),
    taken("3862-2.3.1-escapes", "Escapes in a header are read", cpim(b"x", *PARTIES, "Subject: a\\u00e9\\tb")),
    taken("3862-2.3.1-utf8", "Headers are UTF-8", cpim(b"x", *PARTIES, "Subject: \u00fcber alles M\u00fc\u00dfige")),
    taken("3862-3.2-mime-headers", "The content may have more MIME headers", cpim(b"x", inner=("Content-ID: <a@b>",))),
    taken(
        "3862-3.2-mime-version", "MIME-Version may stand before Content-Type", cpim(b"x", inner=("MIME-Version: 1.0",))
    ),
    taken(
        "3862-3.2-charset",
        "The content may have another charset",
        cpim(b"\xe9t\xe9", kind="text/plain;charset=iso-8859-1"),
    ),
    taken(
        "3994-is-composing",
        "An isComposing document inside CPIM is taken",
        cpim(COMPOSING, kind="application/im-iscomposing+xml"),
    ),
    must(
        "3862-3-content-kept",
        "The content is what stands after the second blank line, to the last octet",
        send(kind=CPIM, body=cpim(b"\r\na\r\n\r\nb\r\n")),
        Answered("t1"),
        Received(b"\r\na\r\n\r\nb\r\n"),
        needs=ECHO,
    ),
    refused("3862-3-no-blank-line", "What has no blank line is no message", b"From: <sip:a@b>"),
    refused("3862-3-garbage", "What has no headers is no message", b"just text\r\n\r\nmore text\r\n\r\n"),
    refused(
        "3862-4.1-bad-address",
        "From without a URI is no message",
        cpim(b"x", "From: nobody", "To: <sip:b@c>"),
        strict=False,
    ),
    refused(
        "3862-4.4-bad-datetime",
        "A DateTime that is none is no message",
        cpim(b"x", *PARTIES, "DateTime: now"),
        strict=False,
    ),
    refused(
        "3862-4.6-require",
        "A message that requires what is not understood is refused",
        cpim(b"x", *PARTIES, "Require: Conformance", "Conformance: 1"),
        strict=False,
    ),
    must(
        "3862-in-chunks",
        "A message in CPIM may come in chunks, cut in its headers",
        send(kind=CPIM, body=cpim(b"hello")[:30], span=f"1-*/{len(cpim(b'hello'))}", flag="+", success="yes"),
        send("t2", kind=CPIM, body=cpim(b"hello")[30:], span=f"31-*/{len(cpim(b'hello'))}", success="yes"),
        Answered("t1"),
        Answered("t2"),
        Reported("m1", size=len(cpim(b"hello"))),
        needs=NEEDS,
    ),
)
