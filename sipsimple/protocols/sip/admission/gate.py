"""Who is let in: whether a stranger's request is more than may be asked (RFC 3261 §21.5.4, §26.3.2.4).

A source is an address, or the network that one IPv6 customer has: the caller
names it. A stranger's request costs a look into one table; what it may cost
beyond that is decided here. The clock is an argument.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sipsimple.protocols.sip.admission.rates import FULL, Rate, every_second
from sipsimple.protocols.sip.admission.recent import Recent
from sipsimple.protocols.sip.admission.sources import Source, Sources
from sipsimple.protocols.sip.admission.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.protocols.sip.admission.limits import AdmissionLimits

REMEMBERED = 8192
"""Refused INVITEs of which repeats are known, at the least."""

REMEMBER_SECONDS = 32.0
"""A repeat comes within 64*T1 (RFC 3261 §17.1.1.2)."""


class Refusal(Enum):
    """What was passed by a request that is not taken."""

    REPEATED = "repeated"
    """It was refused before."""
    OVERLOAD = "overload"
    CALLS = "calls"
    PENDING = "pending calls"
    CALL_RATE = "calls per second"
    REQUEST_RATE = "requests per second"
    MALFORMED_RATE = "malformed messages per second"


@dataclass(slots=True)
class _Call:
    source: Source
    is_pending: bool = True


class Gate:
    """Counts what strangers ask, and says what is too much.

    Attributes:
        limits: The bounds.
        throttle: Holds new calls back in an overload.
        refused: How often which bound was passed.
        untold: How many refusals were not told, being too many themselves.
    """

    def __init__(self, limits: AdmissionLimits) -> None:
        self.limits = limits
        self.throttle = Throttle(limits.patience)
        self.refused: Counter[Refusal] = Counter()
        self.untold = 0
        self._all = Source()
        self._sources = Sources()
        self._calls: dict[str, _Call] = {}
        self._recent = Recent(REMEMBERED, REMEMBER_SECONDS)
        self._told = FULL
        self._invites = _rates(limits.calls_per_second, limits.calls_per_second_per_source)
        self._requests = _rates(limits.requests_per_second, limits.requests_per_second_per_source)
        self._malformed = _rates(limits.malformed_per_second, limits.malformed_per_second_per_source)
        self._refusals = every_second(limits.refusals_per_second)

    def __len__(self) -> int:
        return len(self._calls)

    def invite(self, source: str, key: Hashable, now: float, wait: float, ahead: float = 0.0) -> Refusal | None:
        """Judge a new INVITE.

        Args:
            source: Where it came from.
            key: Its transaction: a repeat of what was refused is refused, whatever there is room for now (§8.2.7).
            now: The time.
            wait: For how long others have waited to be begun.
            ahead: For how long it would wait for those.
        """
        if self._recent.has(key):
            refusal: Refusal | None = Refusal.REPEATED
        elif not self.throttle.admits(now, wait, ahead):
            refusal = Refusal.OVERLOAD
        else:
            refusal = self._judge_invite(self._sources.of(source, now), now)
        if refusal is not None:
            self.refused[refusal] += 1
            self._recent.add(key, now)
        return refusal

    def request(self, source: str, now: float) -> Refusal | None:
        """Judge another request that belongs to no call."""
        known = self._sources.of(source, now)
        total, own = self._requests
        known.requests, wait = own.take(known.requests, now)
        if not wait:
            self._all.requests, wait = total.take(self._all.requests, now)
        return self._counted(Refusal.REQUEST_RATE) if wait else None

    def malformed(self, source: str, now: float) -> Refusal | None:
        """Judge a message that cannot be read."""
        known = self._sources.of(source, now)
        total, own = self._malformed
        known.malformed, wait = own.take(known.malformed, now)
        if not wait:
            self._all.malformed, wait = total.take(self._all.malformed, now)
        return self._counted(Refusal.MALFORMED_RATE) if wait else None

    def tells(self, now: float) -> bool:
        """Whether the sender of a refused request is told."""
        self._told, wait = self._refusals.take(self._told, now)
        self.untold += bool(wait)
        return not wait

    def shut(self, key: Hashable, now: float) -> None:
        """Refuse the repeats of an INVITE whose call is lost: they would make another one."""
        self._recent.add(key, now)

    def is_shut(self, key: Hashable) -> bool:
        """Whether an INVITE is a repeat of what was refused."""
        return self._recent.has(key)

    def entered(self, token: str, source: str, now: float) -> None:
        """Count a call that an INVITE has made."""
        known = self._sources.of(source, now)
        self._calls[token] = _Call(known)
        for each in (known, self._all):
            each.calls += 1
            each.pending += 1

    def acknowledged(self, token: str) -> None:
        """Count a call as answered; of one that is not counted there is nothing to do."""
        call = self._calls.get(token)
        if call is not None and call.is_pending:
            call.is_pending = False
            call.source.pending -= 1
            self._all.pending -= 1

    def left(self, token: str) -> None:
        """Count a call as over."""
        self.acknowledged(token)
        call = self._calls.pop(token, None)
        if call is not None:
            call.source.calls -= 1
            self._all.calls -= 1

    def _judge_invite(self, source: Source, now: float) -> Refusal | None:
        limits, total = self.limits, self._all
        if source.calls >= limits.calls_per_source or total.calls >= limits.calls:
            return Refusal.CALLS
        if source.pending >= limits.pending_calls_per_source or total.pending >= limits.pending_calls:
            return Refusal.PENDING
        of_all, of_one = self._invites
        source.invites, wait = of_one.take(source.invites, now)
        if not wait:
            total.invites, wait = of_all.take(total.invites, now)
        return Refusal.CALL_RATE if wait else None

    def _counted(self, refusal: Refusal) -> Refusal:
        self.refused[refusal] += 1
        return refusal


def _rates(total: float, per_source: float) -> tuple[Rate, Rate]:
    return every_second(total), every_second(per_source)
