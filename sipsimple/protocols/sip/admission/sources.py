"""What each source of messages has done lately, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass

from sipsimple.protocols.sip.admission.rates import FULL

MAX_SOURCES = 10_000
"""Sources that are told apart; further ones count as one, so that forged ones cannot fill the memory."""

SWEEP_SECONDS = 1.0
"""Between two searches for sources that have been quiet."""


@dataclass(slots=True)
class Source:
    """One source: its buckets of `rates`, and its calls."""

    invites: float = FULL
    requests: float = FULL
    malformed: float = FULL
    pending: int = 0
    calls: int = 0

    def is_quiet(self, now: float) -> bool:
        """Whether nothing would change if it were forgotten."""
        return not self.calls and max(self.invites, self.requests, self.malformed) <= now


class Sources:
    """The sources by name; those beyond the bound share one entry."""

    __slots__ = ("_known", "_rest", "_swept", "limit")

    def __init__(self, limit: int = MAX_SOURCES) -> None:
        self.limit = limit
        self._known: dict[str, Source] = {}
        self._rest = Source()
        self._swept = FULL

    def __len__(self) -> int:
        return len(self._known)

    def of(self, name: str, now: float) -> Source:
        """Return what is known of a source; nothing yet of a new one."""
        source = self._known.get(name)
        if source is not None:
            return source
        if len(self._known) >= self.limit and not self._sweep(now):
            return self._rest
        source = self._known[name] = Source()
        return source

    def _sweep(self, now: float) -> bool:
        """Forget the quiet ones, which takes a while; tell whether there is room."""
        if now - self._swept < SWEEP_SECONDS:
            return False
        self._swept = now
        self._known = {name: source for name, source in self._known.items() if not source.is_quiet(now)}
        return len(self._known) < self.limit
