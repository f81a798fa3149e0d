"""RFC 4975 section 7.1.2: reports of success."""

from __future__ import annotations

from sipsimple.testing.msrp.case import Answered, Look, Reported, Unanswered, Unreported, View
from sipsimple.testing.msrp.cases.building import must, request, send, several, should


def response_first(view: View) -> str | None:
    """The response stands before the REPORT."""
    order = [each.code or each.method for each in view.chunks if each.code or each.method == "REPORT"]
    return None if order[-2:] == [200, "REPORT"] else f"the order is {order}"


def names_the_message(view: View) -> str | None:
    """The REPORT says namespace 000 and 1-5/5."""
    found = view.reports("m1")[0]
    told = found.get("Status"), found.get("Byte-Range")
    return None if told[0].startswith("000 200") and told[1] == "1-5/5" else f"it says {told}"


CASES = (
    must(
        "4975-7.1.2-success-yes",
        "With Success-Report yes a REPORT comes, with Message-ID, Byte-Range and Status 000 200",
        send(success="yes"),
        Reported("m1", size=5),
        Look(names_the_message),
    ),
    must("4975-7.1.2-success-default", "Without Success-Report none comes", send(), Answered("t1"), Unreported("m1")),
    must("4975-7.1.2-success-no", "With no none comes", send(success="no"), Answered("t1"), Unreported("m1")),
    must(
        "4975-7.1.2-success-without-response",
        "With Success-Report yes and Failure-Report no the REPORT is all that comes",
        send(success="yes", failure="no"),
        Reported("m1"),
        Unanswered("t1"),
    ),
    should(
        "4975-7.1.2-order",
        "The response comes before the REPORT",
        send(success="yes"),
        Answered("t1"),
        Reported("m1"),
        Look(response_first),
    ),
    must(
        "4975-7.1.2-one-report-each",
        "Each of many messages is reported",
        several(*(request(f"t{n}", m=f"m{n}", success="yes") for n in range(1, 11))),
        *(Reported(f"m{n}", size=5) for n in range(1, 11)),
    ),
)
