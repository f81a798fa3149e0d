"""An INVITE whose server does not serve goes to the next one: each that the DNS names is tried once.

It is the same request in a new transaction: a new branch and the next number, all else as it was. What was tried is
kept with the INVITE; who answers a challenge keeps the flow, and tries nobody else for it.

RFC: 3263 4.3; 3261 8.1.3.1, 18.1.1, 21.5.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.authorization import elsewhere
from sipsimple.protocols.sip.headers.reason import first_reason
from sipsimple.protocols.sip.resolve.avoiding import AVOIDED, seconds_avoided
from sipsimple.protocols.sip.transaction.outputs import TIMEOUT
from sipsimple.protocols.sip.transport import host_port
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.outputs import Avoid, Note, Resolve
from sipsimple.protocols.sip.usage.setup import invite, redirection
from sipsimple.protocols.sip.usage.streams import streams
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.transaction.outputs import ResponseReceived, TransactionEnded
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.events import TargetFailed
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

MOST_TARGETS = 10
"""Ways of one INVITE, however many the DNS names."""


def failure(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Ask the next server when this one says that it cannot serve now; any other failure is the callee's."""
    response = event.response
    if response.status != 503:
        return invite.failure(call, event)
    call = replace(call, remote_user_agent=response.server or response.user_agent)
    why = first_reason(response.get_all("reason"))
    return _next(call, Failure.remote(503, invite.reason_text(response), why), _seconds(response))


def lost(call: Call, event: TransactionEnded) -> tuple[Call, Outputs]:
    """Ask the next server when this one says nothing in time, or cannot be reached.

    One that has answered before its connection broke may have passed the call on: that is not called twice.
    A large INVITE that TCP does not carry goes by UDP first.
    """
    pending = invite.pending_of(call)
    if event.why == TIMEOUT:
        return _next(call, Failure.local(408))
    if pending.provisional or invite.may_fall_back(call):
        return invite.lost(call, event)
    return _next(call, Failure.local(503, event.why))


def target_failed(call: Call, event: TargetFailed) -> tuple[Call, Outputs]:
    """Fail as the last server did, when there is no other one."""
    pending = invite.pending_of(call)
    if call.flow is None and pending.fallback is None and pending.failure is not None:
        return redirection.unreached(call, pending.failure)
    return invite.target_failed(call, event)


def _next(call: Call, why: Failure, seconds: float = AVOIDED) -> tuple[Call, Outputs]:
    pending, flow = invite.pending_of(call), exchange.flow_of(call)
    ways = (flow,) if pending.fallback in (None, flow) else (flow, pending.fallback)
    tried = (*pending.tried, *ways)
    avoids = tuple([Avoid(each, seconds) for each in ways])
    note = Note("server.failed", {"peer": host_port(flow.remote), "code": why.code, "reason": why.reason})
    if len(tried) >= MOST_TARGETS:
        call, told = redirection.unreached(call, why)
        return call, (note, *avoids, *told)
    pending = replace(pending, key=None, provisional=False, early=None, fallback=None, tried=tried, failure=why)
    call = replace(call, flow=None, pending=pending, authorization=elsewhere(call.authorization))
    return call, (note, *avoids, streams.guard(call), Resolve(invite.next_hop(call), None, tried))


def _seconds(response: Response) -> float:
    try:
        return seconds_avoided(response.retry_after)
    except RemoteProtocolError:
        return AVOIDED
