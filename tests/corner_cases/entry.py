"""One line of the catalogue: a rule, and the tests that prove it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule that somebody wrote down once, and where it is proven now.

    Attributes:
        number: As the source counts it.
        rule: What holds, in words of our own.
        tests: `path::name` of each test that would fail if it did not hold.
        remark: What else is to be known; where there is no test, why none can be.
    """

    number: int | str
    rule: str
    tests: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Entries of one source.

    Attributes:
        title: For the page.
        source: Where the numbers come from.
        numbers: Every number that there is.
        entries: One for each of them.
    """

    title: str
    source: str
    numbers: tuple[int | str, ...]
    entries: tuple[Entry, ...]


def entry(number: int | str, rule: str, *proofs: tuple[str, ...], remark: str = "") -> Entry:
    """Make an entry of what `by` returned."""
    return Entry(number, rule, tuple([each for proof in proofs for each in proof]), remark)


def by(file: str, *names: str) -> tuple[str, ...]:
    """Name tests of one file below `tests/`, both without their `test_` and the file without `.py`."""
    folder, _, stem = file.rpartition("/")
    return tuple([f"tests/{folder}/test_{stem}.py::test_{each}" for each in names])
