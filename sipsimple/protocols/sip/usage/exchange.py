"""How a call puts its requests and responses on the wire: identity headers, branches, transactions.

RFC: 3261 8.1.1, 8.2.6, 12.2.1.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.grammar import bracketed, is_ip_literal, unbracketed
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.ids import BRANCH_COOKIE
from sipsimple.protocols.sip.message import Request, Response, response_to
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import Key, client_key
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.transport import Flow, HostPort, default_port, via_value
from sipsimple.protocols.sip.uri import URI

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.protocols.sdp.offer_answer import Negotiation
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.usage.call import Call

Header = tuple[str, str]
Outputs = tuple[object, ...]

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS"
SDP_TYPE = "application/sdp"


def contact(call: Call) -> str:
    """Return the Contact value by which the peer reaches this call."""
    flow = flow_of(call)
    user = call.identity.token
    if call.direction == "incoming":
        user = URI.parse(call.target).user or user
    transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
    return f"<sip:{user}@{host_port(flow.local)}{transport}>"


def host_port(address: HostPort) -> str:
    """Write an address for a URI; port 0 means that none is known."""
    host, port = address
    return f"{bracketed(host)}:{port}" if port else bracketed(host)


def flow_of(call: Call) -> Flow:
    """Return the flow to the peer; a call that sends has one."""
    if call.flow is None:
        raise AssertionError("a call without a next hop cannot send")
    return call.flow


def dialog_of(call: Call) -> Dialog:
    """Return the dialog of a call that has one."""
    if call.dialog is None:
        raise AssertionError("no dialog was made yet")
    return call.dialog


def negotiation_of(call: Call) -> Negotiation:
    """Return the offer/answer state of a call that has one."""
    if call.negotiation is None:
        raise AssertionError("no description was exchanged yet")
    return call.negotiation


def next_branch(call: Call) -> tuple[Call, str]:
    """Take a new branch; its stem leads responses back to this call."""
    number = call.branches + 1
    return replace(call, branches=number), f"{BRANCH_COOKIE}{call.identity.token}{number}"


def request_in_dialog(call: Call, dialog: Dialog, method: str) -> tuple[Call, Dialog, Key, Outputs]:
    """Send a bodyless request inside `dialog`, by a transaction of its own."""
    call, branch = next_branch(call)
    flow = flow_of(call)
    headers: tuple[Header, ...] = (("User-Agent", call.identity.user_agent),)
    dialog, request = dialogs.request(dialog, method, via_value(flow, branch), headers)
    transactions, outputs = layer.send_request(call.transactions, request, flow)
    return replace(call, transactions=transactions), dialog, client_key(request), outputs


def acknowledge(call: Call, dialog: Dialog, cseq: int) -> tuple[Call, Request, Outputs]:
    """Send the ACK for a 2xx: outside any transaction (RFC 3261 13.2.2.4)."""
    call, branch = next_branch(call)
    flow = flow_of(call)
    ack = dialogs.ack_for_success(dialog, cseq, via_value(flow, branch))
    return call, ack, (Send(ack, flow),)


def respond(
    call: Call,
    key: Key,
    request: Request,
    status: int,
    *,
    reason: str | None = None,
    headers: Iterable[Header] = (),
    body: bytes = b"",
) -> tuple[Call, Response, Outputs]:
    """Answer `request` by its server transaction, with our tag."""
    response = response_to(
        request,
        status,
        reason,
        to_tag=call.identity.token,
        headers=(*headers, ("Server", call.identity.user_agent)),
        body=body,
        content_type=SDP_TYPE if body else None,
    )
    transactions, outputs = layer.respond(call.transactions, key, response)
    return replace(call, transactions=transactions), response, outputs


def capabilities(call: Call) -> tuple[Header, ...]:
    """Return the headers by which an INVITE and its answers say who and what we are."""
    return (("Contact", contact(call)), ("Allow", ALLOW))


def flow_in_dialog(call: Call, dialog: Dialog) -> Flow:
    """Return the flow to the dialog's next hop: its first route, else the peer's Contact.

    An open connection to the peer is kept for the whole dialog. A next hop
    that is a name is reached by the flow that made the dialog.
    """
    flow = flow_of(call)
    routes = dialog.route_set
    uri = Address.parse(routes[0]).uri if routes else URI.parse(dialog.remote_target)
    transport = (uri.transport or "udp").lower()
    if flow.reliable or not is_ip_literal(uri.host):
        return flow
    remote = unbracketed(uri.host), uri.port or default_port(transport)
    if transport != flow.transport:
        return Flow(transport, (flow.local[0], 0), remote)
    return replace(flow, remote=remote)
