"""BYE, sent and received.

RFC: 3261 15.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sip.headers.reason import first_reason
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.usage.ending import ending
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.sip.usage.pending import invite_of
from sipsimple.protocols.sip.usage.refer import reports
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.ending.failure import Failure
    from sipsimple.protocols.sip.usage.within.exchange import Header, Outputs


def hang_up(call: Call, *headers: Header) -> tuple[Call, Outputs]:
    """Send BYE in the call's dialog.

    A 2xx that waits for its ACK is not sent again, a re-INVITE of the peer gets
    487, one of ours is left to its answer.
    """
    call, declined = decline(call)
    call, outcomes = reports.at_last(call)
    pending = call.pending
    waits = pending is not None and pending.success is not None
    dialog, flow = exchange.dialog_of(call), exchange.flow_of(call)
    call, dialog, request, sent = exchange.request_in_dialog(
        call, dialog, flow, "BYE", *(headers or exchange.farewell(call))
    )
    ours = pending if pending is not None and pending.is_ours else None
    call = replace(call, dialog=dialog, pending=ours, bye=client_key(request))
    stops = (StopTimer("2xx"), StopTimer("ack")) if waits else ()
    return call, (*stops, *declined, *outcomes, *sent)


def decline(call: Call) -> tuple[Call, Outputs]:
    """Answer an open INVITE of the peer with 487: the session that it would change ends (15.1.2)."""
    pending = call.pending
    if pending is None or pending.is_ours or pending.success is not None:
        return call, ()
    key, request, _ = invite_of(pending)
    call, _response, sent = exchange.respond(call, key, request, 487)
    note = Note("reinvite.rejected", {"status": 487, "reason": "the session ends"})
    return replace(call, pending=None), (*sent, note)


def terminate(call: Call, _: object) -> tuple[Call, Outputs]:
    """End an established call: BYE goes out, the end is told when it is answered or given up."""
    call, told = ending.begin_to_end(call)
    call, sent = hang_up(call)
    return call, told + sent


def done(call: Call, _: object) -> tuple[Call, Outputs]:
    """End, now that our BYE was answered, or nobody is there to answer it."""
    return ending.finish(call, "local")


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer the peer's BYE and end; a BYE of ours that it crosses stays with its transaction."""
    if call.dialog is None:
        return exchange.refuse(call, event, 481, "no dialog yet")
    originator = "local" if call.state is State.TERMINATING else "remote"
    call, declined = decline(call)
    call, _response, sent = exchange.respond(call, event.key, event.request, 200)
    call, told = ending.finish(call, originator, first_reason(event.request.get_all("reason")))
    return call, declined + sent + told


def abandon(call: Call, failure: Failure) -> tuple[Call, Outputs]:
    """End an established call because of `failure`: BYE, then the ordinary tail.

    Nobody waits for the answer; the transaction is handed over with the others.
    """
    headers = (exchange.reason(failure.code, failure.reason),) if failure.code else ()
    call, sent = hang_up(call, *headers)
    call, told = ending.fail(call, failure)
    return call, sent + told
