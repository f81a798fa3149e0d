"""One thing that should have happened in the demonstration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that should have happened."""

    what: str
    happened: bool
    detail: str = ""
