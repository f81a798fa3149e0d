"""The INVITE of a call that we place, until its final response.

RFC: 3261 13.2, 18.1.1; 6026 7.2; 3264 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sip.headers.reason import first_reason
from sipsimple.protocols.sip.message import Request, Response
from sipsimple.protocols.sip.status import reason_phrase
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.transport import too_big_for_udp, via_value
from sipsimple.protocols.sip.usage.call import Call, become, with_stream
from sipsimple.protocols.sip.usage.change import session_timer
from sipsimple.protocols.sip.usage.ending import ending
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.events import Connect, StreamFailed
from sipsimple.protocols.sip.usage.outputs import Notify, Resolve
from sipsimple.protocols.sip.usage.pending import Pending
from sipsimple.protocols.sip.usage.setup import cancel, early, prack, redirection
from sipsimple.protocols.sip.usage.setup.redirection import Redirection
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams import lines, streams
from sipsimple.protocols.sip.usage.streams.stream import Phase
from sipsimple.protocols.sip.usage.within import credentials, exchange
from sipsimple.protocols.sip.usage.within.exchange import SDP_TYPE, Outputs
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transaction.outputs import ResponseReceived, TransactionEnded
    from sipsimple.protocols.sip.usage.events import (
        StreamEnded,
        StreamMoved,
        StreamPrepared,
        TargetFailed,
        TargetResolved,
    )

MAX_FORWARDS = "70"
MOST_TAGS = 16
"""Early dialogs of one INVITE that are remembered: a call may take the place of one."""


def connect(call: Call, command: Connect) -> tuple[Call, Outputs]:
    """Prepare the streams and find the next hop; the INVITE waits for both, as long as a transaction would.

    Raises:
        LocalProtocolError: No stream is proposed.
    """
    if not command.kinds:
        raise LocalProtocolError("a call needs a stream")
    call = replace(
        credentials.of_caller(call, command.accounts),
        identity=replace(call.identity, contact_user=command.contact_user),
        direction="outgoing",
        local=command.local,
        remote=command.remote,
        target=command.request_uri,
        routes=command.routes,
        extra=command.extra,
        redirection=Redirection(command.redirects) if command.redirects else None,
        streams=streams.outgoing(command.kinds),
        pending=Pending(is_ours=True),
    )
    call, changed = become(call, State.CALLING)
    resolve = Resolve(next_hop(call))
    prepares = streams.prepares(call)
    return call, (changed, Notify("SCSessionNewOutgoing"), streams.guard(call), resolve, *prepares)


def overdue(call: Call, _: object) -> tuple[Call, Outputs]:
    """Fail: the INVITE could not be sent in time. A large one that waits for a way over TCP goes by UDP."""
    pending = pending_of(call)
    if pending.key is not None:
        return call, ()
    if call.flow is None and pending.fallback is not None:
        return invite_when_ready(replace(call, flow=pending.fallback))
    if call.flow is None:
        failure = pending.failure or Failure.local(503, "the next hop was not found in time")
        return redirection.unreached(call, failure)
    return ending.fail(call, Failure.local(0, "the streams were not prepared in time"))


def next_hop(call: Call) -> str:
    """Return what the first request is sent to: the value of the first Route, else the URI of the callee."""
    return call.routes[0] if call.routes else call.target


def target_resolved(call: Call, event: TargetResolved) -> tuple[Call, Outputs]:
    """Go on with the flow that was found."""
    if call.flow is not None:
        return call, ()
    return invite_when_ready(replace(call, flow=event.flow))


def target_failed(call: Call, event: TargetFailed) -> tuple[Call, Outputs]:
    """Fail, unless this was the attempt to use TCP for a large INVITE."""
    if call.flow is not None:
        return call, ()
    fallback = pending_of(call).fallback
    if fallback is None:
        return redirection.unreached(call, Failure.local(503, event.reason))
    return invite_when_ready(replace(call, flow=fallback))


def stream_prepared(call: Call, event: StreamPrepared) -> tuple[Call, Outputs]:
    """Go on when the last stream is prepared."""
    return invite_when_ready(streams.prepared(call, event))


def stream_moved(call: Call, event: StreamMoved) -> tuple[Call, Outputs]:
    """Offer the new line of a stream; if the former one is out already, as soon as the call is established."""
    stream = call.stream(event.kind)
    if stream is None:
        return call, ()
    if pending_of(call).request is not None:
        return streams.move_soon(call, event), ()
    phase, media = Phase.PREPARED, streams.shown(event.kind, event.media)
    return invite_when_ready(with_stream(call, replace(stream, phase=phase, media=media)))


def stream_failed(call: Call, event: StreamFailed) -> tuple[Call, Outputs]:
    """Fail before anything was sent, or cancel what was."""
    if not call.has(event.kind):
        return call, ()
    return cancel.abandon(call, Failure.local(event.code, f"{event.kind} stream: {event.reason}"))


def stream_ended(call: Call, event: StreamEnded) -> tuple[Call, Outputs]:
    """Fail likewise: a stream that ends before the answer is not there to be answered."""
    return stream_failed(call, StreamFailed(event.kind, event.reason))


def invite_when_ready(call: Call) -> tuple[Call, Outputs]:
    """Send the INVITE once the next hop and all streams are known."""
    if call.flow is None or pending_of(call).key is not None or not streams.all_prepared(call):
        return call, ()
    return invite(call)


def invite(call: Call) -> tuple[Call, Outputs]:
    """Send the INVITE with our offer; one that is too big for UDP asks for TCP first (18.1.1)."""
    call, request = _request(call)
    flow = exchange.flow_of(call)
    pending = pending_of(call)
    if flow.transport == "udp" and pending.fallback is None and too_big_for_udp(request.size):
        pending = replace(pending, fallback=flow)
        return replace(call, flow=None, pending=pending), (Resolve(next_hop(call), "tcp", pending.tried),)
    transactions, outputs = layer.send_request(call.transactions, request, flow)
    pending = replace(pending, key=client_key(request), request=request, forks=())
    return replace(call, transactions=transactions, pending=pending), (StopTimer("preparing"), *outputs)


def _request(call: Call) -> tuple[Call, Request]:
    """Build the INVITE; one that goes out again by another transport keeps its offer and takes the next number."""
    former = pending_of(call).request
    flow = exchange.flow_of(call)
    number, branch = exchange.next_branch(call)
    negotiation = call.negotiation
    if former is not None:
        body, cseq = former.body, former.cseq.number + 1
    else:
        negotiation = offer_answer.start(call.identity.session_id, flow.local[0])
        negotiation, offer = offer_answer.offer(negotiation, lines.first_offer(call))
        body, cseq = bytes(offer), 1
    headers = [
        ("Via", via_value(flow, branch)),
        ("Max-Forwards", MAX_FORWARDS),
        *[("Route", route) for route in call.routes],
        ("From", f"{call.local};tag={call.identity.token}"),
        ("To", call.remote),
        ("Call-ID", call.identity.call_id),
        ("CSeq", f"{cseq} INVITE"),
        *exchange.capabilities(call),
        *session_timer.asked(call),
        *call.extra,
        ("User-Agent", call.identity.user_agent),
        ("Content-Type", SDP_TYPE),
    ]
    call = replace(call, negotiation=negotiation, branches=number)
    return credentials.put_on(call, Request("INVITE", call.target, headers, body))


def provisional(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Note that CANCEL is allowed from now on; tell each 180; let early media be heard."""
    pending, response = pending_of(call), event.response
    tag = early.tag_of(response)
    is_new = tag is not None and tag not in pending.tags and len(pending.tags) < MOST_TAGS
    if is_new or not pending.provisional:
        tags = (*pending.tags, tag) if is_new and tag is not None else pending.tags
        pending = replace(pending, provisional=True, tags=tags)
        call = replace(call, pending=pending)
    call, sent, is_news = prack.acknowledged(call, event)
    if not is_news:
        return call, sent
    told = (*sent, Notify("SCSessionGotRingIndication")) if response.status == 180 else sent
    if not response.body:
        return call, told
    call, heard = early.heard(call, pending_of(call), response)
    return call, told + heard


