"""What a registration is told, beside responses, targets and timers; and what it alone asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transport import Flow


@dataclass(frozen=True, slots=True)
class Register:
    """Register, or refresh at once what is registered; asking for `expires` seconds from now on, None: as before."""

    expires: int | None = None


@dataclass(frozen=True, slots=True)
class Unregister:
    """Take our binding back, and end."""


@dataclass(frozen=True, slots=True)
class NetworkChanged:
    """The way to the registrar may be another one now: refresh by a new one, in `after` seconds."""

    after: float = 0.0


@dataclass(frozen=True, slots=True)
class FlowLost:
    """The connection to the registrar is gone: refresh in `after` seconds."""

    after: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The actor goes on after a crash, which may have cost a message or a timer."""


@dataclass(frozen=True, slots=True)
class Crashed:
    """The actor crashed too often and was made anew."""

    reason: str


@dataclass(frozen=True, slots=True)
class Abandoned:
    """End without taking the binding back: there is no time left for it."""

    reason: str


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """Output: keep `flow` open, and tell when it is lost; in place of the one before.

    Attributes:
        flow: The way to the registrar.
        every: Seconds between two signs of life; None: none are given.
    """

    flow: Flow
    every: float | None


@dataclass(frozen=True, slots=True)
class Ended:
    """Output: nothing is bound, nothing is tried any more."""
