"""The calls of a worker: slots, pacing, and the end of each.

A slot is an account, taken while a call is there. The library may keep the call itself longer than it says, until its
last request was answered; a leg that finds none free waits. Set-ups are spaced, since a burst of them aborts the
process: closed sockets stay in the library's select for half a second.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from typing import TYPE_CHECKING, Protocol

from sipsimple.media.worker.account import Slot
from sipsimple.media.worker.call import EngineCall
from sipsimple.media.worker.closing import terminated
from sipsimple.media.worker.library import TOO_MANY, is_lasting, pj, reason_of
from sipsimple.media.worker.stun import Stun
from sipsimple.media.worker.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.media.worker.agenda import Agenda
    from sipsimple.media.worker.endpoint import Endpoint
    from sipsimple.media.worker.legs import Leg

PACE_SECONDS = 0.05
GRACE_SECONDS = 0.3
"""In which the engine may answer the end of a call itself."""
PATIENCE_SECONDS = 10.0
FORBIDDEN = 403


def check_address(address: str) -> None:
    """See that RTP can be bound there: a call that gets an offer finds out late, and does not say why it fails.

    Raises:
        OSError: It is no address of this host.
    """
    if address:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))


class LegWatcher(Protocol):
    """Who is told what happens to legs."""

    def media_changed(self, leg: Leg) -> None:
        """The media of the leg began, changed or ended."""

    def ended(self, leg: Leg, reason: str, *, is_lasting: bool = False) -> None:
        """The leg has no call any more, or never had one."""

    def got_digit(self, leg: Leg, digit: str) -> None:
        """The peer sent a DTMF digit."""

    def failed(self, text: str) -> None:
        """Something raised where nobody expects it."""


class Calls:
    """The calls, and the legs that wait for one.

    Args:
        endpoint: The library.
        agenda: For what is done later.
        watcher: Who is told.
        to_self: Sends a datagram to the worker's own SIP port.
    """

    def __init__(
        self, endpoint: Endpoint, agenda: Agenda, watcher: LegWatcher, to_self: Callable[[bytes], None]
    ) -> None:
        self._agenda = agenda
        self._watcher = watcher
        self._to_self = to_self
        self._slots = [Slot(self._refuse) for _ in range(endpoint.capacity)]
        self._stun = Stun(endpoint, agenda)
        self._turn = Turn(agenda, endpoint.warn)
        self._calls: set[EngineCall] = set()
        self._over: list[EngineCall] = []
        self._waiting: deque[Leg] = deque()
        self._next_at = 0.0

    def open(self, leg: Leg) -> None:
        """Make the call of a leg as soon as its servers are known, there is a slot and the pace allows."""
        stun, turn = (leg.opening.stun, leg.opening.turn) if leg.opening.ice else ("", "")
        self._turn.check(turn, lambda: None)  # both are asked at once
        self._stun.check(stun, lambda: self._turn.check(turn, lambda: self._queue(leg)))

    def close(self, leg: Leg) -> None:
        """End the call of a leg, which is told nothing more."""
        call, leg.call, leg.is_closed = leg.call, None, True
        if call is None:
            return
        call.leg = None
        call.end()
        if call.invite:
            answer = terminated(call.invite)
            self._agenda.at(time.monotonic() + GRACE_SECONDS, lambda: self._to_self(answer))

    def free(self) -> None:
        """Forget the calls that are over; never called inside of a callback of theirs."""
        if not self._over:
            return
        for call in self._over:
            self._calls.discard(call)
            if call.slot is not None:
                call.slot.is_free = True
        self._over.clear()
        self._pump()

    def media_changed(self, call: EngineCall) -> None:
        """Tell whose media it is."""
        if call.leg is not None:
            self._watcher.media_changed(call.leg)

    def got_digit(self, call: EngineCall, digit: str) -> None:
        """Tell for whom."""
        if call.leg is not None:
            self._watcher.got_digit(call.leg, digit)

    def ended(self, call: EngineCall, reason: str, *, is_lasting: bool = False) -> None:
        """Note that a call is over; its leg is told."""
        if call not in self._over:
            self._over.append(call)
        leg, call.leg = call.leg, None
        if leg is not None:
            leg.call = None
            self._watcher.ended(leg, reason, is_lasting=is_lasting)

    def failed(self, text: str) -> None:
        """Tell that a callback raised."""
        self._watcher.failed(text)

    def _queue(self, leg: Leg) -> None:
        self._waiting.append(leg)
        self._pump()

    def _pump(self) -> None:
        """Open the first of those who wait; `free` and the agenda see to the others."""
        while self._waiting:
            now = time.monotonic()
            if now < self._next_at:
                self._agenda.at(self._next_at, self._pump)
                return
            slot = next((slot for slot in self._slots if slot.is_free), None)
            if slot is None:
                return
            leg = self._waiting.popleft()
            if not leg.is_closed:
                self._next_at = now + PACE_SECONDS
                self._place(leg, slot)

    def _place(self, leg: Leg, slot: Slot) -> None:
        """Make the call; when the library has not yet forgotten an older one, try again for a while."""
        leg.call = call = EngineCall(slot, leg, self)
        self._calls.add(call)
        try:
            check_address(leg.opening.address)
            opening = leg.opening
            slot.take(opening, self._stun.works(opening.stun), self._turn.works(opening.turn))
            call.open(leg.opening)
        except (pj.Error, OSError, TypeError, ValueError, OverflowError) as error:
            if getattr(error, "status", 0) != TOO_MANY or time.monotonic() > leg.opened_at + PATIENCE_SECONDS:
                self.ended(call, reason_of(error), is_lasting=is_lasting(error))
                return
            leg.call = call.leg = None
            self.ended(call, "")
            self._waiting.appendleft(leg)

    def _refuse(self, slot: Slot, number: int) -> None:
        """Refuse a call from outside: not now, inside of the callback, since that aborts the process."""
        call = EngineCall(slot, None, self, number)
        self._calls.add(call)
        self._agenda.at(time.monotonic(), lambda: call.refuse(FORBIDDEN))
