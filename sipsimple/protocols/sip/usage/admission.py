"""Which initial INVITE may become a call: its body, its offer, its streams.

RFC: 3261 8.2.3, 13.3.1; 3264 6; 4975 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sip.usage import streams
from sipsimple.protocols.sip.usage.events import Invited
from sipsimple.protocols.sip.usage.exchange import SDP_TYPE

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transport import Flow


def admit(request: Request, flow: Flow, session_id: int) -> Invited:
    """Read the offer of an INVITE that passed the inspection of every request.

    Args:
        request: Outside of any dialog.
        flow: How it came.
        session_id: For our own `o=` line.

    Raises:
        RemoteProtocolError: 415 the body is not SDP, 488 it is unusable, or proposes nothing that we know.
    """
    if not request.body:
        raise _unacceptable("an INVITE without an offer")
    media_type = request.content_type
    if media_type is None or str(media_type).partition(";")[0].strip().lower() != SDP_TYPE:
        raise RemoteProtocolError(f"unsupported content type {media_type}", 415, ("Accept", SDP_TYPE))
    try:
        negotiation, offer = offer_answer.receive_offer(offer_answer.start(session_id, flow.local[0]), request.body)
        proposed = streams.proposed(offer)
    except RemoteProtocolError as error:
        raise _unacceptable(str(error)) from error
    if not any(each.kind in streams.SUPPORTED for each in proposed):
        raise _unacceptable("no stream of a known kind")
    return Invited(request, flow, negotiation, offer)


def _unacceptable(text: str) -> RemoteProtocolError:
    return RemoteProtocolError(text, 488, ("Warning", f'399 sipsimple "{text}"'))
