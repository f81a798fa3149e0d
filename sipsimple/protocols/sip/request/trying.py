"""What is done with a request: sent, sent again with credentials, sent to the next target, ended.

RFC: 3261 8.1.3.1, 18.1.1, 21.5.4, 22.2, 22.3; 3263 4.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.authorization import accepted, challenged, credentials, elsewhere
from sipsimple.protocols.sip.request.client import Attempt, RequestClient, State
from sipsimple.protocols.sip.request.draft import build
from sipsimple.protocols.sip.request.outputs import Outcome
from sipsimple.protocols.sip.resolve.avoiding import AVOIDED, seconds_avoided
from sipsimple.protocols.sip.status import reason_phrase
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.transport import too_big_for_udp
from sipsimple.protocols.sip.usage.outputs import Avoid, Note, Resolve
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.request.draft import Draft
    from sipsimple.protocols.sip.transport import Flow
    from sipsimple.protocols.sip.usage.events import TargetFailed, TargetResolved

Step: TypeAlias = tuple[RequestClient, tuple[object, ...]]

MOST_TARGETS = 10
"""Targets of one request, however many the DNS names."""


def begin(client: RequestClient, draft: Draft) -> Step:
    """Send by the flow that is known, or look for one."""
    authorization = replace(client.authorization, tries=0)
    client = replace(client, authorization=authorization, attempt=Attempt(draft))
    return _resolve(client) if client.flow is None else _send(client)


def resolved(client: RequestClient, event: TargetResolved) -> Step:
    """Send by the flow that was found."""
    return _send(replace(client, flow=event.flow))


def unresolved(client: RequestClient, event: TargetFailed) -> Step:
    """End as the target before failed; an attempt to use TCP for a large request goes back to UDP."""
    attempt = attempt_of(client)
    if attempt.fallback is not None:
        return _fall_back(client, attempt, attempt.fallback)
    failure = attempt.failure or Outcome(None, 503, event.reason, "local")
    return _end(replace(client, flow=None), failure)


def ask_again(client: RequestClient, _: object) -> Step:
    """Look for the flow anew: the crash may have cost the answer."""
    client, outputs = _resolve(client)
    return client, (*layer.timers(client.transactions), *outputs)


def restart_timers(client: RequestClient, _: object) -> Step:
    """Wait on: the crash may have cost a timer."""
    return client, layer.timers(client.transactions)


def provisional(client: RequestClient, _: Response) -> Step:
    """Wait on: the transaction slows its repeats down by itself."""
    return client, ()


def succeed(client: RequestClient, response: Response) -> Step:
    """End well; a login that was used is proven."""
    return _answered(replace(client, authorization=accepted(client.authorization, response)), response)


def authenticate(client: RequestClient, response: Response) -> Step:
    """Send again with credentials, by the same flow and with the next number; or tell why that is of no use."""
    attempt = attempt_of(client)
    assert attempt.request is not None, "a challenge answers a request"
    authorization, why = challenged(client.authorization, attempt.request, response, client.entropy)
    client = replace(client, authorization=authorization)
    if why is not None:
        return _answered(client, response, why)
    note = Note("request.challenged", {"method": attempt.draft.method, "status": response.status})
    client, outputs = _send(client)
    return client, (note, *outputs)


def fail(client: RequestClient, response: Response) -> Step:
    """End with the failure that the far end tells."""
    return _answered(replace(client, authorization=accepted(client.authorization, response)), response)


def unavailable(client: RequestClient, response: Response) -> Step:
    """Try the next target: this one says that it cannot serve now."""
    outcome = _outcome(response)
    return _next_target(client, outcome, seconds_avoided(outcome.retry_after))


def unanswered(client: RequestClient, _: str) -> Step:
    """Try the next target: this one said nothing in time."""
    return _next_target(client, Outcome(None, 408, reason_phrase(408), "local"), AVOIDED)


def lost(client: RequestClient, why: str) -> Step:
    """Try the next target: this one cannot be reached. A large request that TCP does not carry goes by UDP."""
    attempt = attempt_of(client)
    if attempt.fallback is not None:
        return _fall_back(client, attempt, attempt.fallback)
    return _next_target(client, Outcome(None, 503, why, "local"), AVOIDED)


def abandon(client: RequestClient, _: object) -> Step:
    """Forget what is under way."""
    request = attempt_of(client).request
    outputs: tuple[object, ...] = ()
    transactions = client.transactions
    if request is not None and client.state is State.TRYING:
        transactions, outputs = layer.abandon(transactions, client_key(request))
    return replace(client, transactions=transactions, attempt=None, state=State.IDLE), outputs


def attempt_of(client: RequestClient) -> Attempt:
    """Return the request that is under way."""
    if client.attempt is None:
        raise AssertionError("no request is under way")
    return client.attempt


def _resolve(client: RequestClient) -> Step:
    """Look for a flow; it may lead to another server than the last one did."""
    attempt = attempt_of(client)
    transport = None if attempt.fallback is None else "tcp"
    client = replace(client, state=State.RESOLVING, authorization=elsewhere(client.authorization))
    return client, (Resolve(attempt.draft.next_hop, transport, attempt.tried),)


def _send(client: RequestClient) -> Step:
    """Send by the flow; a request that is too big for UDP looks for TCP first (18.1.1)."""
    attempt, flow = attempt_of(client), client.flow
    assert flow is not None, "a flow was found"
    draft, cseq = attempt.draft, client.cseq + 1
    authorization, lines = credentials(client.authorization, draft.method, draft.uri, draft.body)
    request = build(draft, flow, client.next_branch, cseq, client.user_agent, lines)
    if flow.transport == "udp" and not attempt.is_forced and too_big_for_udp(request.size):
        return _resolve(replace(client, flow=None, attempt=replace(attempt, fallback=flow)))
    transactions, outputs = layer.send_request(client.transactions, request, flow)
    client = replace(
        client,
        authorization=authorization,
        transactions=transactions,
        cseq=cseq,
        branches=client.branches + 1,
        state=State.TRYING,
        attempt=replace(attempt, request=request),
    )
    return client, outputs


def _fall_back(client: RequestClient, attempt: Attempt, flow: Flow) -> Step:
    note = Note("request.too_big", {"method": attempt.draft.method, "why": "no way by TCP, sent by UDP"})
    attempt = replace(attempt, fallback=None, is_forced=True)
    client, outputs = _send(replace(client, flow=flow, attempt=attempt))
    return client, (note, *outputs)


def _next_target(client: RequestClient, failure: Outcome, seconds: float) -> Step:
    """Look for a flow that was not tried yet; the target that failed is avoided by everybody for a while."""
    attempt, flow = attempt_of(client), client.flow
    assert flow is not None, "the request went out"
    tried = (*attempt.tried, flow)
    note = Note("request.unserved", {"method": attempt.draft.method, "code": failure.code, "reason": failure.reason})
    client = replace(client, flow=None, attempt=replace(attempt, tried=tried, failure=failure, fallback=None))
    if len(tried) >= MOST_TARGETS:
        client, outputs = _end(client, failure)
    else:
        client, outputs = _resolve(client)
    return client, (note, Avoid(flow, seconds), *outputs)


def _answered(client: RequestClient, response: Response, why: str = "") -> Step:
    return _end(client, _outcome(response, why))


def _end(client: RequestClient, outcome: Outcome) -> Step:
    outcome = replace(outcome, request=attempt_of(client).request)
    return replace(client, attempt=None, state=State.IDLE), (outcome,)


def _outcome(response: Response, why: str = "") -> Outcome:
    text = response.reason.strip() or reason_phrase(response.status)
    return Outcome(response, response.status, f"{text} ({why})" if why else text, "remote", _retry_after(response))


def _retry_after(response: Response) -> int | None:
    try:
        return response.retry_after
    except RemoteProtocolError:
        return None
