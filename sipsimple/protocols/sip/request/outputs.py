"""How a request ends. What it asks for is of others: `Send`, `StartTimer`, `StopTimer`, `Resolve`, `Avoid`, `Note`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request, Response


class Outcome(Value):
    """How the request ended: one for each draft that was begun, unless it was abandoned.

    It is no output to carry: the core that began the request takes it.

    Attributes:
        response: The final response; None when there was none.
        code: Its status; 408 when nobody answered in time, 503 when no target could be reached.
        reason: Its reason phrase, or what happened; with why the credentials were of no use.
        origin: "remote" with a response, else "local".
        retry_after: Seconds after which the far end wants to be asked again; None: it did not say.
        request: As it went out last; None when it never did.
    """

    response: Response | None
    code: int
    reason: str
    origin: Literal["local", "remote"]
    retry_after: int | None = None
    request: Request | None = None

    @property
    def is_success(self) -> bool:
        """A 2xx came."""
        return 200 <= self.code < 300
