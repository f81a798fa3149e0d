"""DTMF digits on their way to the peers: the library takes some thirty of a call at a time, the others wait here."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.media.worker.agenda import Agenda

DIGITS = frozenset("0123456789*#ABCD")
MOST_WAITING = 1000
RETRY_SECONDS = 0.2
"""As long as one digit sounds."""


class Digits:
    """The digits of a worker by the token of their leg.

    Args:
        agenda: For what is done later.
        dial: Sends a digit of a leg; False when the library has no room for it.
    """

    def __init__(self, agenda: Agenda, dial: Callable[[str, str], bool]) -> None:
        self._agenda = agenda
        self._dial = dial
        self._waiting: dict[str, deque[str]] = {}

    def send(self, leg: str, digit: str) -> None:
        """Send a digit after those that wait.

        Raises:
            ValueError: It is none, or too many wait.
        """
        if digit not in DIGITS:
            raise ValueError(f"not a digit: {digit!r}")
        waiting = self._waiting.get(leg)
        if waiting is None:
            if not self._dial(leg, digit):
                self._waiting[leg] = deque(digit)
                self._look_later(leg)
        elif len(waiting) < MOST_WAITING:
            waiting.append(digit)
        else:
            raise ValueError(f"{MOST_WAITING} digits wait already")

    def forget(self, leg: str) -> None:
        """Send no more of a leg."""
        self._waiting.pop(leg, None)

    def _look_later(self, leg: str) -> None:
        waiting = self._waiting[leg]
        self._agenda.at(time.monotonic() + RETRY_SECONDS, lambda: self._go_on(leg, waiting))

    def _go_on(self, leg: str, waiting: deque[str]) -> None:
        if self._waiting.get(leg) is not waiting:
            return
        del self._waiting[leg]  # so that nothing is left when one of them cannot be sent
        while waiting and self._dial(leg, waiting[0]):
            waiting.popleft()
        if waiting:
            self._waiting[leg] = waiting
            self._look_later(leg)
