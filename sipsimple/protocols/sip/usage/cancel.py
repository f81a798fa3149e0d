"""CANCEL, sent and received, and its races with the final response.

RFC: 3261 9.1, 9.2, 15.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.derived import make_cancel
from sipsimple.protocols.sip.usage import ending, exchange
from sipsimple.protocols.sip.usage.ending import Failure

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.exchange import Outputs


def terminate(call: Call, _: object) -> tuple[Call, Outputs]:
    """End a call that was not answered yet.

    CANCEL may only follow a provisional response; before one came it waits.
    An INVITE that was not sent yet is never sent.
    """
    call, told = ending.begin_to_end(call)
    pending = call.pending
    if pending is None or pending.key is None:
        call, outputs = ending.finish(call, "local")
    elif pending.provisional:
        call, outputs = send(call)
    else:
        call, outputs = replace(call, pending=replace(pending, cancelled=True)), ()
    return call, told + outputs


def send(call: Call) -> tuple[Call, Outputs]:
    """Send CANCEL for our INVITE; without a final response within 64*T1 the INVITE counts as cancelled."""
    pending = call.pending
    if pending is None or pending.request is None:
        raise AssertionError("CANCEL needs an INVITE")
    cancel = make_cancel(pending.request)
    transactions, outputs = layer.send_request(call.transactions, cancel, exchange.flow_of(call))
    call = replace(call, transactions=transactions, pending=replace(pending, cancelled=False))
    return call, (*outputs, StartTimer("cancelled", 64 * call.identity.timing.t1))


def provisional(call: Call, _: object) -> tuple[Call, Outputs]:
    """Send the CANCEL that waited for a provisional response."""
    if call.pending is not None and call.pending.cancelled:
        return send(call)
    return call, ()


def final(call: Call, _: object) -> tuple[Call, Outputs]:
    """End: the cancelled INVITE has its final response, or will have none."""
    return ending.finish(call, "local")


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer CANCEL with 200 and, if it comes in time, the INVITE with 487."""
    pending = call.pending
    invite = layer.find_invite(call.transactions, event.request)
    known = pending is not None and invite == pending.key
    call, _response, answered = exchange.respond(call, event.key, event.request, 200 if known else 481)
    if not known or pending is None or pending.success is not None:
        return call, answered
    call, told = withdrawn(call)
    return call, answered + told


def withdrawn(call: Call) -> tuple[Call, Outputs]:
    """Answer the INVITE with 487 and end: the caller gave up."""
    pending = call.pending
    if pending is None or pending.key is None or pending.request is None:
        raise AssertionError("only a pending INVITE can be withdrawn")
    call, _response, sent = exchange.respond(call, pending.key, pending.request, 487)
    call, told = ending.fail(call, Failure.remote(487, "request cancelled by the caller"))
    return call, sent + told
