"""Requests inside the dialog that waited for their way go out by it, with the branch that they had.

They have waited because the next hop is a name, or because the connection that the peer opened is lost: nobody listens
at its other end, so they go where the route or the Contact says. A next hop that is not found costs nothing: then the
flow that made the dialog has to do.

RFC: 3261 8.1.2, 12.2.1.1, 18.1.1; 3263 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.message import Request, parse
from sipsimple.protocols.sip.next_hop import around, next_hop, towards
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.transport import via_value
from sipsimple.protocols.sip.usage.outputs import Note, Resolve
from sipsimple.protocols.sip.usage.within import exchange, large, search
from sipsimple.protocols.sip.usage.within.search import Search
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transport import Flow
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.events import TargetFailed, TargetResolved
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

_POINTLESS = frozenset({"INVITE", "CANCEL"})  # when the call ends


def resolved(call: Call, event: TargetResolved) -> tuple[Call, Outputs]:
    """Send what has waited, unless the dialog leads elsewhere by now: then that is looked up."""
    found = call.search
    if found is None or not found.asked:
        return call, ()
    if _is_back(call, found):
        return _released(call, found, exchange.flow_of(call))
    return _ask(call, found) if found.asked != found.hop else _released(call, found, event.flow)


def failed(call: Call, event: TargetFailed) -> tuple[Call, Outputs]:
    """Send what has waited by the flow that there is."""
    missed = call.search
    if missed is None or not missed.asked:
        return call, ()
    flow = exchange.flow_of(call)
    if _is_back(call, missed):
        return _released(call, missed, flow)
    if missed.asked != missed.hop:
        return _ask(call, missed)
    note = Note("next_hop.not_found", {"next_hop": missed.hop, "reason": event.reason})
    call, sent = _released(call, missed, flow if missed.lost is None else replace(flow, back=None))
    return call, (note, *sent)


def turned_back(call: Call, message: Request | bytes) -> tuple[Call, Outputs] | None:
    """Look for another way for a request that the peer's connection did not carry; None: it had none of these.

    Args:
        call: Whose request it is.
        message: As it was sent; the repeat of an ACK is bytes.
    """
    flow, dialog, request = call.flow, call.dialog, _request_of(call, message)
    if flow is None or dialog is None or request is None or (request.to.tag or "") != dialog.remote_tag:
        return None
    key = client_key(request)
    former = call.transactions.entries.get(key)
    is_open = former is not None and former.state in large.UNANSWERED
    if flow.back is None or not (is_open or request.method == "ACK"):
        return None
    transactions, stops = layer.abandon(call.transactions, key)
    call = replace(call, transactions=transactions)
    if former is not None and former.flow.connection != flow.connection:
        call, sent = _sent(call, request, flow)  # the peer has connected again meanwhile
        return call, (*stops, *sent)
    if call.search is None:
        call = replace(call, search=Search(next_hop(dialog), lost=flow.connection))
    call, asks = search.held(call, request)
    note = Note("connection.lost", {"method": request.method, "next_hop": next_hop(dialog)})
    return call, (*stops, note, *asks)


def at_last(call: Call) -> tuple[Call, Outputs]:
    """Send what still waits when the call ends, by the best way that is known."""
    waits = call.search
    if waits is None or call.flow is None:
        return call, ()
    waits = replace(waits, waiting=tuple([each for each in waits.waiting if each.method not in _POINTLESS]))
    if _is_back(call, waits):
        return _released(call, waits, call.flow)
    way = (towards if waits.lost is None else around)(call.flow, waits.hop)
    return _released(call, waits, way or call.flow)


def resumed(call: Call) -> Outputs:
    """Look again after a crash, which may have cost the answer."""
    lost = call.search
    return () if lost is None or not lost.asked else (Resolve(lost.asked),)


def _is_back(call: Call, search: Search) -> bool:
    """Tell whether the peer has connected again meanwhile."""
    return search.lost is not None and search.lost != exchange.flow_of(call).connection


def _ask(call: Call, stale: Search) -> tuple[Call, Outputs]:
    return replace(call, search=replace(stale, asked=stale.hop)), (Resolve(stale.hop),)


def _released(call: Call, done: Search, flow: Flow) -> tuple[Call, Outputs]:
    call = replace(call, flow=flow, search=None)
    outputs: list[object] = []
    for request in done.waiting:
        call, sent = _sent(call, request, flow)
        outputs += sent
    return call, tuple(outputs)


def _sent(call: Call, request: Request, flow: Flow) -> tuple[Call, Outputs]:
    fresh = _by(call, request, flow)
    if request.method == "ACK":
        before, again = bytes(request), Send(bytes(fresh), flow)
        acks = [(key, tag, again if ack.message == before else ack) for key, tag, ack in call.acks]
        return replace(call, acks=tuple(acks)), (Send(fresh, flow),)
    fresh, way = large.way_for(call, fresh, flow)
    transactions, sent = layer.send_request(call.transactions, fresh, way)
    call, pending = replace(call, transactions=transactions), call.pending
    if pending is not None and pending.key == client_key(fresh):
        call = replace(call, pending=replace(pending, request=fresh))
    return call, sent


def _by(call: Call, request: Request, flow: Flow) -> Request:
    """Return the request as it goes by this flow: Via says by which, Contact where we are reached from there."""
    changes = {"Via": via_value(flow, request.via.branch or "")}
    if "contact" in request.headers:
        changes["Contact"] = exchange.contact(replace(call, flow=flow))
    return request.replacing(changes)


def _request_of(call: Call, message: Request | bytes) -> Request | None:
    if isinstance(message, Request):
        return message
    if not any(ack.message == message for _key, _tag, ack in call.acks):
        return None
    again = parse(message)
    return again if isinstance(again, Request) else None
