"""CANCEL, sent and received, and its races with the final response.

RFC: 3261 9.1, 9.2, 15.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip.headers.reason import first_reason
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.derived import make_cancel
from sipsimple.protocols.sip.usage.ending import ending
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.setup import prack
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.within import exchange, large
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.headers.reason import Reason
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived, ResponseReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.pending import Pending
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def terminate(call: Call, _: object) -> tuple[Call, Outputs]:
    """End a call that was not answered yet, at the application's request."""
    call, told = ending.begin_to_end(call)
    call, outputs = _withdraw(call)
    return call, told + outputs


def abandon(call: Call, failure: Failure) -> tuple[Call, Outputs]:
    """End a call that was not answered yet because of `failure`."""
    if not _is_sent(call):
        return ending.fail(call, failure)
    call, told = ending.begin_to_fail(call, failure)
    if failure.code and not call.farewell:
        call = replace(call, farewell=exchange.reason(failure.code, failure.reason)[1])
    call, outputs = _withdraw(call)
    return call, told + outputs


def _withdraw(call: Call) -> tuple[Call, Outputs]:
    """Cancel the INVITE.

    CANCEL may only follow a provisional response; before one came it waits.
    An INVITE that was not sent yet is never sent.
    """
    pending = call.pending
    if pending is None or not _is_sent(call):
        return ending.finish(call, "local")
    if pending.provisional:
        return send(call)
    return replace(call, pending=replace(pending, cancelled=True)), ()


def _is_sent(call: Call) -> bool:
    return call.pending is not None and call.pending.key is not None


def send(call: Call) -> tuple[Call, Outputs]:
    """Send CANCEL for our INVITE; without a final response within 64*T1 the INVITE counts as cancelled."""
    pending = call.pending
    if pending is None or pending.request is None:
        raise AssertionError("CANCEL needs an INVITE")
    cancel = make_cancel(pending.request, exchange.farewell(call))
    flow = large.way_of(call, pending.key, exchange.flow_of(call))
    transactions, outputs = layer.send_request(call.transactions, cancel, flow)
    pending = replace(pending, provisional=True, cancelled=False)
    call = replace(call, transactions=transactions, pending=pending)
    return call, (*outputs, clock(call))


def clock(call: Call) -> StartTimer:
    """Start the clock of the final response that follows CANCEL."""
    return StartTimer("cancelled", 64 * call.identity.timing.t1)


def is_cancelled(call: Call, pending: Pending) -> bool:
    """Tell whether CANCEL was sent for our INVITE: that of a call that ends, or a change."""
    if call.state is State.TERMINATING:
        return pending.provisional and not pending.cancelled
    return pending.cancelled


def provisional(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Send the CANCEL that waited for a provisional response; one that is reliable is acknowledged all the same."""
    if call.bye is not None:
        return call, ()
    call, sent, _is_news = prack.acknowledged(call, event)
    if call.pending is not None and call.pending.cancelled:
        call, cancelled = send(call)
        return call, sent + cancelled
    return call, sent


def final(call: Call, _: object) -> tuple[Call, Outputs]:
    """End: the cancelled INVITE has its final response, or will have none. One that a BYE overtook ends nothing."""
    call = replace(call, pending=None)
    return (call, ()) if call.bye is not None else ending.finish(call, "local")


def unanswered(call: Call, _: object) -> tuple[Call, Outputs]:
    """End without a final response: the INVITE and its transaction are given up (9.1)."""
    if not _is_sent(call) or call.bye is not None:
        return call, ()
    return ending.finish(call, "local")


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer CANCEL with 200 and, if it comes in time, the INVITE with 487.

    After our final response it changes nothing, but is answered all the same
    as long as the INVITE's transaction is there (9.2).
    """
    call, outputs, is_open = answered(call, event)
    if not is_open:
        return call, outputs
    call, told = withdrawn(call, first_reason(event.request.get_all("reason")))
    return call, outputs + told


def answered(call: Call, event: RequestReceived) -> tuple[Call, Outputs, bool]:
    """Answer CANCEL; returned is also whether the INVITE that it is about waits for our final response."""
    invite = layer.find_invite(call.transactions, event.request)
    if invite is None:
        call, refused = exchange.refuse(call, event, 481, "no INVITE to cancel")
        return call, refused, False
    call, _response, sent = exchange.respond(call, event.key, event.request, 200)
    pending = call.pending
    return call, sent, pending is not None and pending.key == invite and pending.success is None


def withdrawn(call: Call, why: Reason | None = None) -> tuple[Call, Outputs]:
    """Answer the INVITE with 487 and end: the caller gave up, for the reason that it gives."""
    pending = call.pending
    if pending is None or pending.key is None or pending.request is None:
        raise AssertionError("only a pending INVITE can be withdrawn")
    call, _response, sent = exchange.respond(call, pending.key, pending.request, 487)
    text = "request cancelled by the caller" + (f" ({why.text})" if why is not None and why.text else "")
    call, told = ending.fail(call, Failure.remote(487, text, why))
    return call, sent + told
