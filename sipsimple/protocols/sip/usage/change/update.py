"""UPDATE, received: a refresh, another target, or a new offer that needs nobody's decision.

A new offer is taken like that of a re-INVITE, but it has to be answered at
once: one that proposes a stream gets 504, for the application would have to be
asked. Before the call is answered there is only one more exchange of
descriptions possible: with a fork that has answered our offer reliably.

RFC: 3311 5.2; 6337 3.2, 3.3; 4028 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sdp.offer_answer import State as Exchange
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.usage.change import reinvite, session_timer
from sipsimple.protocols.sip.usage.pending import Pending
from sipsimple.protocols.sip.usage.setup import early_offer, prack
from sipsimple.protocols.sip.usage.streams import described
from sipsimple.protocols.sip.usage.streams.stream import Phase
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def established(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Refresh the session, or take a new offer.

    Raises:
        RemoteProtocolError: With the status of the refusal; nothing has changed then.
    """
    request, pending = event.request, call.pending
    session_timer.check(request, call.identity.policy)
    if pending is not None and pending.request is not None and pending.request.method == "UPDATE":
        return reinvite.busy(call, event)
    dialog = dialogs.retargeted(exchange.dialog_of(call), request)
    if not described.counts(request):
        call = exchange.led(call, dialog, request)
        call, timed, clocks = session_timer.granted(call, request)
        headers = (*exchange.capabilities(call), *timed)
        call, _response, sent = exchange.respond(call, event.key, request, 200, *headers)
        return call, (*sent, *clocks)
    if pending is not None:
        return reinvite.glare(call, event) if pending.is_ours else reinvite.busy(call, event)
    if call.change is not None and not call.change.tries:
        return reinvite.glare(call, event)
    if any(each.phase is Phase.CHANGING for each in call.streams):
        return reinvite.busy(call, event)
    return reinvite.take_offer(call, Pending(key=event.key, request=request))


def unanswered(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Take another target of the caller, who has no answer yet; an offer comes too early (5.2)."""
    request = event.request
    if described.counts(request):
        is_ours = exchange.negotiation_of(call).state is Exchange.OFFER_SENT
        return reinvite.glare(call, event) if is_ours else reinvite.busy(call, event)
    call = exchange.led(call, dialogs.retargeted(exchange.dialog_of(call), request), request)
    call, _response, sent = exchange.respond(call, event.key, request, 200, *exchange.capabilities(call))
    return call, sent


def calling(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Take another target of a callee who has not answered finally, or another offer of one who has answered reliably.

    Raises:
        RemoteProtocolError: With the status of the refusal; nothing has changed then.
    """
    request, pending = event.request, call.pending
    if call.flow is None:
        return reinvite.gone(call, event)  # of a server that was given up for another one
    fork = None if pending is None else prack.fork_of(pending, request.from_.tag)
    if pending is None or fork is None:
        if described.counts(request):
            return reinvite.glare(call, event)
    else:
        dialog, error = dialogs.accepts(fork.dialog, request)
        if error is not None:
            raise error
        fork = replace(fork, dialog=dialogs.retargeted(dialog, request))
        call = prack.with_fork(call, pending, fork)
        if described.counts(request):
            return early_offer.taken(call, event, fork)
    call, _response, sent = exchange.respond(call, event.key, request, 200, *exchange.capabilities(call))
    return call, sent
