"""SUBSCRIBE within a session: who sent REFER may refresh or end the subscription that it implies; there is no other.

The transfer goes on, whether its sender wants to hear of it or not.

RFC: 3515 2.4.4, 2.4.6; 6665 4.2.1.2, 4.4.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.headers.event import Event
from sipsimple.protocols.sip.usage.refer import reports
from sipsimple.protocols.sip.usage.refer.state import EXPIRES, REFERRAL, Referral
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

_PACKAGE = "refer"


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 200 and tell how far the transfer has come: for the last time, when it is to end.

    Raises:
        RemoteProtocolError: 400, 481, 489: it is malformed, or no such subscription is there.
    """
    request = event.request
    referral = _meant(call, request)
    asked = request.expires
    granted = int(EXPIRES) if asked is None else min(asked, int(EXPIRES))
    call = exchange.led(call, dialogs.retargeted(exchange.dialog_of(call), request), request)
    headers = ("Expires", str(granted)), ("Contact", exchange.contact(call))
    call, _response, sent = exchange.respond(call, event.key, request, 200, *headers)
    call, told = reports.tell(call, referral.last, "", None if granted else "timeout")
    if not granted and call.referral is not None:
        return replace(call, referral=replace(call.referral, silent=True)), sent + told
    clocks = (StartTimer(REFERRAL, EXPIRES),) if referral.taken else ()
    return call, (*sent, *told, *clocks)


def _meant(call: Call, request: Request) -> Referral:
    """Return the referral whose reports a SUBSCRIBE is about."""
    value, referral = request.get("event"), call.referral
    if value is None:
        raise RemoteProtocolError("SUBSCRIBE without Event")
    event = Event.parse(value)
    if event.package != _PACKAGE:
        raise RemoteProtocolError(f"no subscription to {event.package!r} in a session", 489, ("Allow-Events", _PACKAGE))
    if referral is None or referral.is_over or referral.silent or call.state is State.TERMINATING:
        raise RemoteProtocolError("no REFER is reported", 481)
    if event.id is not None and event.id != (Event.parse(referral.event).id or event.id):  # that of a first one may be
        raise RemoteProtocolError("no such REFER", 481)
    return referral
