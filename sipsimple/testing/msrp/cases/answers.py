"""RFC 4975 sections 7.1 to 7.3 and 10: methods, headers of a SEND, codes, and who is answered."""

from __future__ import annotations

from sipsimple.testing.msrp.case import Alive, Answered, NotAccepted, Refused, Send, Unanswered
from sipsimple.testing.msrp.cases.building import must, report, send, should
from sipsimple.testing.msrp.cases.paths import STRANGER

UNWANTED = "application/x-conformance"


def stray(identifier: str, start: str) -> Send:
    """A response to a request that the peer never made."""
    head = f"MSRP {identifier} {start}\r\nTo-Path: [[to]]\r\nFrom-Path: [[from]]\r\n"
    return Send(f"{head}-------{identifier}$\r\n".encode())


METHODS = (
    must(
        "4975-7.3-unknown-method",
        "An unknown method is answered 501, and does no harm",
        send(method="FROBNICATE"),
        Answered("t1", (501,)),
        Alive(),
    ),
    must(
        "4975-7.3-unknown-method-bare",
        "An unknown method without body, Message-ID and Byte-Range is answered 501",
        send(method="FROBNICATE", body=None, span="", m=None),
        Answered("t1", (501,)),
    ),
    should(
        "4975-7.3-method-case",
        "Methods are sensitive to case: send is not SEND",
        send(method="send"),
        NotAccepted("t1"),
    ),
    must(
        "4976-5-auth-to-end-point",
        "An end point that is no relay refuses AUTH",
        send(method="AUTH", body=None, span="", m=None),
        Answered("t1", (501, 403, 400, 481)),
    ),
    should(
        "7701-nickname-to-end-point",
        "A NICKNAME outside a conference is refused",
        send(method="NICKNAME", body=None, span="", m=None, extra=('Use-Nickname: "al"',)),
        Answered("t1", (501, 403, 404, 423, 428)),
    ),
)

HEADERS = (
    should("4975-7.1.1-no-message-id", "A SEND without Message-ID is refused", send(m=None), NotAccepted("t1")),
    should("4975-7.1.1-no-byte-range", "A SEND without Byte-Range is a whole message", send(span=""), Answered("t1")),
    must("4975-7.1.1-range-open-end", "The end of a Byte-Range may be *", send(span="1-*/5"), Answered("t1")),
    must("4975-7.1.1-range-open-total", "The total of a Byte-Range may be *", send(span="1-5/*"), Answered("t1")),
    must("4975-7.1.1-range-all-open", "Both may be *", send(span="1-*/*"), Answered("t1")),
    should("4975-7.1.1-range-garbage", "A Byte-Range without sense is refused", send(span="some"), NotAccepted("t1")),
    should("4975-7.1.1-range-from-zero", "Bytes are counted from 1, not 0", send(span="0-4/5"), NotAccepted("t1")),
    should(
        "4975-7.1.1-range-huge",
        "Numbers of any length do no harm",
        send(span=f"1-5/{'9' * 30}"),
        NotAccepted("t1"),
        Alive(),
    ),
    should(
        "4975-7.1.1-no-content-type",
        "A body without Content-Type is refused",
        send(kind=None),
        Answered("t1", (400, 415), or_closed=True),
    ),
    must(
        "4975-10-unacceptable-type",
        "A type that the peer does not take is answered 415, and does no harm",
        send(kind=UNWANTED),
        Answered("t1", (415,)),
        send("t2", m="m2"),
        Answered("t2"),
    ),
    must(
        "4975-8.6-type-parameters",
        "Letter case and parameters of a type do not count when it is compared",
        send(kind='Text/Plain; charset="UTF-8"; format=flowed'),
        Answered("t1"),
    ),
    should(
        "4975-7.1-content-headers",
        "Other MIME headers beside Content-Type are taken",
        send(extra=("Content-Disposition: render", "Content-ID: <a@b>", "Content-Description: a text")),
        Answered("t1"),
    ),
)

FAILURE_REPORT = (
    must("4975-7.1.1-failure-default", "Without Failure-Report success is answered", send(), Answered("t1")),
    must("4975-7.1.1-failure-yes", "With Failure-Report yes too", send(failure="yes"), Answered("t1")),
    must("4975-7.1.1-failure-no", "With no a SEND is not answered", send(failure="no"), Unanswered("t1")),
    must(
        "4975-7.1.1-failure-partial", "With partial success is not answered", send(failure="partial"), Unanswered("t1")
    ),
    must(
        "4975-7.1.1-partial-error",
        "With partial an error is answered",
        send(failure="partial", kind=UNWANTED),
        Answered("t1", (415,)),
    ),
    must(
        "4975-7.1.1-no-error",
        "With no an error is not answered",
        send(failure="no", kind=UNWANTED),
        Unanswered("t1"),
    ),
    must(
        "4975-7.1.1-no-481",
        "With no not even 481 is answered",
        send(failure="no", to=STRANGER),
        Unanswered("t1"),
    ),
    must(
        "4975-7.1.2-refusal-told",
        "A refused message is told as failed though a success report was asked for",
        send(kind=UNWANTED, success="yes"),
        Refused("t1", "m1"),
    ),
)

STRAYS = (
    must("4975-7.2-stray-response", "A response to no request is ignored", stray("strayone1", "200 OK"), Alive()),
    must("4975-7.2-stray-error", "An error for no request is ignored", stray("strayone2", "481 No Such"), Alive()),
    must("4975-7.2-no-comment", "A response needs no comment", stray("strayone3", "200"), Alive()),
    must("4975-10-unknown-code", "A response with an unknown code is ignored", stray("strayone4", "299 Well"), Alive()),
    must("4975-7.1.2-report-unanswered", "A REPORT is never answered", Send(report("t1", "m1")), Unanswered("t1")),
    must(
        "4975-7.1.2-report-of-error",
        "A REPORT of an error about nothing is ignored",
        Send(report("t1", "m1", status="000 413 too large")),
        Unanswered("t1"),
    ),
    must(
        "4975-7.1.2-report-namespace",
        "A Status of another namespace is ignored",
        Send(report("t1", "m1", status="001 200 OK")),
        Unanswered("t1"),
    ),
    must(
        "4975-7.1.2-report-garbage",
        "A REPORT that cannot be read is not answered",
        Send(report("t1", "m1", status="well", span="all of it")),
        Unanswered("t1"),
    ),
    must(
        "4975-7.1.2-report-elsewhere",
        "A REPORT for another session is not answered either",
        Send(report("t1", "m1", to=STRANGER)),
        Unanswered("t1"),
    ),
)

CASES = (*METHODS, *HEADERS, *FAILURE_REPORT, *STRAYS)
