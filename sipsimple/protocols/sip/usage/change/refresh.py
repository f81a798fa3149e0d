"""The refresh of a session, before its timer ends it: by UPDATE, or by a re-INVITE that changes nothing.

It waits for its turn like any change; whatever else has refreshed the session
meanwhile makes it pointless. An UPDATE is an exception where an INVITE is open
or being prepared, which may take minutes: it has no description, so that it
disturbs nothing.
One that is refused is tried again until the session is given up.

RFC: 4028 7, 10; 3311 5.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.transaction.outputs import TIMEOUT
from sipsimple.protocols.sip.usage.change import glare, session_timer
from sipsimple.protocols.sip.usage.change.upkeep import RefreshSession
from sipsimple.protocols.sip.usage.ending import bye, ending
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.sip.usage.pending import Change
from sipsimple.protocols.sip.usage.setup import answer
from sipsimple.protocols.sip.usage.setup.invite import reason_text
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.transaction.outputs import ResponseReceived, TransactionEnded
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.change.session_timer import SessionTimer
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

EXPIRED = Failure.local(408, "session timer expired")

_AGAIN = 8
"""A refresh that was refused is tried again after such a part of the interval."""

_NO_UPDATE = (405, 501)
_GONE = (408, 481)


def due(call: Call, _: object) -> tuple[Call, Outputs]:
    """Refresh as soon as it is our turn; the clock of the end runs from the first try on."""
    timer = call.session_timer
    if timer is None or not timer.interval or not timer.is_ours:
        return call, ()
    clock = () if timer.is_due else (StartTimer("expiry", timer.lifetime - timer.interval / 2),)
    call = replace(call, session_timer=replace(timer, is_due=True))
    if timer.by_update and timer.update is None and _has_to_wait_long(call):
        call, sent = _update(call)
        return call, (*clock, *sent)
    return _put(call), clock


def _has_to_wait_long(call: Call) -> bool:
    """Tell whether an INVITE is open that has reached its other end, or a change is being prepared."""
    pending = call.pending
    if pending is None:
        return call.change is not None  # a file that it adds may take long to be hashed
    if pending.success is not None:
        return False
    return not pending.is_ours or pending.provisional


def _put(call: Call) -> Call:
    command = RefreshSession()
    if command in call.commands or (call.change is not None and call.change.command == command):
        return call
    return replace(call, commands=(*call.commands, command))


def begin(call: Call, command: RefreshSession) -> tuple[Call, Outputs]:
    """Refresh now, unless something else has done it."""
    timer = call.session_timer
    if timer is None or not timer.is_due or timer.update is not None:
        return call, ()
    return _update(call) if timer.by_update else (replace(call, change=Change(command)), ())


def _update(call: Call) -> tuple[Call, Outputs]:
    timer = _timer_of(call)
    headers = (*exchange.capabilities(call), *session_timer.asked(call))
    dialog, flow = exchange.dialog_of(call), exchange.flow_of(call)
    call, dialog, request, sent = exchange.request_in_dialog(call, dialog, flow, "UPDATE", *headers)
    return replace(call, dialog=dialog, session_timer=replace(timer, update=client_key(request))), sent


def answered(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Go by the answer to our UPDATE: refreshed, to be tried again, or the end of the session."""
    call, is_awaited = _taken(call, event)
    if not is_awaited:
        return call, ()
    response = event.response
    if response.is_success:
        dialog = exchange.retargeted(exchange.dialog_of(call), response)
        call = exchange.led(call, dialog)
        return session_timer.agreed(call, response)
    return _failed(call, response)


def lost(call: Call, event: TransactionEnded) -> tuple[Call, Outputs]:
    """End a session whose peer does not answer; one that cannot be reached just now is tried again."""
    call, is_awaited = _taken(call, event)
    if not is_awaited:
        return call, ()
    if event.why == TIMEOUT:
        return bye.abandon(call, Failure.local(408, "no answer to the refresh of the session"))
    return refused(call, None, f"503 {event.why}")


def _taken(call: Call, event: ResponseReceived | TransactionEnded) -> tuple[Call, bool]:
    """Be done with our UPDATE; returned is also whether its outcome counts."""
    timer = call.session_timer
    if timer is None or timer.update != event.key:
        return call, False
    return replace(call, session_timer=replace(timer, update=None)), call.state is not State.TERMINATING


def _failed(call: Call, response: Response) -> tuple[Call, Outputs]:
    status, reason = response.status, reason_text(response)
    if status in _GONE:
        failure = Failure.remote(status, reason)
        return ending.fail(call, failure) if status == 481 else bye.abandon(call, failure)
    if status in _NO_UPDATE:
        call = replace(call, session_timer=replace(_timer_of(call), refuses_update=True))
        return _put(call), (Note("session.update_refused", {"status": status}),)
    raised = session_timer.raised(call, response)
    if raised is not None:
        return _put(raised), ()
    if status == 491 and session_timer.is_running(call):
        return call, (StartTimer("refresh", glare.by_lot(call)),)
    return refused(call, None, f"{status} {reason}")


def refused(call: Call, _command: object, reason: str) -> tuple[Call, Outputs]:
    """Try again later: the session has not ended yet."""
    note = Note("session.refresh_refused", {"reason": reason})
    if not session_timer.is_running(call):
        return call, (note,)
    return call, (note, StartTimer("refresh", _timer_of(call).interval / _AGAIN))


def expired(call: Call, _: object) -> tuple[Call, Outputs]:
    """End a session that was not refreshed in time."""
    return bye.abandon(call, EXPIRED) if _is_late(call) else (call, ())


def expired_early(call: Call, _: object) -> tuple[Call, Outputs]:
    """End one that was not even acknowledged; BYE has to wait for that."""
    return answer.give_up(call, EXPIRED) if _is_late(call) else (call, ())


def _is_late(call: Call) -> bool:
    timer = call.session_timer
    return timer is not None and timer.interval > 0 and (timer.is_due or not timer.is_ours)


def resumed(call: Call) -> tuple[Call, Outputs]:
    """Go on after a crash, which may have cost a clock or an answer: refresh, or wait once more."""
    timer = call.session_timer
    if timer is None or not timer.interval:
        return call, ()
    if timer.is_ours:
        return due(replace(call, session_timer=replace(timer, is_due=False, update=None)), None)
    return call, (StartTimer("expiry", timer.lifetime),)


def _timer_of(call: Call) -> SessionTimer:
    if call.session_timer is None:
        raise AssertionError("a session that is refreshed has a timer")
    return call.session_timer
