"""Session timers: how long the session lives without a refresh, and which side refreshes it.

Every INVITE and UPDATE asks, and every 2xx to one settles it anew. Who
refreshes has a clock of half the interval, `refresh`; the other side has one
for the end, `expiry`, which is a little earlier than the interval says. What
happens when they run down stands in `refresh`.

RFC: 4028 4, 5, 7, 9, 10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.extensions import TIMER, supports
from sipsimple.protocols.sip.headers.session_expires import UAC, UAS, SessionExpires
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.sip.usage.policy import MIN_SESSION_EXPIRES
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.policy import Policy
    from sipsimple.protocols.sip.usage.within.exchange import Header, Outputs

TRIES = 3
"""Answers of 422 in a row that are followed."""

MARGIN = 32.0
"""Seconds before the end at which the session is given up, or a third of the interval where that is less (10)."""


class SessionTimer(Value):
    """What was settled, and what was learned on the way.

    Attributes:
        interval: Seconds from one refresh to the end; 0: the session has no timer.
        is_ours: This side refreshes.
        is_due: It is about to.
        takes_update: The peer's Allow names UPDATE.
        refuses_update: The peer has refused the method: it is not tried again.
        update: The transaction of a refresh by UPDATE.
        min_se: The largest Min-SE of a 422.
        raised: Answers of 422 in a row.
    """

    interval: int = 0
    is_ours: bool = False
    is_due: bool = False
    takes_update: bool = False
    refuses_update: bool = False
    update: Key | None = None
    min_se: int = 0
    raised: int = 0

    @property
    def by_update(self) -> bool:
        """Whether a refresh is an UPDATE; it is a re-INVITE otherwise."""
        return self.takes_update and not self.refuses_update

    @property
    def lifetime(self) -> float:
        """Seconds without a refresh after which the session is given up."""
        return self.interval - min(MARGIN, self.interval / 3)


_NONE = SessionTimer()
_STOPS = (StopTimer("refresh"), StopTimer("expiry"))


def is_running(call: Call) -> bool:
    """Tell whether the session has a timer."""
    return call.session_timer is not None and call.session_timer.interval > 0


def is_refreshing(call: Call) -> bool:
    """Tell whether an UPDATE that refreshes waits for its answer."""
    return call.session_timer is not None and call.session_timer.update is not None


def check(request: Request, policy: Policy) -> None:
    """Refuse an interval that is too small, if its sender knows what that means.

    Raises:
        RemoteProtocolError: 422 with Min-SE; 400: a header cannot be read.
    """
    if "session-expires" not in request.headers and "min-se" not in request.headers:
        return  # as in nearly every request
    expires, _ = request.session_expires, request.min_se
    minimum = policy.min_session_expires
    if expires is not None and expires.seconds < minimum and supports(request, TIMER):
        text = f"a session interval of {expires.seconds} seconds"
        raise RemoteProtocolError(text, 422, ("Min-SE", str(minimum)))


def asked(call: Call) -> tuple[Header, ...]:
    """Return the headers by which an INVITE or UPDATE of ours asks for a timer; the roles stay as they are."""
    timer = call.session_timer or _NONE
    seconds, floor = _wanted(call)
    if not seconds:
        return ()
    roles = f";refresher={UAC if timer.is_ours else UAS}" if timer.interval else ""
    expires = ("Session-Expires", f"{seconds}{roles}")
    return (expires,) if floor == MIN_SESSION_EXPIRES else (expires, ("Min-SE", str(floor)))


def _wanted(call: Call) -> tuple[int, int]:
    timer, policy = call.session_timer or _NONE, call.identity.policy
    floor = max(policy.min_session_expires, timer.min_se)
    seconds = timer.interval or policy.session_expires
    return (max(seconds, floor) if seconds else 0), floor


def raised(call: Call, response: Response) -> Call | None:
    """Return the call that asks for what a 422 wants; None when it is no use to ask again (7.3)."""
    if response.status != 422:
        return None
    timer = call.session_timer or _NONE
    try:
        minimum = response.min_se
    except RemoteProtocolError:
        return None
    seconds, _floor = _wanted(call)
    if not seconds or minimum is None or minimum <= seconds or timer.raised >= TRIES:
        return None
    return replace(call, session_timer=replace(timer, min_se=minimum, raised=timer.raised + 1))


def agreed(call: Call, response: Response) -> tuple[Call, Outputs]:
    """Go by the 2xx to an INVITE or UPDATE of ours; without Session-Expires there is no timer (7.2)."""
    try:
        expires = response.session_expires
    except RemoteProtocolError:
        expires = None
    if expires is None or not expires.seconds:
        return _without(call)
    return _with(call, max(expires.seconds, _wanted(call)[1]), response, is_ours=expires.refresher != UAS)


def granted(call: Call, request: Request) -> tuple[Call, tuple[Header, ...], Outputs]:
    """Settle the timer by our 2xx to an INVITE or UPDATE of the peer; returned are its headers too (9)."""
    is_known = supports(request, TIMER)
    chosen = _chosen(call, request, is_known=is_known)
    if chosen is None:
        call, clocks = _without(call)
        return call, (), clocks
    call, clocks = _with(call, chosen.seconds, request, is_ours=chosen.refresher == UAS)
    headers = (("Session-Expires", str(chosen)),)
    return call, (("Require", TIMER), *headers) if is_known else headers, clocks


def _chosen(call: Call, request: Request, *, is_known: bool) -> SessionExpires | None:
    """Return what holds for the session: the peer's interval at most, and the peer's refresher if it names one."""
    timer, policy = call.session_timer or _NONE, call.identity.policy
    expires = request.session_expires
    present = (UAS if timer.is_ours else UAC) if timer.interval else None
    if expires is not None and expires.seconds:
        if not is_known:
            # a proxy has asked, so the work is ours; at a pace that we would refuse to others, nobody has it
            return None if expires.seconds < policy.min_session_expires else _expires(expires.seconds, UAS)
        most = max(policy.session_expires, request.min_se or MIN_SESSION_EXPIRES)
        seconds = min(expires.seconds, most) if policy.session_expires else expires.seconds
        return _expires(seconds, expires.refresher or present or UAC)
    if not policy.session_expires or not is_known:
        return None
    return _expires(max(timer.interval or policy.session_expires, request.min_se or 0), present or UAS)


def _expires(seconds: int, refresher: str) -> SessionExpires:
    return SessionExpires(seconds, (("refresher", refresher),))


def _with(call: Call, seconds: int, message: Request | Response, *, is_ours: bool) -> tuple[Call, Outputs]:
    """Start the clock of our role, from now on."""
    before = call.session_timer or _NONE
    takes_update = _takes_update(message, before)
    timer = replace(before, interval=seconds, is_ours=is_ours, is_due=False, takes_update=takes_update, raised=0)
    call = replace(call, session_timer=timer)
    others = _STOPS if before.interval else ()
    clock = StartTimer("refresh", seconds / 2) if is_ours else StartTimer("expiry", timer.lifetime)
    if (before.interval, before.is_ours) == (seconds, is_ours):
        return call, (*others, clock)
    note = Note("session.timed", {"seconds": seconds, "refresher": "local" if is_ours else "remote"})
    return call, (*others, clock, note)


def _without(call: Call) -> tuple[Call, Outputs]:
    timer = call.session_timer
    if timer is None or not timer.interval:
        return call, ()
    return replace(call, session_timer=replace(timer, interval=0, is_due=False, raised=0)), _STOPS


def _takes_update(message: Request | Response, before: SessionTimer) -> bool:
    if "allow" not in message.headers:
        return before.takes_update
    try:
        return "UPDATE" in message.allow
    except RemoteProtocolError:
        return before.takes_update
