"""A request of ours that was challenged: sent again with credentials, by the same way, or reported as refused.

It goes by the flow of the first one, as the next request of its Call-ID, in a transaction of its own. Whoever waits
for the answer to a request inside the dialog hears of the first transaction only: what comes for the repeats is
told under its key. An INVITE has its key in `Pending`, where the repeat takes its place.

A request that nobody waits for any more, because the call was cancelled meanwhile, is not sent again; nor is a PRACK
whose INVITE was answered, or has itself been sent again.

RFC: 3261 22.1 to 22.3, 8.1.3.5; 7616 3.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip import authorization
from sipsimple.protocols.sip.authorization import CHALLENGES
from sipsimple.protocols.sip.message import Response
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.client import Client
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.transaction.outputs import ResponseReceived, TransactionEnded
from sipsimple.protocols.sip.transport import via_value
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.sip.usage.setup import invite, prack
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.within import credentials, exchange, large
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.transport import Flow
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def taken(before: Call, call: Call, outputs: Outputs) -> tuple[Call, Outputs]:
    """Answer the challenge that the transactions have just delivered, if it is one and can be answered.

    Args:
        before: The call whose transactions still know the request.
        call: The call now.
        outputs: Of its transactions; one that was answered is no longer among them.
    """
    kept: list[object] = []
    more: Outputs = ()
    for output in outputs:
        if isinstance(output, ResponseReceived) and output.response.status in CHALLENGES:
            call, told, more = _answer(before, call, output)
            kept += () if told is None else (told,)
        else:
            kept.append(output)
    return call, (*kept, *more)


def _answer(before: Call, call: Call, event: ResponseReceived) -> tuple[Call, ResponseReceived | None, Outputs]:
    """Send again; or return the event, with the reason why not for its phrase."""
    found = _asked(before, event.key)
    if found is None:
        return call, event, ()
    request, flow = found
    response = event.response
    auth, why = authorization.challenged(call.authorization, request, response, credentials.entropy(call))
    facts = {"method": request.method, "status": response.status, "realm": _realms(response)}
    if why is not None:
        return (
            call,
            ResponseReceived(event.key, _because(response, why)),
            (Note("challenge.refused", facts | {"why": why}),),
        )
    call = replace(call, authorization=auth)
    if event.key[-1] == "INVITE" and call.dialog is None:
        call, sent = invite.invite_again(call)
    else:
        call, sent = _send_again(call, event.key, request, _same_way(call, flow))
    return call, None, (Note("challenge.answered", facts), *sent)


def _asked(call: Call, key: Key) -> tuple[Request, Flow] | None:
    """Return the request that was challenged and its way; None where nobody waits for it any more."""
    if key[-1] != "INVITE":
        transaction = call.transactions.entries.get(key)
        if not isinstance(transaction, Client) or transaction.request is None:
            return None
        if key[-1] == "PRACK" and not prack.is_wanted(call, transaction.request):
            return None
        return transaction.request, transaction.flow
    pending = call.pending
    if pending is None or pending.key != key or pending.request is None or pending.cancelled:
        return None
    return None if call.state is State.TERMINATING else (pending.request, exchange.flow_of(call))


def _send_again(call: Call, key: Key, request: Request, flow: Flow) -> tuple[Call, Outputs]:
    """Send a request inside the dialog again, as its next one."""
    number, branch = exchange.next_branch(call)
    call, cseq = _next_number(replace(call, branches=number), request)
    again = request.replacing({"Via": via_value(flow, branch), "CSeq": f"{cseq} {request.method}"})
    call, again = credentials.put_on(call, again)
    again, flow = large.way_for(call, again, flow)
    transactions, sent = layer.send_request(call.transactions, again, flow)
    call = replace(call, transactions=transactions)
    fresh = client_key(again)
    if key[-1] == "INVITE":
        pending = replace(invite.pending_of(call), key=fresh, request=again, provisional=False)
        return replace(call, pending=pending), sent
    return replace(call, repeats=(*call.repeats, (fresh, first(call, key)))), sent


def _next_number(call: Call, request: Request) -> tuple[Call, int]:
    """Take the next number of the dialog that `request` is in; one that nobody keeps has no other use for it."""
    dialog, pending, tag = call.dialog, call.pending, request.to.tag
    number = request.cseq.number + 1
    if dialog is not None and tag == (dialog.remote_tag or None):
        number = max(dialog.local_cseq + 1, number)
        return replace(call, dialog=replace(dialog, local_cseq=number)), number
    fork = None if pending is None else prack.fork_of(pending, tag)
    if pending is not None and fork is not None:
        number = max(fork.dialog.local_cseq + 1, number)
        fork = replace(fork, dialog=replace(fork.dialog, local_cseq=number))
        call = prack.with_fork(call, pending, fork)
    return call, number


def _same_way(call: Call, flow: Flow) -> Flow:
    """Return the flow as it is known now: what was challenged may have told at which address we are seen."""
    known = call.flow
    is_same = known is not None and (known.transport, known.remote) == (flow.transport, flow.remote)
    return replace(flow, local=known.local) if known is not None and is_same else flow


def first(call: Call, key: Key) -> Key:
    """Return the transaction that the one of `key` repeats; `key` itself if it repeats none."""
    return next((known for repeat, known in call.repeats if repeat == key), key)


def ended(call: Call, event: TransactionEnded) -> tuple[Call, TransactionEnded]:
    """Return the end of a transaction under the key of the first one, and forget the repeat."""
    key = first(call, event.key)
    if key == event.key:
        return call, event
    repeats = tuple([each for each in call.repeats if each[0] != event.key])
    return replace(call, repeats=repeats), TransactionEnded(key, event.why)


def received(call: Call, event: ResponseReceived) -> tuple[Call, ResponseReceived]:
    """Return a response under the key of the first transaction; note whether it has accepted our credentials."""
    if event.key[-1] != "INVITE" or (call.pending is not None and call.pending.key == event.key):
        call = credentials.accepted(call, event.response)
    key = first(call, event.key)
    return call, event if key == event.key else ResponseReceived(key, event.response)


def _because(response: Response, why: str) -> Response:
    lines = [(name, value) for name, values in response.headers.items() for value in values]
    return Response(response.status, why, lines, response.body)


def _realms(response: Response) -> str:
    return ", ".join(authorization.realms(response)) or "unreadable"
