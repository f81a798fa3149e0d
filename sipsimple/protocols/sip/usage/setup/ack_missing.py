"""64*T1 without the ACK for a 2xx of ours: the end, or where the policy says so, no matter.

Some devices and proxies lose every ACK; the media flow all the same.

RFC: 3261 13.3.1.4, 14.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sdp.offer_answer import State as Exchange
from sipsimple.protocols.sip.usage.call import become
from sipsimple.protocols.sip.usage.ending import bye
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.sip.usage.setup import acknowledgement
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

MISSING = Failure.local(408, "no ACK came for the answer")


def of_call(call: Call, _: object) -> tuple[Call, Outputs]:
    """Give up: BYE, then the failure is told; or begin the session without it."""
    if not acknowledgement.waits_for_ack(call):
        return call, ()
    if not _can_be_done_without(call):
        return bye.abandon(call, MISSING)
    call, done = _do_without(call)
    call, changed = become(call, State.ESTABLISHED)
    return call, (*done, changed, Notify("SCSessionDidStart"))


def of_change(call: Call, _: object) -> tuple[Call, Outputs]:
    """Give up likewise, or go on with what was agreed."""
    if not acknowledgement.waits_for_ack(call):
        return call, ()
    return _do_without(call) if _can_be_done_without(call) else bye.abandon(call, MISSING)


def _can_be_done_without(call: Call) -> bool:
    """Tell whether nothing is lost with the ACK; that of a late offer has the answer."""
    has_answer = exchange.negotiation_of(call).state is not Exchange.OFFER_SENT
    return call.identity.policy.tolerates_missing_ack and has_answer


def _do_without(call: Call) -> tuple[Call, Outputs]:
    note = Note("ack.missing", {"reason": "tolerated"})
    return replace(call, pending=None), (StopTimer("2xx"), note)
