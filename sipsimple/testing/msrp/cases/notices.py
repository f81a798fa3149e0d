"""RFC 3994 (who writes), RFC 5438 (what became of a message), and what of RFC 3862 they rest on: namespaces."""

from __future__ import annotations

from base64 import b64encode

from sipsimple.testing.msrp.case import Alive, Answered, Case, NotReceived, Received, Says
from sipsimple.testing.msrp.cases.building import cpim, must, send, should
from sipsimple.testing.msrp.cases.wrapped import CPIM, ECHO, NEEDS, PARTIES, refused, taken

IMDN = frozenset({"cpim", "imdn"})
MOMENT = "2026-11-22T19:12:55Z"
DATED = (*PARTIES, f"DateTime: {MOMENT}")
TYPE = "application/im-iscomposing+xml"


def composing(inside: str, head: str = "") -> bytes:
    """A status document."""
    document = f'{head}<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing">{inside}</isComposing>'
    return b'<?xml version="1.0" encoding="UTF-8"?>' + document.encode()


def asking(*wishes: str, prefix: str = "imdn", uri: str = "urn:ietf:params:imdn") -> bytes:
    """A message that asks for notifications."""
    headers = [f"NS: {prefix} <{uri}>", f"{prefix}.Message-ID: conformance{len(wishes)}"]
    headers += [f"{prefix}.Disposition-Notification: {', '.join(wishes)}"] if wishes else []
    return cpim(b"hello", *DATED, *headers)


def notification(inside: str, *headers: str) -> bytes:
    """A notification of ours."""
    about = f"<message-id>conformance</message-id><datetime>{MOMENT}</datetime>"
    document = f'<imdn xmlns="urn:ietf:params:xml:ns:imdn">{about}{inside}</imdn>'
    space = ("NS: imdn <urn:ietf:params:imdn>", "imdn.Message-ID: conformance0", *headers)
    return cpim(
        document.encode(), *DATED, *space, kind="message/imdn+xml", inner=("Content-Disposition: notification",)
    )


DELIVERED = "<delivery-notification><status><delivered/></status></delivery-notification>"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'

COMPOSING = (
    must(
        "3994-4-bare",
        "A status document without a wrapper is taken, or refused with 415",
        send(kind=TYPE, body=composing("<state>active</state>")),
        Answered("t1", (200, 415)),
        Alive(),
    ),
    taken("3994-3.1-idle", "The state idle is taken", cpim(composing("<state>idle</state>"), kind=TYPE)),
    taken("3994-3.1-unknown-state", "Other states are no error", cpim(composing("<state>musing</state>"), kind=TYPE)),
    taken(
        "3994-3.1-all-elements",
        "lastactive, contenttype and refresh may be there",
        cpim(
            composing(
                f"<state>active</state><lastactive>{MOMENT}</lastactive>"
                "<contenttype>text/plain</contenttype><refresh>90</refresh>"
            ),
            kind=TYPE,
        ),
    ),
    taken(
        "3994-3.1-extensions",
        "Elements of other namespaces are passed over",
        cpim(composing('<state>active</state><x xmlns="urn:x-conformance">1</x>'), kind=TYPE),
    ),
    should(
        "3994-3.3-no-message",
        "A status document is no message to the user",
        send(kind=CPIM, body=cpim(composing("<state>active</state>"), kind=TYPE)),
        NotReceived(composing("<state>active</state>")),
        needs=ECHO,
    ),
    refused("3994-3-garbage", "A document that is none is told as failed", cpim(b"active", kind=TYPE), strict=False),
    must(
        "3994-3-entities",
        "Entities of a document do no harm",
        send(kind=CPIM, body=cpim(composing("<state>&c;</state>", BOMB), kind=TYPE)),
        Alive(),
        needs=NEEDS,
    ),
)

NAMESPACES = (
    taken(
        "3862-3.4-default", "A namespace may have no prefix", cpim(b"x", *PARTIES, "NS: <urn:x-conformance>", "A: b")
    ),
    taken(
        "3862-3.4-again",
        "A prefix may be declared again",
        cpim(b"x", *PARTIES, "NS: c <urn:x-one>", "c.A: b", "NS: c <urn:x-two>", "c.A: b"),
    ),
    taken(
        "3862-4.6-require-known",
        "A message that requires what RFC 3862 knows is taken",
        cpim(b"x", *DATED, "Require: DateTime,Subject", "Subject: s"),
    ),
    should(
        "3862-3.2-transfer-encoding",
        "A content in base64 is what it encodes",
        send(kind=CPIM, body=cpim(b64encode(b"hello"), inner=("Content-Transfer-Encoding: base64",))),
        Received(b"hello"),
        needs=ECHO,
    ),
)


def told(id_: str, rule: str, body: bytes, *parts: bytes) -> Case:
    """A message whose delivery is to be told, with these in what tells it."""
    return must(id_, rule, send(kind=CPIM, body=body), Says((b"delivered", *parts)), Alive(), needs=IMDN)


def untold(id_: str, rule: str, body: bytes, needs: frozenset[str] = IMDN) -> Case:
    """A message whose delivery is not to be told."""
    return must(id_, rule, send(kind=CPIM, body=body), NotReceived(b"<delivered"), Alive(), needs=needs)


DISPOSITIONS = (
    taken("5438-6.3-asked", "A message that asks for notifications is taken", asking("positive-delivery", "display")),
    told(
        "5438-7.2.1.1-delivery",
        "Who asks is told of the delivery, by the id of the message",
        asking("positive-delivery"),
        b"conformance1",
        b"message/imdn+xml",
    ),
    told(
        "5438-7.2.1.1-about",
        "The notification has the time and the recipient of the message",
        asking("positive-delivery", "display"),
        MOMENT.encode(),
        b"sip:bob@example.com",
    ),
    told(
        "5438-6.2-prefix",
        "The prefix of the namespace is the sender's choice",
        asking("positive-delivery", prefix="Abc"),
        b"conformance1",
    ),
    told(
        "5438-6.3-several",
        "Several dispositions may be asked for, also unknown ones",
        asking("applause", "positive-delivery", "negative-delivery"),
        b"conformance3",
    ),
    told(
        "5438-7.2-back-to-the-sender",
        "The notification is for who sent the message, and has an id of its own",
        asking("positive-delivery"),
        b"To: <sip:alice@example.com>",
        b"imdn.Message-ID: ",
    ),
    untold("5438-6.3-not-asked", "Who does not ask is not told", asking()),
    untold("5438-6.3-only-display", "Who asks for the display is not told of the delivery", asking("display")),
    untold("5438-6.3-only-negative", "Who asks for failures is not told of success", asking("negative-delivery")),
    untold(
        "5438-6.2-other-namespace",
        "A header of the same name in another namespace asks for nothing",
        asking("positive-delivery", uri="urn:x-conformance"),
    ),
    untold(
        "5438-5-no-loop",
        "A notification is never answered by one",
        notification(DELIVERED, "imdn.Disposition-Notification: positive-delivery"),
        NEEDS,
    ),
    should(
        "5438-7.1.3-no-message",
        "A notification is no message to the user",
        send(kind=CPIM, body=notification(DELIVERED)),
        NotReceived(DELIVERED.encode()),
        needs=ECHO | IMDN,
    ),
    must(
        "5438-11-garbage",
        "A notification that is none does no harm",
        send(kind=CPIM, body=notification("<delivery-notification/>", "imdn.Original-To: <")),
        Alive(),
        needs=NEEDS,
    ),
)

CASES = (*COMPOSING, *NAMESPACES, *DISPOSITIONS)
