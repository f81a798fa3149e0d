"""The clocks that a call needs running after a crash: the one that it crashed on will not fire again.

Each gets its whole interval. Those of the preparations, of PRACK and of the session's timer are started by who
knows them: see `streams`, `reliable` and `refresh`.

RFC: 3261 9.1, 13.3.1.1, 13.3.1.4, 14.1, 17.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.usage.change import glare, reoffer
from sipsimple.protocols.sip.usage.refer import referral, transfer
from sipsimple.protocols.sip.usage.setup import acknowledgement, cancel, ringing
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams import streams

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

_UNDECIDED = frozenset({State.INCOMING, State.ACCEPTING, State.PROPOSED})
_IN_SESSION = frozenset({State.ACCEPTING, State.ESTABLISHED, State.PROPOSING, State.PROPOSED})


def of(call: Call) -> Outputs:
    """Start them."""
    own: Outputs = _of_invite(call)
    if call.state in _IN_SESSION:
        own = (*own, *_of_change(call), *_of_streams(call), *transfer.clocks_of(call), *referral.clocks_of(call))
    return (*layer.timers(call.transactions), *own)


def _of_invite(call: Call) -> Outputs:
    pending = call.pending
    if pending is None or pending.key is None or call.bye is not None:
        return ()
    if pending.is_ours:
        patience = (StartTimer("answer", reoffer.PATIENCE),) if call.state in _IN_SESSION else ()
        return (*patience, cancel.clock(call)) if cancel.is_cancelled(call, pending) else patience
    if pending.success is not None:
        return acknowledgement.resend_timers(call)
    return ringing.clocks(call) if call.state in _UNDECIDED else ()


def _of_change(call: Call) -> Outputs:
    change = call.change
    return () if change is None or change.is_due else (StartTimer("retry", glare.by_lot(call)),)


def _of_streams(call: Call) -> Outputs:
    """A peer that closed the last stream has a moment to end the call; one that said so by INVITE has not to end it."""
    remote = None if call.streams or call.negotiation is None else call.negotiation.remote_description
    if remote is None or not any(each.port for each in remote.media):
        return ()
    return (StartTimer("grace", streams.GRACE),)
