"""The ways a call ends: each tail of notifications is written once.

`SCSessionDidFail` is always followed by `SCSessionDidEnd`; `SCSessionDidEnd`
comes exactly once, because nothing leaves `TERMINATED`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.protocols.outputs import StopTimer, StopTimers
from sipsimple.protocols.sip.authorization import NOBODY
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.usage.call import Call, become
from sipsimple.protocols.sip.usage.outputs import HandOver, Notify, StopStream
from sipsimple.protocols.sip.usage.refer import state as transfer_state
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams.stream import Phase
from sipsimple.protocols.sip.usage.within import rerouting
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.headers.reason import Reason
    from sipsimple.protocols.sip.usage.ending.failure import Failure
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

_NOTHING = Transactions()


def finish(call: Call, originator: str, reason: Reason | None = None) -> tuple[Call, Outputs]:
    """Enter `TERMINATED`: stop the streams, tell, hand the transactions over.

    A failure that the call remembers is told, and its originator is that of the end; `reason` is what the peer gave
    for its BYE. A transfer whose outcome nobody will ever know is told as failed before.
    Only where our own BYE ended the call, what its streams sent last may still be reported.
    """
    linger = call.bye is not None and call.failure is None
    why = "the session has ended" if call.failure is None else call.failure.reason
    stops = tuple([StopStream(each.kind, linger, why) for each in call.streams if each.phase is not Phase.PROPOSED])
    call, before = transfer_state.abandoned(call)
    told: Outputs = ()
    failure = call.failure
    if failure is not None:
        originator = failure.originator
        told = (Notify("SCSessionDidFail", failure.data()),)
    call, sent = rerouting.at_last(call)
    call, _stops = forget_invite(call)
    last = HandOver(call.transactions, call.authorization)
    call, changed = become(call, State.TERMINATED)
    call = replace(
        call,
        transactions=_NOTHING,
        streams=(),
        pending=None,
        change=None,
        commands=(),
        proposal=(),
        acks=(),
        dialog=None,
        negotiation=None,
        flow=None,
        session_timer=None,
        reliable=None,
        infos=(),
        redirection=None,
        authorization=NOBODY,
        repeats=(),
        search=None,
    )
    data: dict[str, Any] = {"originator": originator}
    if reason is not None:
        data.update(reason=reason.text or None, cause=reason.cause, protocol=reason.protocol)
    end = Notify("SCSessionDidEnd", data)
    return call, (*sent, StopTimers(), *stops, *before, changed, *told, end, last)


def forget_invite(call: Call) -> tuple[Call, Outputs]:
    """Withdraw an INVITE of ours that has no answer: whoever keeps its transaction acknowledges one that comes late."""
    pending = call.pending
    if pending is None or not pending.is_ours or pending.key is None:
        return call, ()
    transactions, outputs = layer.withdraw(call.transactions, pending.key)
    stops = tuple([each for each in outputs if isinstance(each, StopTimer)])  # its keeper starts the clock
    return replace(call, transactions=transactions, pending=None), stops


def fail(call: Call, failure: Failure) -> tuple[Call, Outputs]:
    """Enter `TERMINATED` because of `failure`, or of the one that the call remembers already."""
    return finish(replace(call, failure=call.failure or failure), failure.originator)


def begin_to_end(call: Call) -> tuple[Call, Outputs]:
    """Enter `TERMINATING` at the application's request."""
    call = replace(call, proposal=()) if call.proposal else call
    call, changed = become(call, State.TERMINATING)
    return call, (changed, Notify("SCSessionWillEnd"))


def begin_to_fail(call: Call, failure: Failure) -> tuple[Call, Outputs]:
    """Enter `TERMINATING` because of `failure`, which is told when what the protocol wants waited for has come."""
    call, changed = become(replace(call, failure=failure), State.TERMINATING)
    return call, (changed,)
