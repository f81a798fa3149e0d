"""What a registration is told, beside responses, targets and timers; and what it alone asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transport import Flow


class Register(Value):
    """Register, or refresh at once what is registered; asking for `expires` seconds from now on, None: as before."""

    expires: int | None = None


class Unregister(Value):
    """Take our binding back, and end."""


class NetworkChanged(Value):
    """The way to the registrar may be another one now: refresh by a new one, in `after` seconds."""

    after: float = 0.0


class FlowLost(Value):
    """The connection to the registrar is gone: refresh in `after` seconds."""

    after: float = 0.0
    reason: str = ""


class Resumed(Value):
    """The actor goes on after a crash, which may have cost a message or a timer."""


class Crashed(Value):
    """The actor crashed too often and was made anew."""

    reason: str


class Abandoned(Value):
    """End without taking the binding back: there is no time left for it."""

    reason: str


class KeepAlive(Value):
    """Output: keep `flow` open, and tell when it is lost; in place of the one before.

    Attributes:
        flow: The way to the registrar.
        every: Seconds between two signs of life; None: none are given.
    """

    flow: Flow
    every: float | None


class Ended(Value):
    """Output: nothing is bound, nothing is tried any more."""
