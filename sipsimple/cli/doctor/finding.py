"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check has found out.

    Attributes:
        check: The name of the check.
        verdict: How bad it is.
        what: What was found, in words.
        advice: What to do; empty where there is nothing to do.
    """

    check: str
    verdict: Verdict
    what: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Clerk:
    """Writes the findings of one check."""

    check: str

    def ok(self, what: str, advice: str = "") -> Finding:
        """Write that something is as it should be."""
        return Finding(self.check, Verdict.OK, what, advice)

    def warning(self, what: str, advice: str) -> Finding:
        """Write that something works, and might not do so always."""
        return Finding(self.check, Verdict.WARNING, what, advice)

    def wrong(self, what: str, advice: str) -> Finding:
        """Write that something does not work."""
        return Finding(self.check, Verdict.WRONG, what, advice)

    def skipped(self, what: str, advice: str = "") -> Finding:
        """Write that something was not looked at, and why."""
        return Finding(self.check, Verdict.SKIPPED, what, advice)
