"""How a call puts its requests and responses on the wire: identity headers, branches, transactions.

RFC: 3261 8.1.1, 8.2.6, 12.2.1.1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.admission.unheard import COME_AGAIN
from sipsimple.protocols.sip.extensions import SUPPORTED
from sipsimple.protocols.sip.grammar import quote, unescape
from sipsimple.protocols.sip.ids import BRANCH_COOKIE
from sipsimple.protocols.sip.message import Request, Response, response_to
from sipsimple.protocols.sip.next_hop import is_same, is_sender, next_hop, towards
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.invite_server import InviteServer
from sipsimple.protocols.sip.transaction.matching import server_key
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.transaction.server import Server
from sipsimple.protocols.sip.transport import Flow, host_port, via_value
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.sip.usage.within import credentials, large
from sipsimple.protocols.sip.usage.within import search as searching
from sipsimple.protocols.sip.usage.within.search import Search
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.offer_answer import Negotiation
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.call import Call

Header = tuple[str, str]
Outputs = tuple[object, ...]

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY"
SDP_TYPE = "application/sdp"

_UNPRINTABLE = re.compile(r"[^ -~]")
_QUOTED = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_MAX_WARNING = 160
_MAX_READ = 1000


def contact(call: Call) -> str:
    """Return the Contact value by which the peer reaches this call: the name that it called, at our address."""
    flow = flow_of(call)
    user = call.identity.contact_user or call.identity.token
    if call.direction == "incoming":
        # as it is written, escapes and all
        userinfo, at, _ = call.target.partition(":")[2].partition("@")
        user = userinfo.partition(":")[0] if at else user
    if flow.transport == "tls" and call.target[:5].lower() == "sips:":  # 8.1.1.8, 12.1.1
        return f"<sips:{user}@{host_port(flow.local)}>"
    transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
    return f"<sip:{user}@{host_port(flow.local)}{transport}>"


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


def next_branch(call: Call) -> tuple[int, str]:
    """Return the number and the text of the next branch; its stem leads responses back to this call."""
    number = call.branches + 1
    return number, f"{BRANCH_COOKIE}{call.identity.token}{number}"


def request_in_dialog(
    call: Call,
    dialog: Dialog,
    flow: Flow,
    method: str,
    *headers: Header,
    body: bytes = b"",
    content_type: str = SDP_TYPE,
) -> tuple[Call, Dialog, Request, Outputs]:
    """Send a request inside `dialog`, by a transaction of its own, as soon as the way is known."""
    number, branch = next_branch(call)
    lines: tuple[Header, ...] = (*headers, ("User-Agent", call.identity.user_agent))
    if body:
        lines += (("Content-Type", content_type),)
    dialog, request = dialogs.request(dialog, method, via_value(flow, branch), lines, body)
    call, request = credentials.put_on(call, request)
    if searching.is_on(call, dialog):
        call, asks = searching.held(replace(call, branches=number), request)
        return call, dialog, request, asks
    request, way = large.way_for(call, request, flow)
    transactions, outputs = layer.send_request(call.transactions, request, way)
    return replace(call, transactions=transactions, branches=number), dialog, request, outputs


def acknowledge(call: Call, dialog: Dialog, flow: Flow, key: Key, cseq: int) -> tuple[Call, Outputs]:
    """Make the ACK for a 2xx, outside any transaction, and keep it for repeats of the 2xx (RFC 3261 13.2.2.4).

    Args:
        call: Whose INVITE was answered.
        dialog: That of the 2xx.
        flow: The way to its next hop.
        key: The transaction of the INVITE.
        cseq: Its number.
    """
    number, branch = next_branch(call)
    ack = dialogs.ack_for_success(dialog, cseq, via_value(flow, branch), credentials.of_invite(call, key))
    again = Send(bytes(ack), flow)
    call = replace(call, branches=number, acks=(*call.acks, (key, dialog.remote_tag, again)))
    return searching.held(call, ack) if searching.is_on(call, dialog) else (call, (Send(ack, flow),))


def respond(
    call: Call, key: Key, request: Request, status: int, *headers: Header, body: bytes = b""
) -> tuple[Call, Response, Outputs]:
    """Answer `request` by its server transaction, with our tag."""
    response = response_to(
        request,
        status,
        to_tag=call.identity.token,
        headers=(*headers, ("Server", call.identity.user_agent)),
        body=body,
        content_type=SDP_TYPE if body else None,
    )
    transactions, outputs = layer.respond(call.transactions, key, response)
    return replace(call, transactions=transactions), response, outputs


def refuse(call: Call, event: RequestReceived, status: int, why: str, *headers: Header) -> tuple[Call, Outputs]:
    """Answer a request with an error status; `why` goes to the log."""
    call, _response, sent = respond(call, event.key, event.request, status, *headers)
    return call, (*sent, Note("request.rejected", {"method": event.request.method, "status": status, "reason": why}))


def answer_with(call: Call, event: RequestReceived, error: RemoteProtocolError) -> tuple[Call, Outputs]:
    """Answer a request with what is wrong with it: 400, where that has no status of its own."""
    headers = () if error.header is None else (error.header,)
    return refuse(call, event, error.status or 400, str(error), *headers)


def warning(text: str) -> Header:
    """Return the Warning header that tells the peer why, whatever characters of its own stand in `text`."""
    return "Warning", f"399 sipsimple {quote(_UNPRINTABLE.sub('?', text[:_MAX_WARNING]))}"


def come_again(status: int) -> tuple[Header, ...]:
    """Return the header that says when to try again, where the status is one that may pass."""
    return (COME_AGAIN,) if status == 503 else ()


def warning_text(response: Response) -> str:
    """Return what the first Warning of a response says; empty without one."""
    value = (response.warning or "")[:_MAX_READ]
    quoted = _QUOTED.search(value)
    return unescape(quoted[1]).strip() if quoted else value.strip()


def reason(code: int, text: str) -> Header:
    """Return the Reason header that tells the peer of a request why it is sent (RFC 3326)."""
    return "Reason", f"SIP;cause={code};text={quote(_UNPRINTABLE.sub('?', text[:_MAX_WARNING]))}"


def farewell(call: Call) -> tuple[Header, ...]:
    """Return the header that tells the peer why the call ends, if somebody said so."""
    return (("Reason", call.farewell),) if call.farewell else ()


def capabilities(call: Call) -> tuple[Header, ...]:
    """Return the headers by which an INVITE and its answers say who and what we are."""
    return (("Contact", contact(call)), ("Allow", ALLOW), ("Supported", SUPPORTED))


def retargeted(dialog: Dialog, response: Response) -> Dialog:
    """Return the dialog with the target of a 2xx; one that cannot be read changes nothing, the 2xx counts."""
    try:
        return dialogs.retargeted(dialog, response)
    except RemoteProtocolError:
        return dialog


def entered(call: Call, dialog: Dialog, request: Request) -> Call:
    """Return the call in the dialog that our 2xx to its `request` confirms.

    A connection that the peer opened is kept while it lives: it may be all that reaches a peer behind NAT. Not so where
    a route leads past its other end.
    """
    flow, hop = flow_of(call), next_hop(dialog)
    call = replace(call, dialog=dialog)
    is_kept = flow.back is not None and (not dialog.route_set or is_sender(request.via, flow, hop))
    return call if is_kept else _headed(call, towards(flow, hop), hop)


def led(call: Call, dialog: Dialog, request: Request | None = None) -> Call:
    """Return the call with its dialog as it is now, and the flow to where that leads.

    Args:
        call: In a dialog; or its INVITE was answered, which makes one.
        dialog: Its target may be another one than before.
        request: Of the peer, by which the target came; None: it came by a response.
    """
    former = _first_hop(call) if call.dialog is None else next_hop(call.dialog)
    flow, hop = flow_of(call), next_hop(dialog)
    if request is not None and flow.back is not None and not dialog.route_set:
        flow = _latest(call, flow, request)
    call = replace(call, dialog=dialog, flow=flow)
    if hop == former or (flow.back is not None and _is_peers(flow, hop, former, request)):
        return call
    way = towards(flow, hop)
    return call if way is None and is_same(hop, former) else _headed(call, way, hop)


def flow_in_dialog(call: Call, dialog: Dialog) -> Flow:
    """Return the flow to the next hop of a dialog beside the call's own; one that is a name is left to the present."""
    flow = flow_of(call)
    return towards(flow, next_hop(dialog)) or flow


def _headed(call: Call, way: Flow | None, hop: str) -> Call:
    """Head for another next hop: by a look-up where it is a name, where another transport leads, or one is awaited."""
    search = call.search
    if search is not None and search.asked:
        return replace(call, search=replace(search, hop=hop))
    if way is None or way.transport != flow_of(call).transport:  # what we say of ourselves is another address there
        return replace(call, search=Search(hop))
    return replace(call, flow=way, search=None)


def _is_peers(flow: Flow, hop: str, former: str, request: Request | None) -> bool:
    """Tell whether the connection that the peer opened is its own still: it is where it was, or says so itself."""
    return is_same(hop, former) or (request is not None and is_sender(request.via, flow, hop))


def _first_hop(call: Call) -> str:
    """Return what the INVITE was sent to."""
    return call.routes[0] if call.routes else call.target


def _latest(call: Call, flow: Flow, request: Request) -> Flow:
    """Return the connection by which a request of the peer has come: it may have connected again."""
    txn = call.transactions.entries.get(server_key(request))
    return txn.flow if isinstance(txn, InviteServer | Server) and txn.flow.back is not None else flow
