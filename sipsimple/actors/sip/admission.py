"""The door: refuses what is too much before any actor sees it, and answers what cannot be read.

It works in the reader's greenlet, so that an answer leaves before a broken
stream is closed, and a flood fills no mailbox. What is too much says
`protocols.sip.gate`; this measures, sends and tells the log, once a second at the most.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from sipsimple.actors.sip.load import Load
from sipsimple.actors.wire.limits import source_of
from sipsimple.actors.wire.sockets import address_text
from sipsimple.protocols.sip.admission.gate import Gate, Refusal
from sipsimple.protocols.sip.admission.limits import AdmissionLimits, Manners
from sipsimple.protocols.sip.framer import reply_to_malformed
from sipsimple.protocols.sip.grammar import unbracketed
from sipsimple.protocols.sip.message import METHODS
from sipsimple.protocols.sip.stateless import refuse
from sipsimple.protocols.sip.transaction.matching import server_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.errors import RemoteProtocolError
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transport import Flow

GARBAGE = frozenset({"ACK", "BYE", "CANCEL"})
"""Of these, too many for no call are not worth an answer: nor are those of unknown methods."""

LOG_SECONDS = 1.0
"""Between two lines about refused requests."""


class Admission:
    """Who of the strangers is let in; belongs to the hub's thread.

    Args:
        log: For what is refused.
        limits: What may be asked.
        manners: What strangers are told.
        now: The time.

    Attributes:
        send: Sends an answer over a flow; nothing is answered while it is None.
        gate: What was counted.
        load: How long requests wait.
    """

    def __init__(
        self,
        log: Any,
        limits: AdmissionLimits | None = None,
        manners: Manners | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits or AdmissionLimits()
        self.manners = manners or Manners()
        self.send: Callable[[bytes, Flow], None] | None = None
        self.gate = Gate(self.limits)
        self.load = Load(now)
        self.now = now
        self._log = log
        self._secret = secrets.token_hex(16)
        self._retry_after = f"Retry-After: {self.limits.retry_after}"
        self._logged: Counter[Refusal] = Counter()
        self._logged_at = float("-inf")
        self._was_throttled = False

    def refuses(self, request: Request, source: str, flow: Flow) -> bool:
        """Tell whether a request that belongs to no call is too much; then it has been answered, if it is to be.

        Args:
            request: Not an ACK.
            source: The host that it came from.
            flow: The way for its response.
        """
        now = self.now()
        if request.method == "INVITE":
            wait, ahead = self.load.wait(now), self.load.ahead
            refusal = self.gate.invite(source_of(source), server_key(request), now, wait, ahead)
            self._tell_of_overload()
            if refusal is None:
                self.load.let_in()
        else:
            refusal = self.gate.request(source_of(source), now)
        if refusal is None:
            return False
        if request.method not in GARBAGE and request.method in METHODS and self.gate.tells(now):
            self._send(refuse(request, 503, self._secret, self._retry_after), flow)
        self._count(now)
        return True

    def malformed(self, data: bytes, error: RemoteProtocolError, flow: Flow) -> None:
        """Answer what cannot be read, as far as it can be; of what is too much take no further notice."""
        now = self.now()
        if self.gate.malformed(source_of(flow.remote[0]), now) is not None:
            self._count(now)
            return
        self._log.warning(
            "message.rejected",
            peer=address_text(flow.remote),
            transport=flow.transport,
            status=error.status,
            reason=str(error),
            size_bytes=len(data),
        )
        reply = reply_to_malformed(data, error)
        if reply is not None:
            self._send(reply, flow)

    def entered(self, request: Request, token: str) -> None:
        """Count the call that an INVITE has made."""
        self.gate.entered(token, sender_of(request), self.now())

    def begin(self, request: Request, arrived: float | None) -> None:
        """Take note of the turn in the endpoint of a request that was let in, and had `arrived` then."""
        if arrived is not None and request.method == "INVITE":
            self.load.begin(arrived)
            self.gate.throttle.begun()

    def lost(self, request: Request) -> None:
        """Take note that a request which was let in reached nobody."""
        if request.method == "INVITE":
            self.load.wait_for(self.load.waiting - 1)

    def _send(self, data: bytes, flow: Flow) -> None:
        if self.send is not None:
            self.send(data, flow)

    def _count(self, now: float) -> None:
        if now - self._logged_at >= LOG_SECONDS:
            counts = self.gate.refused - self._logged
            self._logged, self._logged_at = self.gate.refused.copy(), now
            self._log.warning("requests.refused", **{each.name.lower(): count for each, count in counts.items()})

    def _tell_of_overload(self) -> None:
        rate = self.gate.throttle.rate
        if (rate is not None) != self._was_throttled:
            self._was_throttled = rate is not None
            if rate is None:
                self._log.warning("overload.ended")
            else:
                self._log.warning("overload.begun", calls_per_second=round(rate))


def sender_of(request: Request) -> str:
    """Return the source that a request is counted for, which was stamped when it came."""
    via = request.via
    return source_of(unbracketed(via.received or via.host))
