"""Reliable provisional responses, sent: again and again until PRACK comes, and then the next one.

A caller may require them; with the option `reliable_provisionals` every caller
gets them that supports them. None of them has a description, for which an
application would have to accept first; so the 2xx never has to wait for PRACK.
Where the INVITE has no offer, the first reliable response would have to bring
ours: such a caller hears 100 instead of 180, or an unreliable 180 if it does not
insist.

RFC: 3262 3, 5; 3261 13.2.1.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.extensions import RELIABLE, requires, supports
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.usage.streams import described
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.headers.cseq import CSeq
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

_FIRST_RSEQS = 2**31 - 1
_STOPS = (StopTimer("1xx"), StopTimer("prack"))


class Reliable(Value):
    """A provisional response of ours.

    Attributes:
        rseq: Its number.
        cseq: That of the INVITE.
        is_open: No PRACK came for it yet.
        response: What is sent again; None when it need not be any more.
        resend_after: Present interval of that, in seconds.
    """

    rseq: int
    cseq: int
    is_open: bool = True
    response: Response | None = None
    resend_after: float = 0.5


def ringing(call: Call, key: Key, request: Request) -> tuple[Call, Outputs]:
    """Answer an INVITE with 180, reliably where its sender wants that."""
    is_required = requires(request, RELIABLE)
    contact = ("Contact", exchange.contact(call))
    if not described.counts(request) or not (is_required or _is_offered(call, request)):
        call, _response, sent = exchange.respond(
            call, key, request, 100 if is_required else 180, *(() if is_required else (contact,))
        )
        return call, sent
    if is_awaited(call):
        return call, ()  # the next one has to wait for the PRACK of this one
    number, t1 = _next_rseq(call, request), call.identity.timing.t1
    headers = (contact, ("Require", RELIABLE), ("RSeq", str(number)))
    call, response, sent = exchange.respond(call, key, request, 180, *headers)
    call = replace(call, reliable=Reliable(number, request.cseq.number, response=response, resend_after=t1))
    return call, (*sent, *_clocks(call))


def _is_offered(call: Call, request: Request) -> bool:
    return call.identity.policy.reliable_provisionals and supports(request, RELIABLE)


def _next_rseq(call: Call, request: Request) -> int:
    """One more than the last one for this INVITE; else any number."""
    last = call.reliable
    if last is not None and last.cseq == request.cseq.number:
        return last.rseq + 1
    return 1 + zlib.crc32(f"{call.identity.token}{request.cseq}".encode()) % _FIRST_RSEQS


def _clocks(call: Call) -> Outputs:
    t1 = call.identity.timing.t1
    return StartTimer("1xx", t1), StartTimer("prack", 64 * t1)


def is_awaited(call: Call) -> bool:
    """Tell whether a provisional response is sent again and again until PRACK comes."""
    return call.reliable is not None and call.reliable.response is not None


def resend(call: Call, _: object) -> tuple[Call, Outputs]:
    """Send it again, at intervals that double, whatever the transport."""
    reliable, pending = call.reliable, call.pending
    if reliable is None or reliable.response is None or pending is None or pending.key is None:
        return call, ()
    transactions, outputs = layer.respond(call.transactions, pending.key, reliable.response)
    after = 2 * reliable.resend_after
    call = replace(call, transactions=transactions, reliable=replace(reliable, resend_after=after))
    return call, (*outputs, StartTimer("1xx", after))


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer PRACK: 200 if it is for the response that waits for it, 481 otherwise.

    Raises:
        RemoteProtocolError: 400: RAck is missing or malformed.
    """
    request, reliable = event.request, call.reliable
    rack = request.rack
    if rack is None:
        raise RemoteProtocolError("PRACK without RAck")
    if reliable is None or not reliable.is_open or rack.rseq != reliable.rseq or not _is_about(rack.cseq, reliable):
        return exchange.refuse(call, event, 481, f"no response waits for {rack}")
    is_over = call.pending is None or call.pending.success is not None
    call = replace(call, reliable=None if is_over else replace(reliable, is_open=False, response=None))
    if described.counts(request):
        text = "the offer of the INVITE is not answered yet"
        call, refused = exchange.refuse(call, event, 488, text, exchange.warning(text))
        return call, (*_STOPS, *refused)
    call, _response, sent = exchange.respond(call, event.key, request, 200)
    return call, (*_STOPS, *sent)


def _is_about(cseq: CSeq, reliable: Reliable) -> bool:
    return (cseq.number, cseq.method) == (reliable.cseq, "INVITE")


def settled(call: Call) -> tuple[Call, Outputs]:
    """Send it no more, because the INVITE has its final response; its PRACK may still come (3)."""
    reliable = call.reliable
    if reliable is None:
        return call, ()
    if not reliable.is_open:
        return replace(call, reliable=None), ()
    return replace(call, reliable=replace(reliable, response=None)), _STOPS


def resumed(call: Call) -> tuple[Call, Outputs]:
    """Go on after a crash, which may have cost a clock, or the PRACK.

    Over a connection neither a PRACK nor what it is for is lost, but by a crash: nothing is sent again then.
    """
    reliable, flow = call.reliable, call.flow
    if reliable is None or reliable.response is None or flow is None:
        return call, ()
    if flow.reliable:
        return replace(call, reliable=replace(reliable, response=None)), _STOPS
    return call, _clocks(call)
