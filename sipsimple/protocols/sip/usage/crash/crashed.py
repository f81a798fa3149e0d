"""What is still due to the peer of a call whose actors crashed for good, its last rites too.

An INVITE that has no answer gets 500, and a kept transaction takes its repeats: none of them may make a new call.
What the call had decided to send before it crashed is sent.

RFC: 3261 8.2.7, 17.2.1, 21.5.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import server_key
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.usage.events import Invited
from sipsimple.protocols.sip.usage.outputs import HandOver
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.layer import Transactions
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.usage.call import Call

Due = tuple[HandOver, tuple[Send, ...]]


def due(call: Call, outbox: Iterable[object], messages: Iterable[object]) -> Due:
    """Return the transactions to be kept, and what is to be sent at once.

    Args:
        call: As it was committed last.
        outbox: What it had decided and not carried out.
        messages: What it crashed on, and what it has not handled.
    """
    outbox = tuple(outbox)
    sent = tuple([each for each in outbox if isinstance(each, Send)])
    decided = next((each for each in outbox if isinstance(each, HandOver)), None)
    if decided is not None:
        return decided, sent
    transactions, waiting = _unanswered(call, messages)
    if waiting is not None:
        transactions, outputs = layer.respond(transactions, waiting[0], _no_more(call, waiting[1]))
        sent += tuple([each for each in outputs if isinstance(each, Send)])
    return HandOver(layer.lingering(transactions)), sent


def _unanswered(call: Call, messages: Iterable[object]) -> tuple[Transactions, tuple[Key, Request] | None]:
    """Find the INVITE that waits for its answer: it may be what the call crashed on."""
    pending = call.pending
    if pending is not None and not pending.is_ours and pending.success is None:
        if pending.key is None or pending.request is None:
            return call.transactions, None
        return call.transactions, (pending.key, pending.request)
    invited = next((each for each in messages if isinstance(each, Invited)), None)
    if invited is None or call.state is not State.NULL:
        return call.transactions, None
    transactions, _ = layer.receive_request(call.transactions, invited.request, invited.flow)
    return transactions, (server_key(invited.request), invited.request)


def _no_more(call: Call, request: Request) -> Response:
    return response_to(request, 500, to_tag=call.identity.token, headers=(("Server", call.identity.user_agent),))
