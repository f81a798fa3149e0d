"""OPTIONS, and the answer to every method that is not supported.

RFC: 3261 8.2.1, 11.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.extensions import SUPPORTED
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.sip.usage.within.exchange import ALLOW, SDP_TYPE, Outputs

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.call import Call

CAPABILITIES: tuple[tuple[str, str], ...] = (
    ("Allow", ALLOW),
    ("Accept", SDP_TYPE),
    ("Accept-Encoding", "identity"),
    ("Accept-Language", "en"),
    ("Supported", SUPPORTED),
)
"""What a 200 to OPTIONS says: the same inside and outside of a dialog."""


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer OPTIONS with 200, any other method with 405."""
    method = event.request.method
    if method != "OPTIONS":
        return exchange.refuse(call, event, 405, f"method {method}", ("Allow", ALLOW))
    call, _response, sent = exchange.respond(call, event.key, event.request, 200, *CAPABILITIES)
    return call, sent
