"""A request inside the dialog that is too big for UDP: it goes by TCP to the same place, and back to UDP if TCP fails.

Its branch stays the same either way, so that whoever waits for its answer need not know. The dialog itself, and what
Contact says, stay with UDP.

RFC: 3261 18.1.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.client import Client
from sipsimple.protocols.sip.transaction.invite_client import InviteClient
from sipsimple.protocols.sip.transport import Flow, too_big_for_udp, via_value
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

UNANSWERED = frozenset({"calling", "trying"})
"""States of client transactions that have no response at all."""


def way_for(call: Call, request: Request, flow: Flow) -> tuple[Request, Flow]:
    """Return the request as it goes out, and its way; what TCP did not carry once is not tried again."""
    if call.udp_only or flow.transport != "udp" or not too_big_for_udp(request.size):
        return request, flow
    tcp = Flow("tcp", (flow.local[0], 0), flow.remote)  # the answer comes back by this connection
    return _by(request, tcp), tcp


def fall_back(call: Call, key: Key) -> tuple[Call, Outputs] | None:
    """Send by UDP what TCP did not carry; None: this was not the only way, or there is an answer already."""
    txn, way = call.transactions.entries.get(key), call.flow
    if not isinstance(txn, Client | InviteClient) or txn.request is None or txn.state not in UNANSWERED:
        return None
    if way is None or way.transport != "udp" or txn.flow.transport != "tcp":
        return None
    flow = replace(way, remote=txn.flow.remote)
    request = _by(txn.request, flow)
    transactions, stops = layer.abandon(call.transactions, key)
    transactions, sent = layer.send_request(transactions, request, flow)
    pending = call.pending
    if pending is not None and pending.key == key:
        pending = replace(pending, request=request)
    note = Note("request.too_big", {"method": request.method, "why": "TCP does not carry it, sent by UDP"})
    call = replace(call, transactions=transactions, pending=pending, udp_only=True)
    return call, (*stops, note, *sent)


def way_of(call: Call, key: Key | None, otherwise: Flow) -> Flow:
    """Return the way by which the INVITE `key` went: its CANCEL follows it (RFC 3261 9.1)."""
    txn = None if key is None else call.transactions.entries.get(key)
    return txn.flow if isinstance(txn, InviteClient) else otherwise


def _by(request: Request, flow: Flow) -> Request:
    return request.replacing({"Via": via_value(flow, request.via.branch or "")})
