"""What the actor that keeps a path at an MSRP relay tells its owner, and is told by it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Release:
    """Give the path back and close the connection; the sessions behind it are told that it is lost."""


@dataclass(frozen=True, slots=True)
class RelayReserved:
    """Told to the owner: `path` stands before a session's own URI in `a=path`."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RelayPathChanged:
    """Told to the owner: new sessions have to say this path; those that run lose their peers sooner or later."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RelayFailed:
    """Told to the owner: there is no path, or no longer.

    Attributes:
        code: The relay's; 408 for silence, 0 for no connection.
    """

    code: int
    reason: str
