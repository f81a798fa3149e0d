"""The INVITE of a call that we place, until its final response.

RFC: 3261 13.2, 18.1.1; 6026 7.2; 3264 5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.message import Request, Response
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.transaction.outputs import ResponseReceived, Send, TransactionEnded
from sipsimple.protocols.sip.transport import too_big_for_udp, via_value
from sipsimple.protocols.sip.usage import bye, ending, exchange, streams
from sipsimple.protocols.sip.usage.call import Call, Pending, become
from sipsimple.protocols.sip.usage.ending import Failure
from sipsimple.protocols.sip.usage.events import (
    Connect,
    Notify,
    Prepare,
    Resolve,
    StreamFailed,
    StreamPrepared,
    TargetFailed,
    TargetResolved,
)
from sipsimple.protocols.sip.usage.exchange import SDP_TYPE, Outputs
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from sipsimple.protocols.sip.dialog import Dialog

MAX_FORWARDS = "70"


def connect(call: Call, command: Connect) -> tuple[Call, Outputs]:
    """Prepare the streams and find the next hop; the INVITE waits for both."""
    call = replace(
        call,
        direction="outgoing",
        local=command.local,
        remote=command.remote,
        target=command.request_uri,
        routes=command.routes,
        streams=streams.outgoing(command.kinds),
        pending=Pending(),
    )
    call, changed = become(call, State.CALLING)
    prepares = tuple(Prepare(kind, outgoing=True) for kind in command.kinds)
    return call, (changed, Notify("SCSessionNewOutgoing"), Resolve(next_hop(call)), *prepares)


def next_hop(call: Call) -> str:
    """Return the URI that the first request is sent to: the outbound proxy, else the callee."""
    return call.routes[0].strip("<>") if call.routes else call.target


def target_resolved(call: Call, event: TargetResolved) -> tuple[Call, Outputs]:
    """Go on with the flow that was found."""
    return invite_when_ready(replace(call, flow=event.flow))


def target_failed(call: Call, event: TargetFailed) -> tuple[Call, Outputs]:
    """Fail, unless this was the attempt to use TCP for a large INVITE."""
    pending = _pending(call)
    if pending.fallback is None:
        return ending.fail(call, Failure.local(503, event.reason))
    return invite_when_ready(replace(call, flow=pending.fallback))


def stream_prepared(call: Call, event: StreamPrepared) -> tuple[Call, Outputs]:
    """Go on when the last stream is prepared."""
    return invite_when_ready(streams.prepared(call, event))


def stream_failed(call: Call, event: StreamFailed) -> tuple[Call, Outputs]:
    """Fail before anything was sent, or cancel what was."""
    failure = Failure.local(0, f"{event.kind} stream: {event.reason}")
    return ending.fail(call, failure)


def invite_when_ready(call: Call) -> tuple[Call, Outputs]:
    """Send the INVITE once the next hop and all streams are known."""
    if call.flow is None or _pending(call).key is not None or not streams.all_prepared(call):
        return call, ()
    return invite(call)


def invite(call: Call) -> tuple[Call, Outputs]:
    """Send the INVITE with our offer; one that is too big for UDP asks for TCP first (18.1.1)."""
    call, branch = exchange.next_branch(call)
    call, request = _request(call, branch)
    flow = exchange.flow_of(call)
    pending = _pending(call)
    if flow.transport == "udp" and pending.fallback is None and too_big_for_udp(request.size):
        pending = replace(pending, fallback=flow)
        return replace(call, pending=pending), (Resolve(next_hop(call), transport="tcp"),)
    transactions, outputs = layer.send_request(call.transactions, request, flow)
    pending = replace(pending, key=client_key(request), request=request)
    return replace(call, transactions=transactions, pending=pending), outputs


def _request(call: Call, branch: str) -> tuple[Call, Request]:
    pending = _pending(call)
    flow = exchange.flow_of(call)
    if pending.request is not None:
        body, cseq = pending.request.body, pending.request.cseq.number + 1
    else:
        media = tuple(each.media for each in call.streams if each.media is not None)
        negotiation, offer = offer_answer.offer(offer_answer.start(call.identity.session_id, flow.local[0]), media)
        call = replace(call, negotiation=negotiation)
        body, cseq = bytes(offer), 1
    headers = [
        ("Via", via_value(flow, branch)),
        ("Max-Forwards", MAX_FORWARDS),
        ("From", f"{call.local};tag={call.identity.token}"),
        ("To", call.remote),
        ("Call-ID", call.identity.call_id),
        ("CSeq", f"{cseq} INVITE"),
        *(("Route", route) for route in call.routes),
        *exchange.capabilities(call),
        ("User-Agent", call.identity.user_agent),
        ("Content-Type", SDP_TYPE),
    ]
    return call, Request("INVITE", call.target, headers, body)


def provisional(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Note that CANCEL is allowed from now on; tell each 180."""
    call = replace(call, pending=replace(_pending(call), provisional=True))
    ringing = event.response.status == 180
    return call, (Notify("SCSessionGotRingIndication"),) if ringing else ()