def failure(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Fail with the status of the peer; its ACK is the transaction's work."""
    response = event.response
    raised = session_timer.raised(call, response)
    if raised is not None:
        return invite_again(raised)
    contacts, told = redirection.told(call, response)
    again = redirection.followed(call, response)
    if again is not None:
        call, outputs = again
        return call, told + outputs
    call = replace(call, pending=None, remote_user_agent=response.server or response.user_agent)
    why = first_reason(response.get_all("reason"))
    call, end = ending.fail(call, Failure.remote(response.status, reason_text(response), why, contacts or None))
    return call, told + end


def invite_again(call: Call) -> tuple[Call, Outputs]:
    """Send the INVITE once more, with the next number, by the same way: what it said was not to be had.

    One that its credentials make too big for UDP finds a way over TCP first, for which a clock runs again.
    """
    pending = replace(pending_of(call), key=None, provisional=False, early=None)
    call, sent = invite_when_ready(replace(call, pending=pending))
    return call, (streams.guard(call), *sent) if pending_of(call).key is None else sent


def reason_text(response: Response) -> str:
    """Return the reason phrase, with the text of a Warning in parentheses."""
    text = response.reason.strip() or reason_phrase(response.status)
    warning = exchange.warning_text(response)
    return f"{text} ({warning})" if warning else text


def lost(call: Call, event: TransactionEnded) -> tuple[Call, Outputs]:
    """Fail when nobody answers; a TCP attempt for a large INVITE goes back to UDP."""
    pending = pending_of(call)
    if event.why == "timeout":
        return redirection.unreached(call, Failure.local(408))
    if may_fall_back(call):
        call = replace(call, flow=pending.fallback, pending=replace(pending, key=None), udp_only=True)
        return invite_when_ready(call)
    return redirection.unreached(call, Failure.local(503, event.why))


def may_fall_back(call: Call) -> bool:
    """Tell whether the INVITE is too large for UDP, goes by TCP for that, and may go by UDP all the same."""
    pending = pending_of(call)
    return pending.fallback is not None and call.flow != pending.fallback and not pending.provisional


def pending_of(call: Call) -> Pending:
    """Return the INVITE that is open."""
    if call.pending is None:
        raise AssertionError("no INVITE is pending")
    return call.pending
