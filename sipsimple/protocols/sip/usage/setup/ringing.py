"""How long an incoming call rings: as long as its INVITE says and as we let anybody ring, whichever is less.

RFC: 3261 13.3.1, 13.3.1.1, 20.19.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip.usage.ending import ending
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.pending import invite_of
from sipsimple.protocols.sip.usage.setup import reliable
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.pending import Pending
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

AGAIN_AFTER = 60.0
"""Seconds after which the 180 is sent again, lest a proxy on the way gives the INVITE up (13.3.1.1)."""

_SHORTEST = 1.0
"""Seconds of an INVITE that says it has expired as it comes: the application may still answer by itself."""


def limit(call: Call, request: Request) -> float:
    """Return for how many seconds a new call may ring."""
    expires = _expires(request)
    most = call.identity.policy.ringing_seconds
    return most if expires is None else min(most, max(float(expires), _SHORTEST))


def begin(call: Call) -> tuple[Call, Outputs]:
    """Send 180 for the INVITE that is pending, and ring on until the next one is due."""
    key, request, pending = invite_of(call.pending)
    call, sent = reliable.ringing(call, key, request)
    return call, (*sent, _timer(pending))


def again(call: Call, _: object) -> tuple[Call, Outputs]:
    """Send the 180 again; or give up when the time is over, unless the 2xx is out."""
    key, request, pending = invite_of(call.pending)
    if pending.success is not None:
        return call, ()
    left = None if pending.rings_for is None else pending.rings_for - AGAIN_AFTER
    if left is not None and left <= 0:
        return _expire(call, key, request)
    return begin(replace(call, pending=replace(pending, rings_for=left)))


def clocks(call: Call) -> Outputs:
    """Return the clock that a call needs running again which has not decided about its INVITE."""
    return (_timer(invite_of(call.pending)[2]),)


def _timer(pending: Pending) -> StartTimer:
    return StartTimer("ringing", AGAIN_AFTER if pending.rings_for is None else min(AGAIN_AFTER, pending.rings_for))


def _expire(call: Call, key: Key, request: Request) -> tuple[Call, Outputs]:
    """Refuse the INVITE: with 487 where its sender wants no later answer, with 408 where we wait no longer."""
    expires, most = _expires(request), call.identity.policy.ringing_seconds
    if expires is not None and expires < most:
        failure = Failure.remote(487, f"the INVITE expired: not answered in {expires} s")
    else:
        failure = Failure.local(408, f"not answered in {most:g} s, the longest that a call may ring here")
    call, _response, sent = exchange.respond(call, key, request, failure.code, exchange.warning(failure.reason))
    call, told = ending.fail(call, failure)
    return call, sent + told


def _expires(request: Request) -> int | None:
    try:
        return request.expires
    except RemoteProtocolError:
        return None  # a date, as in RFC 2543
