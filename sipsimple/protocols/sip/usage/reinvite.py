"""An INVITE inside the dialog: a refresh is answered, a change is refused in the standard's way.

RFC: 3261 14.2; 6337 5.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.usage import admission, answer, exchange
from sipsimple.protocols.sip.usage.call import Call, Pending
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.exchange import Outputs

RETRY_AFTER = ("Retry-After", "2")


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer an offer that changes nothing with what holds; refuse any other with 488.

    Raises:
        RemoteProtocolError: With the status of the refusal; nothing has changed then.
    """
    if call.pending is not None:
        return busy(call, event)
    request = event.request
    agreed = exchange.negotiation_of(call)
    local, remote = agreed.local_description, agreed.remote_description
    negotiation, offer = admission.read_offer(request, agreed)
    if local is None or remote is None or offer.media != remote.media:
        raise admission.unacceptable("the streams of a session cannot be changed")
    negotiation, document = offer_answer.answer(negotiation, local.media)
    dialog = dialogs.retargeted(exchange.dialog_of(call), request)
    call = replace(call, negotiation=negotiation, dialog=dialog, flow=exchange.flow_in_dialog(call, dialog))
    headers = exchange.capabilities(call)
    call, response, sent = exchange.respond(call, event.key, request, 200, *headers, body=bytes(document))
    pending = Pending(key=event.key, request=request, success=response, resend_after=call.identity.timing.t1)
    return replace(call, pending=pending), (*sent, *answer.resend_timers(call))


def acknowledged(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Stop sending the 2xx to a re-INVITE."""
    if not answer.acknowledges(call, event.request):
        return call, ()
    return replace(call, pending=None), (StopTimer("2xx"), StopTimer("ack"))


def busy(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 500 with Retry-After: the INVITE before this one is not finished."""
    return exchange.refuse(call, event, 500, "another INVITE is not finished", RETRY_AFTER)


def glare(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 491: our own INVITE is pending."""
    return exchange.refuse(call, event, 491, "our own INVITE is pending")


def gone(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 481: there is no dialog yet, or none any more."""
    return exchange.refuse(call, event, 481, f"no dialog while {call.state.value}")
