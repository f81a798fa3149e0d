"""The ways a call ends: each tail of notifications is written once.

`SCSessionDidFail` is always followed by `SCSessionDidEnd`; `SCSessionDidEnd`
comes exactly once, because nothing leaves `TERMINATED`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sip.status import reason_phrase
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.usage.call import Call, Phase, become
from sipsimple.protocols.sip.usage.events import HandOver, Notify, StopStream
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.exchange import Outputs

TIMERS = ("2xx", "ack", "cancelled", "grace")
"""The call's own timers, as against those of its transactions."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call failed: the data of `SCSessionDidFail`."""

    originator: str
    code: int
    reason: str

    @classmethod
    def local(cls, code: int, reason: str | None = None) -> Failure:
        """Blame this side."""
        return cls("local", code, reason or reason_phrase(code))

    @classmethod
    def remote(cls, code: int, reason: str | None = None) -> Failure:
        """Blame the peer."""
        return cls("remote", code, reason or reason_phrase(code))


def finish(call: Call, originator: str, failure: Failure | None = None) -> tuple[Call, Outputs]:
    """Enter `TERMINATED`: stop the streams, tell, hand the transactions over."""
    stops = tuple(StopStream(each.kind) for each in call.streams if each.phase is not Phase.PROPOSED)
    timers = tuple(StopTimer(name) for name in TIMERS)
    call, changed = become(call, State.TERMINATED)
    told: Outputs = (changed,)
    if failure is not None:
        data = {"originator": failure.originator, "code": failure.code, "reason": failure.reason}
        told += (Notify("SCSessionDidFail", data),)
    told += (Notify("SCSessionDidEnd", {"originator": originator}),)
    last = HandOver(call.transactions)
    call = replace(call, streams=(), pending=None, ack=None, transactions=Transactions())
    return call, (*timers, *stops, *told, last)


def fail(call: Call, failure: Failure) -> tuple[Call, Outputs]:
    """Enter `TERMINATED` because of `failure`."""
    return finish(call, failure.originator, failure)


def begin_to_end(call: Call) -> tuple[Call, Outputs]:
    """Enter `TERMINATING` at the application's request."""
    call, changed = become(call, State.TERMINATING)
    return call, (changed, Notify("SCSessionWillEnd"))