def failure(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Fail with the status of the peer; its ACK is the transaction's work."""
    response = event.response
    call = replace(call, remote_user_agent=response.server or response.user_agent)
    return ending.fail(call, Failure.remote(response.status, reason_text(response)))


def reason_text(response: Response) -> str:
    """Return the reason phrase, with the text of a Warning in parentheses."""
    warning = response.warning
    text = response.reason or str(response.status)
    if not warning:
        return text
    quoted = warning.partition('"')[2].rpartition('"')[0]
    return f"{text} ({quoted or warning})"


def lost(call: Call, event: TransactionEnded) -> tuple[Call, Outputs]:
    """Fail when nobody answers; a TCP attempt for a large INVITE goes back to UDP."""
    pending = _pending(call)
    if event.why == "timeout":
        return ending.fail(call, Failure.local(408))
    if pending.fallback is not None and call.flow != pending.fallback:
        call = replace(call, flow=pending.fallback, pending=replace(pending, key=None))
        return invite_when_ready(call)
    return ending.fail(call, Failure.local(503, "transport error"))


def success(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Acknowledge the 2xx, start the streams that the answer takes."""
    try:
        call, acknowledged = _establish(call, event.response)
    except RemoteProtocolError as error:
        return ending.fail(call, Failure.remote(error.status or 400, str(error)))
    will_start = Notify("SCSessionWillStart")
    try:
        negotiation, answer = offer_answer.receive_answer(exchange.negotiation_of(call), event.response.body)
        call, starts = streams.start_answered(replace(call, negotiation=negotiation), answer)
    except RemoteProtocolError as error:
        call, tail = bye.abandon(call, Failure.local(488, str(error)))
        return call, (will_start, *acknowledged, *tail)
    call, changed = become(call, State.ESTABLISHED)
    return call, (will_start, *acknowledged, *starts, changed, Notify("SCSessionDidStart"))


def success_after_cancel(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Take the call that our CANCEL came too late for, and end it at once (9.1)."""
    try:
        call, acknowledged = _establish(call, event.response)
    except RemoteProtocolError:
        return ending.finish(call, "local")
    call, sent = bye.hang_up(call)
    return call, acknowledged + sent


def success_after_end(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Take a 2xx while ending: of the INVITE that we cancelled, or a repeated one."""
    if call.pending is not None and call.dialog is None:
        return success_after_cancel(call, event)
    return success_again(call, event)


def _establish(call: Call, response: Response) -> tuple[Call, Outputs]:
    request = _pending(call).request
    if request is None:
        raise AssertionError("a response needs a request")
    dialog = dialogs.from_response(request, response)
    call = replace(
        call,
        dialog=dialog,
        pending=None,
        flow=exchange.flow_in_dialog(call, dialog),
        remote_user_agent=response.server or response.user_agent,
    )
    call, ack, sent = exchange.acknowledge(call, dialog, request.cseq.number)
    return replace(call, ack=ack), sent


def success_again(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Repeat the ACK for a repeated 2xx; a 2xx of another fork is acknowledged and ended (13.2.2.4)."""
    response = event.response
    if call.dialog is None or call.ack is None:
        return call, ()
    if response.to.tag == call.dialog.remote_tag:
        return call, (Send(call.ack, exchange.flow_of(call)),)
    return _end_fork(call, call.ack, response)


def _end_fork(call: Call, ack: Request, response: Response) -> tuple[Call, Outputs]:
    try:
        fork: Dialog = dialogs.from_response(ack, response)
    except RemoteProtocolError:
        return call, ()
    flow = call.flow
    call = replace(call, flow=exchange.flow_in_dialog(call, fork))
    call, _ack, acknowledged = exchange.acknowledge(call, fork, response.cseq.number)
    call, _fork, _key, sent = exchange.request_in_dialog(call, fork, "BYE")
    return replace(call, flow=flow), acknowledged + sent


def _pending(call: Call) -> Pending:
    if call.pending is None:
        raise AssertionError("no INVITE is pending")
    return call.pending
