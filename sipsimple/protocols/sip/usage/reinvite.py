"""An INVITE inside the dialog: a refresh is answered, a change is refused in the standard's way.

RFC: 3261 14.2; 6337 5.3.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.usage import answer, exchange
from sipsimple.protocols.sip.usage.call import Call, Pending
from sipsimple.protocols.sip.usage.events import Note

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.exchange import Outputs

RETRY_AFTER = ("Retry-After", "2")


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer an offer that changes nothing with what holds; refuse any other with 488."""
    if call.pending is not None:
        return busy(call, event)
    try:
        return _refresh(call, event)
    except RemoteProtocolError as error:
        warning = ("Warning", f'399 {exchange.flow_of(call).local[0]} "{error}"')
        call, _response, sent = exchange.respond(call, event.key, event.request, 488, headers=(warning,))
        return call, (*sent, Note("reinvite.rejected", {"status": 488, "reason": str(error)}))


def _refresh(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    request = event.request
    agreed = exchange.negotiation_of(call)
    local, remote = agreed.local_description, agreed.remote_description
    negotiation, offer = offer_answer.receive_offer(agreed, request.body)
    if local is None or remote is None or offer.media != remote.media:
        raise RemoteProtocolError("the streams of a session cannot be changed", 488)
    negotiation, document = offer_answer.answer(negotiation, local.media)
    dialog = dialogs.retargeted(exchange.dialog_of(call), request)
    call = replace(call, negotiation=negotiation, dialog=dialog)
    call = replace(call, flow=exchange.flow_in_dialog(call, dialog))
    call, response, sent = exchange.respond(
        call, event.key, request, 200, headers=exchange.capabilities(call), body=bytes(document)
    )
    pending = Pending(key=event.key, request=request, success=response, resend_after=call.identity.timing.t1)
    return replace(call, pending=pending), (*sent, *answer.resend_timers(call))


def acknowledged(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Stop sending the 2xx to a re-INVITE."""
    if not answer.acknowledges(call, event.request):
        return call, ()
    return replace(call, pending=None), (StopTimer("2xx"), StopTimer("ack"))


def busy(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 500 with Retry-After: the INVITE before this one is not finished."""
    call, _response, sent = exchange.respond(call, event.key, event.request, 500, headers=(RETRY_AFTER,))
    return call, sent


def glare(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 491: our own INVITE is pending."""
    call, _response, sent = exchange.respond(call, event.key, event.request, 491)
    return call, sent


def gone(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 481: the session is ending."""
    call, _response, sent = exchange.respond(call, event.key, event.request, 481)
    return call, sent
