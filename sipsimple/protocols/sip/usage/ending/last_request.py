"""A request of a call that is over, a BYE mostly, that did not do: each is sent again once.

With credentials, when it is challenged; to where it is addressed, when the peer's connection is lost. Nobody waits for
its answer any more, but without it the peer would have a session with nobody.

RFC: 3261 12.2.1.1, 15.1.1, 22.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip import authorization
from sipsimple.protocols.sip.authorization import CHALLENGES
from sipsimple.protocols.sip.next_hop import around
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.client import Client
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.transport import via_value
from sipsimple.protocols.sip.usage.setup import late
from sipsimple.protocols.sip.usage.within.large import UNANSWERED
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.authorization import Authorization
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.layer import Transactions
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.transport import Flow
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


_AGAIN = "r"
"""Ends the branch of what was sent again: that of any other request of ours ends in a digit, or a hexadecimal one."""


def waits(transactions: Transactions) -> bool:
    """Tell whether one of them may be challenged yet, or the BYE that the late answer to an INVITE will need."""
    is_open = any(isinstance(each, Client) and each.request is not None for each in transactions.entries.values())
    return is_open or any(late.withdrawn(transactions).values())


def challenged(
    transactions: Transactions, response: Response, auth: Authorization, entropy: str
) -> tuple[Transactions, Outputs]:
    """Take a challenge; whatever it cannot answer is left to its transaction.

    Args:
        transactions: Those of the call that is over.
        response: A 401 or 407.
        auth: What the call could answer with.
        entropy: Fresh, 16 to 64 hexadecimal digits.
    """
    found = _asked(transactions, response)
    transactions, outputs = layer.receive_response(transactions, response)
    if found is None:
        return transactions, outputs
    request, flow = found
    auth, why = authorization.challenged(auth, request, response, entropy)
    if why is not None:
        return transactions, outputs
    via = via_value(flow, f"{request.via.branch}{_AGAIN}")  # with the stem that leads its answer here
    again = request.replacing({"Via": via, "CSeq": f"{request.cseq.number + 1} {request.method}"})
    _, again = authorization.authorized(auth, again)
    transactions, sent = layer.send_request(transactions, again, flow)
    return transactions, (*outputs, *sent)


def turned_back(transactions: Transactions, key: Key) -> tuple[Transactions, Outputs]:
    """Send to its next hop what the connection that the peer opened did not carry; else it has failed."""
    txn = transactions.entries.get(key)
    if not isinstance(txn, Client) or txn.request is None or txn.flow.back is None or txn.state not in UNANSWERED:
        return layer.transport_failed(transactions, key)
    request = txn.request
    way = around(txn.flow, request.get("route") or request.uri) or replace(txn.flow, back=None)
    transactions, stops = layer.abandon(transactions, key)
    again = request.replacing({"Via": via_value(way, request.via.branch or "")})
    transactions, sent = layer.send_request(transactions, again, way)
    return transactions, (*stops, *sent)


def _asked(transactions: Transactions, response: Response) -> tuple[Request, Flow] | None:
    txn = transactions.entries.get(client_key(response))
    if response.status not in CHALLENGES or not isinstance(txn, Client) or txn.request is None:
        return None
    is_repeat = (txn.request.via.branch or "").endswith(_AGAIN)
    return None if is_repeat else (txn.request, txn.flow)
