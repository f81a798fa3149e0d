"""INFO: what goes between the two ends of a call without changing it, DTMF digits above all.

There are no Info Packages here, only what was usual before them. An INFO that
we send waits until the one before was answered, so that digits keep their order.

RFC: 6086 4.2, 4.2.2, 9; 2976.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.usage.outputs import Notify
from sipsimple.protocols.sip.usage.setup import invite
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import Discreet, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived, ResponseReceived, TransactionEnded
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.refer.events import SendInfo
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

RELAY, PLAIN = "application/dtmf-relay", "application/dtmf"
DURATION = 160
"""Milliseconds that a digit of ours is said to last."""

_SIGNAL = re.compile(r"^[ \t]*signal[ \t]*=[ \t]*([^\s]{1,4})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_NAMED = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}
_DIGITS = frozenset("0123456789*#ABCD")
_FLASH = frozenset({"16", "!"})
_MAX_BODY = 200
_SECRET = frozenset({"authorization", "proxy-authorization"})


class Info(Discreet):
    """An INFO of ours that waits: the first of them for its answer, the others for their turn."""

    HIDDEN = ("body",)

    info_id: str
    content_type: str
    body: bytes = b""


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 200 and tell what it says; an Info Package gets 469.

    Raises:
        RemoteProtocolError: 400, 469: it names no digit, or is of a package.
    """
    request = event.request
    if "info-package" in request.headers:
        raise RemoteProtocolError("no Info Package is supported", 469, ("Recv-Info", ""))
    told = _told(request)
    call, _response, sent = exchange.respond(call, event.key, request, 200)
    return call, sent + told


def gone(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Refuse an INFO about a session that is ending."""
    return exchange.refuse(call, event, 481, "the session is ending")


def _told(request: Request) -> Outputs:
    media_type = request.content_type
    essence = "" if media_type is None else media_type.essence
    if essence in (RELAY, PLAIN):
        digit = read_digit(essence, request.body)
        if digit is not None:
            return (Notify("SCSessionGotDTMF", {"digit": digit}),)
    if not request.body:
        return ()
    headers = {name: ", ".join(values) for name, values in request.headers.items() if name not in _SECRET}
    data = {"content_type": request.get("content-type") or "", "body": request.body, "headers": headers}
    return (Notify("SCSessionGotInfo", data),)


def read_digit(essence: str, body: bytes) -> str | None:
    """Return the digit that an INFO names; None for a hook flash.

    Raises:
        RemoteProtocolError: It names none.
    """
    text = body[:_MAX_BODY].decode("ascii", "replace")
    match = _SIGNAL.search(text)
    if match is None and essence == RELAY:
        raise RemoteProtocolError(f"no signal in {essence}")
    signal = (match[1] if match is not None else text.strip()).upper()
    if signal in _FLASH:
        return None
    digit = _NAMED.get(signal, signal)
    if digit not in _DIGITS:
        raise RemoteProtocolError(f"no DTMF digit: {signal[:20]!r}")
    return digit


def digit_body(digit: str) -> bytes:
    """Return the body that tells of one digit."""
    return f"Signal={digit}\r\nDuration={DURATION}\r\n".encode("ascii")


def put(call: Call, command: SendInfo) -> tuple[Call, Outputs]:
    """Send it, or have it wait for its turn."""
    waits = bool(call.infos)
    call = replace(call, infos=(*call.infos, Info(command.info_id, command.content_type, command.body)))
    return (call, ()) if waits else _send(call)


def _send(call: Call) -> tuple[Call, Outputs]:
    if not call.infos:
        return call, ()
    info = call.infos[0]
    dialog, flow = exchange.dialog_of(call), exchange.flow_of(call)
    call, dialog, _request, sent = exchange.request_in_dialog(
        call, dialog, flow, "INFO", body=info.body, content_type=info.content_type
    )
    return replace(call, dialog=dialog), sent


def answered(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Tell what became of the first, and send the next."""
    response = event.response
    if response.is_success:
        return _done(call, "SCSessionInfoDidSucceed", response.status, response.reason)
    return _done(call, "SCSessionInfoDidFail", response.status, invite.reason_text(response))


def lost(call: Call, event: TransactionEnded) -> tuple[Call, Outputs]:
    """Tell that the first was not answered, and send the next."""
    is_late = event.why == "timeout"
    return _done(call, "SCSessionInfoDidFail", 408 if is_late else 503, "no answer came" if is_late else event.why)


def _done(call: Call, name: str, code: int, reason: str) -> tuple[Call, Outputs]:
    if not call.infos:
        return call, ()
    first, *others = call.infos
    call = replace(call, infos=tuple(others))
    told = Notify(name, {"info_id": first.info_id, "code": code, "reason": reason.strip() or str(code)})
    if call.bye is not None:
        return call, (told,)
    call, sent = _send(call)
    return call, (told, *sent)
