"""The examination as a whole: limits, faults, and how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gevent
import pytest
from rich.console import Console

from sipsimple.cli.doctor import examination
from sipsimple.cli.doctor.finding import Clerk, Finding, Verdict
from sipsimple.cli.doctor.report import Screen, is_sound
from sipsimple.cli.doctor.subject import Subject
from sipsimple.cli.doctor.visit import name_server
from sipsimple.cli.refusal import Refused
from sipsimple.errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator

CLERK = Clerk("tea")


def hangs(_subject: Subject) -> Iterator[Finding]:
    yield CLERK.ok("hot")
    gevent.get_hub().wait(gevent.get_hub().loop.timer(1000))
    yield CLERK.ok("cold")


def fails(_subject: Subject) -> Iterator[Finding]:
    yield CLERK.ok("hot")
    raise LocalProtocolError("no cup")


@pytest.mark.parametrize(("check", "said"), [(hangs, "took more than"), (fails, "no cup")])
def test_a_check_that_does_not_end_well_is_wrong_and_the_next_one_follows(check: examination.Check, said: str) -> None:
    with examination.actors() as system:
        subject = Subject(system, limit=0.01)
        told = list(
            examination.carried_out((("tea", check), ("milk", lambda _: iter([Clerk("milk").ok("white")]))), subject)
        )

    assert [each.verdict for each in told] == [Verdict.OK, Verdict.WRONG, Verdict.OK]
    assert told[0].what == "hot"
    assert said in told[1].what
    assert told[2].check == "milk"


@pytest.mark.parametrize("verdict", Verdict)
def test_only_what_is_wrong_makes_it_unsound(verdict: Verdict) -> None:
    assert is_sound([CLERK.ok("hot"), Finding("tea", verdict, "x")]) is (verdict is not Verdict.WRONG)


def test_people_read_the_check_once_the_verdicts_and_what_to_do() -> None:
    console = Console(width=60, record=True, quiet=False, file=open("/dev/null", "w"))  # noqa: SIM115
    screen = Screen(console)
    for each in (CLERK.ok("hot"), CLERK.wrong("no \x1b[2J cup", "buy one"), Clerk("milk").warning("sour", "smell it")):
        screen.tell(each)
    screen.close()
    console.file.close()

    assert [line.rstrip() for line in console.export_text().splitlines()] == [
        "tea           ok      hot",
        "              wrong   no \N{REPLACEMENT CHARACTER}[2J cup",
        "                      buy one",
        "milk          warning sour",
        "                      smell it",
        "wrong: 1; warnings: 1",
    ]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_a_name_server_is_an_address_and_perhaps_a_port(text: str, address: tuple[str, int]) -> None:
    assert name_server(text) == address


@pytest.mark.parametrize("text", ["", "here", "here:53", "192.0.2.1:0", "192.0.2.1:99999", "192.0.2.1:x", ":53"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        name_server(text)
