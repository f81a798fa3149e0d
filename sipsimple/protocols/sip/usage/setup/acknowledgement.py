"""Our 2xx until its ACK comes: it is sent again, whatever the transport.

RFC: 3261 13.3.1.4, 15; 3264 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sdp.offer_answer import State as Exchange
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.usage.call import become
from sipsimple.protocols.sip.usage.ending import bye
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.outputs import Notify
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams import agreement, described
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sdp.offer_answer import Negotiation
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def resend_timers(call: Call) -> Outputs:
    """Start the two clocks of a 2xx that waits for its ACK."""
    t1 = call.identity.timing.t1
    return StartTimer("2xx", t1), StartTimer("ack", 64 * t1)


def resend(call: Call, _: object) -> tuple[Call, Outputs]:
    """Send the 2xx again, at intervals that double up to T2 (13.3.1.4), whatever the transport."""
    pending = call.pending
    if pending is None or pending.key is None or pending.success is None:
        return call, ()
    transactions, outputs = layer.respond(call.transactions, pending.key, pending.success)
    after = min(2 * pending.resend_after, call.identity.timing.t2)
    call = replace(call, transactions=transactions, pending=replace(pending, resend_after=after))
    return call, (*outputs, StartTimer("2xx", after))


def acknowledged(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Enter `ESTABLISHED`: the ACK for our 2xx came."""
    if not acknowledges(call, event.request):
        return call, ()
    call = replace(call, pending=None)
    stops: Outputs = (StopTimer("2xx"), StopTimer("ack"))
    negotiation = exchange.negotiation_of(call)
    if negotiation.state is Exchange.OFFER_SENT:
        try:
            negotiation, document = read_answer(negotiation, event.request)
            call, starts = agreement.first(call, negotiation, document)
        except RemoteProtocolError as error:
            call, tail = bye.abandon(call, Failure.local(488, error.reason))
            return call, stops + tail
        stops += starts
    call, changed = become(call, State.ESTABLISHED)
    return call, (*stops, changed, Notify("SCSessionDidStart"))


def read_answer(negotiation: Negotiation, ack: Request) -> tuple[Negotiation, SessionDescription]:
    """Read the answer that the ACK brings to an offer in our 2xx (13.2.1).

    Raises:
        RemoteProtocolError: 488 or 400: there is none, or it is none.
    """
    if not described.is_in(ack):
        raise RemoteProtocolError("the ACK has no answer to our offer", 488)
    return offer_answer.receive_answer(negotiation, described.of(ack))


def waits_for_ack(call: Call) -> bool:
    """Tell whether a 2xx of ours was not acknowledged yet."""
    return call.pending is not None and call.pending.success is not None


def acknowledges(call: Call, ack: Request) -> bool:
    """Tell whether `ack` is the one that our 2xx waits for."""
    pending = call.pending
    if pending is None or pending.success is None or pending.request is None:
        return False
    return ack.cseq.number == pending.request.cseq.number


def acknowledged_too_late(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Send the BYE that had to wait for the ACK."""
    return bye.hang_up(call) if acknowledges(call, event.request) else (call, ())


def never_acknowledged(call: Call, _: object) -> tuple[Call, Outputs]:
    """Send the BYE that waited for an ACK in vain."""
    return bye.hang_up(call) if waits_for_ack(call) else (call, ())
