"""REFER as the one who sends it: the peer is asked to call somebody, and tells how far it comes.

A 2xx to the REFER only says that the peer will try. How it went stands in the
NOTIFY requests that follow; the last one tells the outcome. After a success
this side ends the call: that is what a transfer is for.

RFC: 3515 2.4; 6665 4.1.2, 4.2; 5589 6; 4488.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip.headers.parameters import parse_parameters
from sipsimple.protocols.sip.sipfrag import read_status
from sipsimple.protocols.sip.usage.ending import bye
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.sip.usage.refer.state import NEXT_NOTIFY, OUTCOME, Transfer, outcome, progress, stops
from sipsimple.protocols.sip.usage.setup import invite
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived, ResponseReceived, TransactionEnded
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.refer.events import Refer
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

OVERALL = 600
"""Times T1 until a transfer is given up, whatever the peer says: five minutes."""

PATIENCE = 64
"""Times T1 for a NOTIFY to come, unless the one before announces a longer time."""

ALLOW_EVENTS = ("Allow-Events", "refer")

_ENDINGS = {"timeout": 408, "rejected": 603, "giveup": 503, "deactivated": 503, "probation": 503}


def begin(call: Call, command: Refer) -> tuple[Call, Outputs]:
    """Send REFER; while one is open another one fails at once."""
    destination = command.destination
    told: Outputs = (Notify("SCSessionTransferNewOutgoing", {"transfer_destination": destination}),)
    if call.transfer is not None:
        return call, told + outcome(destination, 491, "another transfer is under way")
    dialog, flow = exchange.dialog_of(call), exchange.flow_of(call)
    headers = (
        ("Contact", exchange.contact(call)),
        ("Refer-To", command.refer_to),
        ("Referred-By", dialog.local),
        ALLOW_EVENTS,
    )
    call, dialog, request, sent = exchange.request_in_dialog(call, dialog, flow, "REFER", *headers)
    call = replace(call, dialog=dialog, transfer=Transfer(destination, request.cseq.number))
    return call, (*told, *sent, Note("referral.sent", {"destination": destination}))


def answered(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Take the final response to the REFER; a NOTIFY may have overtaken it."""
    response, transfer = event.response, call.transfer
    if transfer is None:
        return call, ()
    if not response.is_success:
        return _end(call, transfer, response.status, invite.reason_text(response))
    call, transfer, told = _accepted(call, transfer)
    if (response.get("refer-sub") or "").strip().lower() != "false":
        return call, told
    call, ended = _succeed(call, transfer)  # no NOTIFY will come (4488 4): more will never be known
    return call, told + ended


def lost(call: Call, event: TransactionEnded) -> tuple[Call, Outputs]:
    """Fail when nobody answers the REFER; unless a NOTIFY has said that it arrived."""
    transfer = call.transfer
    if transfer is None or transfer.accepted:
        return call, ()
    is_late = event.why == "timeout"
    return _end(call, transfer, 408 if is_late else 503, "the REFER was not answered" if is_late else event.why)


def notified(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer a NOTIFY and tell what it says.

    Raises:
        RemoteProtocolError: 400, 415, 481, 489: it is malformed, or about nothing that this side asked for.
    """
    request, transfer = event.request, call.transfer
    _check_event(request, transfer)
    if transfer is None:
        raise RemoteProtocolError("no transfer is under way", 481)
    code, reason = _status(request)
    why, expires = _subscription(request)
    call, _response, sent = exchange.respond(call, event.key, request, 200)
    call, transfer, told = _accepted(call, transfer)
    if code >= 200:
        call, more = _succeed(call, transfer) if code < 300 else _end(call, transfer, code, reason)
    elif why is not None:
        text = "the peer ended its reports" + (f": {why}" if why else "")
        call, more = _end(call, transfer, _ENDINGS.get(why, 500), text)
    else:
        patience = max(PATIENCE * call.identity.timing.t1, float(expires))
        call = replace(call, transfer=replace(transfer, last=code or transfer.last))
        more = (StartTimer(NEXT_NOTIFY, patience), *((progress(transfer.destination, code, reason),) if code else ()))
    return call, sent + told + more


def overdue(call: Call, _: object) -> tuple[Call, Outputs]:
    """Fail: the peer said that it would try, and nothing more."""
    transfer = call.transfer
    if transfer is None:
        return call, ()
    return _end(call, transfer, 408, "the peer did not tell the outcome in time")


def _accepted(call: Call, transfer: Transfer) -> tuple[Call, Transfer, Outputs]:
    if transfer.accepted:
        return call, transfer, ()
    transfer = replace(transfer, accepted=True)
    call = replace(call, transfer=transfer)
    told = Notify("SCSessionTransferDidStart", {"transfer_destination": transfer.destination})
    return call, transfer, (told, *clocks_of(call))


def clocks_of(call: Call) -> Outputs:
    """Start the clocks of a transfer that the peer tries to make."""
    if call.transfer is None or not call.transfer.accepted:
        return ()
    t1 = call.identity.timing.t1
    return StartTimer(NEXT_NOTIFY, PATIENCE * t1), StartTimer(OUTCOME, OVERALL * t1)


def _succeed(call: Call, transfer: Transfer) -> tuple[Call, Outputs]:
    """Tell it, and end the call unless it is ending already."""
    call, told = _end(call, transfer, 200, "")
    if call.state is State.TERMINATING:
        return call, told
    call, ended = bye.terminate(call, None)
    return call, told + ended


def _end(call: Call, transfer: Transfer, code: int, reason: str) -> tuple[Call, Outputs]:
    return replace(call, transfer=None), (*stops(), *outcome(transfer.destination, code, reason))


def _check_event(request: Request, transfer: Transfer | None) -> None:
    """Refuse what is about another event, or another REFER than ours (3515 2.4.6)."""
    package, semicolon, rest = (request.get("event") or "").partition(";")
    if not package.strip():
        raise RemoteProtocolError("no event header")
    if package.strip().lower() != "refer":
        raise RemoteProtocolError(f"event {package.strip()[:80]!r}", 489, ALLOW_EVENTS)
    number = dict(parse_parameters(semicolon + rest)).get("id")
    if number is None or transfer is None:
        return
    if not (number.isascii() and number.isdigit() and len(number) <= 10 and int(number) >= transfer.cseq):
        raise RemoteProtocolError(f"no REFER of ours has the number {number[:20]!r}", 481)


def _status(request: Request) -> tuple[int, str]:
    """Read how far the peer has come; code 0 where it does not say."""
    if not request.body:
        return 0, ""
    media_type = request.content_type
    if media_type is None or media_type.essence != "message/sipfrag":
        raise RemoteProtocolError(f"unsupported content type {media_type}", 415, ("Accept", "message/sipfrag"))
    return read_status(request.body)


def _subscription(request: Request) -> tuple[str | None, int]:
    """Return why the subscription is over, None while it is not, and the seconds that it lasts."""
    state, semicolon, rest = (request.get("subscription-state") or "").partition(";")
    if not state.strip():
        raise RemoteProtocolError("no subscription-state header")
    parameters = dict(parse_parameters(semicolon + rest))
    if state.strip().lower() == "terminated":
        return (parameters.get("reason") or "").lower(), 0
    expires = parameters.get("expires") or ""
    return None, int(expires) if expires.isascii() and expires.isdigit() and len(expires) < 6 else 0
