"""The legs of a worker: what each should be, whatever its media are at the moment."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sipsimple.media.worker.routing import Wish

if TYPE_CHECKING:
    from sipsimple.media.wire import Open
    from sipsimple.media.worker.call import EngineCall


@dataclass(slots=True, eq=False)
class Leg:
    """One leg, from `Open` to `Close`.

    Attributes:
        opening: The command that opened it.
        call: Its call; None until it could be made, and after its end.
        is_closed: The engine has closed it.
        is_held: As in `routing.Wish`, like the next two.
        is_echoing: See there.
        partners: See there.
        codec: Name of the codec in use.
        has_begun: It has had an answer: there were media, or it was told that there are none.
        opened_at: When it was opened, on the monotonic clock.
    """

    opening: Open
    call: EngineCall | None = None
    is_closed: bool = False
    is_held: bool = False
    is_echoing: bool = False
    partners: set[str] = field(default_factory=set)
    codec: str = ""
    has_begun: bool = False
    opened_at: float = field(default_factory=time.monotonic)

    @property
    def token(self) -> str:
        """Its name."""
        return self.opening.leg

    def wish(self, *, is_recording: bool) -> Wish:
        """Return what it wants of the conference."""
        return Wish(self.token, self.is_held, self.is_echoing, is_recording, frozenset(self.partners))


class UnknownLeg(LookupError):
    """There is no leg of that name."""


class Legs(dict[str, Leg]):
    """The legs by token."""

    def __missing__(self, token: str) -> Leg:
        raise UnknownLeg("unknown leg")

    def bridge(self, token: str, other: str) -> None:
        """Let two hear each other.

        Raises:
            UnknownLeg: One of them is not here.
            ValueError: They are one.
        """
        if token == other:
            raise ValueError("a leg cannot be bridged with itself")
        one, two = self[token], self[other]
        one.partners.add(other)
        two.partners.add(token)

    def part(self, token: str, other: str) -> None:
        """Part two legs, which may be gone already."""
        for name, partner in ((token, other), (other, token)):
            if name in self:
                self[name].partners.discard(partner)

    def remove(self, token: str) -> Leg:
        """Forget a leg, and that others are bridged with it."""
        leg = self[token]
        for partner in tuple(leg.partners):
            self.part(token, partner)
        del self[token]
        return leg
