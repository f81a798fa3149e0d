"""What a call does, state by state: the documentation, the guard and the oracle in one.

A row is `stimulus: (action, states it may lead to)`. A pair that has no row is
in `ignored.IGNORED` with the reason; together they are complete. The guards of the
public methods are read off this table.

Beside the rows there is one more way to move: in `ESTABLISHED`, when the call is
free for it, the next command of its queue begins after whatever stimulus; a
proposal leads to `PROPOSING` then (see `queue`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sipsimple.protocols.sip.usage.call import Call
from sipsimple.protocols.sip.usage.change import decision, glare, queue, refresh, reinvite, renewal, reoffer, update
from sipsimple.protocols.sip.usage.crash import abandon, resume
from sipsimple.protocols.sip.usage.ending import bye
from sipsimple.protocols.sip.usage.ignored import IGNORED
from sipsimple.protocols.sip.usage.refer import referral, subscribed, transfer
from sipsimple.protocols.sip.usage.setup import (
    ack_missing,
    acknowledgement,
    answer,
    cancel,
    failover,
    invite,
    prack_missing,
    reliable,
    ringing,
    success,
)
from sipsimple.protocols.sip.usage.state import State, Stimulus
from sipsimple.protocols.sip.usage.streams import news, streams
from sipsimple.protocols.sip.usage.within import info, options, own_requests, rerouting
from sipsimple.protocols.sip.usage.within.exchange import Outputs

__all__ = ["IGNORED", "TRANSITIONS", "allowed", "led_to"]

Action = Callable[[Call, Any], tuple[Call, Outputs]]
Row = tuple[Action, tuple[State, ...]]

_NULL, _CALLING, _INCOMING, _ACCEPTING = State.NULL, State.CALLING, State.INCOMING, State.ACCEPTING
_ESTABLISHED, _PROPOSING, _PROPOSED = State.ESTABLISHED, State.PROPOSING, State.PROPOSED
_TERMINATING, _TERMINATED = State.TERMINATING, State.TERMINATED


def _in_dialog(state: State, back: State | None = None) -> dict[Stimulus, Row]:
    """Return the rows that the states of an established call have in common; a proposal may end on each of them."""
    stays = (state,) if back is None else (state, back)
    return {
        Stimulus.TARGET_RESOLVED: (rerouting.resolved, (state,)),
        Stimulus.TARGET_FAILED: (rerouting.failed, (state,)),
        Stimulus.BYE_RECEIVED: (bye.received, (_TERMINATED,)),
        Stimulus.ACK_RECEIVED: (reinvite.acknowledged, (state,)),
        Stimulus.CANCEL_RECEIVED: (reinvite.cancelled, stays),
        Stimulus.REQUEST_RECEIVED: (options.received, (state,)),
        **_about_transfers(state),
        Stimulus.UPDATE_RECEIVED: (update.established, (state,)),
        Stimulus.PRACK_RECEIVED: (reliable.received, (state,)),
        Stimulus.REFRESH_DUE: (refresh.due, (state,)),
        Stimulus.SESSION_EXPIRED: (refresh.expired, (state, _TERMINATED)),
        Stimulus.PROVISIONAL: (reoffer.provisional, (state,)),
        Stimulus.FAILURE: (reoffer.failed, (*stays, _TERMINATED)),
        Stimulus.INVITE_LOST: (reoffer.lost, (*stays, _TERMINATED)),
        Stimulus.ANSWER_MISSING: (reoffer.unanswered, (state,)),
        Stimulus.CANCEL_UNANSWERED: (reoffer.never_answered, (state, _TERMINATED)),
        Stimulus.RETRY_DUE: (glare.over, (state,)),
        Stimulus.RESEND_DUE: (acknowledgement.resend, (state,)),
        Stimulus.ACK_MISSING: (ack_missing.of_change, (state, _TERMINATED)),
        Stimulus.STREAM_ENDED: (news.ended, (*stays, _TERMINATING, _TERMINATED)),
        Stimulus.STREAM_FAILED: (news.failed, (*stays, _TERMINATED)),
        Stimulus.STREAM_MOVED: (news.moved, (*stays, _TERMINATED)),
        Stimulus.STREAM_OUTDATED: (renewal.put, (state,)),
        Stimulus.PREPARING_TOO_LONG: (news.overdue, (*stays, _TERMINATED)),
        Stimulus.GRACE_OVER: (streams.grace_over, (state, _TERMINATED)),
        Stimulus.RESUMED: (resume.established, (state,)),
        Stimulus.ABANDONED: (abandon.established, (_TERMINATED,)),
    }


def _about_transfers(state: State) -> dict[Stimulus, Row]:
    """Return the rows of REFER, its reports, and INFO; a success ends the call."""
    return {
        Stimulus.TRANSFER: (transfer.begin, (state,)),
        Stimulus.ACCEPT_TRANSFER: (referral.accept, (state,)),
        Stimulus.REJECT_TRANSFER: (referral.reject, (state,)),
        Stimulus.SEND_INFO: (info.put, (state,)),
        Stimulus.REFER_RECEIVED: (referral.received, (state,)),
        Stimulus.NOTIFY_RECEIVED: (transfer.notified, (state, _TERMINATING)),
        Stimulus.SUBSCRIBE_RECEIVED: (subscribed.received, (state,)),
        Stimulus.INFO_RECEIVED: (info.received, (state,)),
        Stimulus.REQUEST_ANSWERED: (own_requests.answered, (state, _TERMINATING, _TERMINATED)),
        Stimulus.REQUEST_LOST: (own_requests.lost, (state, _TERMINATED)),
        Stimulus.REFERRAL_PROGRESSED: (referral.progressed, (state,)),
        Stimulus.REFERRAL_OVERDUE: (referral.overdue, (state,)),
        Stimulus.OUTCOME_OVERDUE: (transfer.overdue, (state,)),
    }


def _before_the_session(state: State) -> dict[Stimulus, Row]:
    """Return the rows of REFER, NOTIFY, INFO and PRACK before the session is established."""
    return {
        Stimulus.PRACK_RECEIVED: (reliable.received, (state,)),
        Stimulus.REFER_RECEIVED: (referral.not_now, (state,)),
        Stimulus.NOTIFY_RECEIVED: (transfer.notified, (state,)),
        Stimulus.SUBSCRIBE_RECEIVED: (subscribed.received, (state,)),
        Stimulus.INFO_RECEIVED: (info.received, (state,)),
    }


TRANSITIONS: dict[State, dict[Stimulus, Row]] = {
    _NULL: {
        Stimulus.CONNECT: (invite.connect, (_CALLING,)),
        Stimulus.INVITE_RECEIVED: (answer.ring, (_INCOMING,)),
    },
    _CALLING: {
        Stimulus.TARGET_RESOLVED: (invite.target_resolved, (_CALLING,)),
        Stimulus.TARGET_FAILED: (failover.target_failed, (_CALLING, _TERMINATED)),
        Stimulus.STREAM_PREPARED: (invite.stream_prepared, (_CALLING,)),
        Stimulus.STREAM_FAILED: (invite.stream_failed, (_CALLING, _TERMINATING, _TERMINATED)),
        Stimulus.STREAM_ENDED: (invite.stream_ended, (_CALLING, _TERMINATING, _TERMINATED)),
        Stimulus.STREAM_MOVED: (invite.stream_moved, (_CALLING,)),
        Stimulus.PROVISIONAL: (invite.provisional, (_CALLING,)),
        Stimulus.SUCCESS: (success.first, (_ESTABLISHED, _TERMINATED)),
        Stimulus.FAILURE: (failover.failure, (_CALLING, _TERMINATED)),
        Stimulus.INVITE_LOST: (failover.lost, (_CALLING, _TERMINATED)),
        Stimulus.TERMINATE: (cancel.terminate, (_TERMINATING, _TERMINATED)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_CALLING,)),
        Stimulus.INVITE_RECEIVED: (reinvite.glare, (_CALLING,)),
        Stimulus.BYE_RECEIVED: (reinvite.gone, (_CALLING,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_CALLING,)),
        **_before_the_session(_CALLING),
        Stimulus.UPDATE_RECEIVED: (update.calling, (_CALLING,)),
        Stimulus.REQUEST_ANSWERED: (own_requests.answered, (_CALLING,)),
        Stimulus.REQUEST_LOST: (own_requests.lost, (_CALLING,)),
        Stimulus.PREPARING_TOO_LONG: (invite.overdue, (_CALLING, _TERMINATED)),
        Stimulus.RESUMED: (resume.calling, (_CALLING,)),
        Stimulus.ABANDONED: (abandon.calling, (_TERMINATING, _TERMINATED)),
    },
    _INCOMING: {
        Stimulus.ACCEPT: (answer.accept, (_ACCEPTING,)),
        Stimulus.REJECT: (answer.reject, (_TERMINATED,)),
        Stimulus.TERMINATE: (answer.terminate, (_TERMINATED,)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_INCOMING, _TERMINATED)),
        Stimulus.BYE_RECEIVED: (answer.bye_received, (_TERMINATED,)),
        Stimulus.INVITE_RECEIVED: (reinvite.busy, (_INCOMING,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_INCOMING,)),
        **_before_the_session(_INCOMING),
        Stimulus.UPDATE_RECEIVED: (update.unanswered, (_INCOMING,)),
        Stimulus.STILL_RINGING: (ringing.again, (_INCOMING, _TERMINATED)),
        Stimulus.PROVISIONAL_DUE: (reliable.resend, (_INCOMING,)),
        Stimulus.PRACK_MISSING: (prack_missing.of_call, (_INCOMING, _TERMINATED)),
        Stimulus.RESUMED: (resume.incoming, (_INCOMING,)),
        Stimulus.ABANDONED: (abandon.unanswered, (_TERMINATED,)),
    },
    _ACCEPTING: {
        Stimulus.STREAM_PREPARED: (answer.stream_prepared, (_ACCEPTING,)),
        Stimulus.STREAM_FAILED: (answer.stream_failed, (_ACCEPTING, _TERMINATING, _TERMINATED)),
        Stimulus.STREAM_ENDED: (answer.stream_ended, (_ACCEPTING, _TERMINATING, _TERMINATED)),
        Stimulus.STREAM_MOVED: (answer.stream_moved, (_ACCEPTING,)),
        Stimulus.ACK_RECEIVED: (acknowledgement.acknowledged, (_ACCEPTING, _ESTABLISHED, _TERMINATED)),
        Stimulus.STILL_RINGING: (ringing.again, (_ACCEPTING, _TERMINATED)),
        Stimulus.RESEND_DUE: (acknowledgement.resend, (_ACCEPTING,)),
        Stimulus.ACK_MISSING: (ack_missing.of_call, (_ACCEPTING, _ESTABLISHED, _TERMINATED)),
        Stimulus.TERMINATE: (answer.terminate, (_TERMINATING, _TERMINATED)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_ACCEPTING, _TERMINATED)),
        Stimulus.BYE_RECEIVED: (answer.bye_received, (_TERMINATED,)),
        Stimulus.INVITE_RECEIVED: (reinvite.busy, (_ACCEPTING,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_ACCEPTING,)),
        **_before_the_session(_ACCEPTING),
        Stimulus.UPDATE_RECEIVED: (update.unanswered, (_ACCEPTING,)),
        Stimulus.PROVISIONAL_DUE: (reliable.resend, (_ACCEPTING,)),
        Stimulus.PRACK_MISSING: (prack_missing.of_call, (_ACCEPTING, _TERMINATED)),
        Stimulus.REFRESH_DUE: (refresh.due, (_ACCEPTING,)),
        Stimulus.SESSION_EXPIRED: (refresh.expired_early, (_ACCEPTING, _TERMINATING)),
        Stimulus.GRACE_OVER: (answer.grace_over, (_ACCEPTING, _TERMINATING)),
        Stimulus.PREPARING_TOO_LONG: (answer.overdue, (_ACCEPTING, _TERMINATED)),
        Stimulus.RESUMED: (resume.accepting, (_ACCEPTING,)),
        Stimulus.ABANDONED: (abandon.unanswered, (_TERMINATING, _TERMINATED)),
    },
    _ESTABLISHED: {
        Stimulus.TERMINATE: (bye.terminate, (_TERMINATING,)),
        Stimulus.HOLD: (queue.put, (_ESTABLISHED,)),
        Stimulus.UNHOLD: (queue.put, (_ESTABLISHED,)),
        Stimulus.ADD_STREAM: (queue.put, (_ESTABLISHED,)),
        Stimulus.REMOVE_STREAM: (queue.put, (_ESTABLISHED,)),
        Stimulus.INVITE_RECEIVED: (reinvite.received, (_ESTABLISHED, _PROPOSED)),
        Stimulus.SUCCESS: (reoffer.answered, (_ESTABLISHED, _TERMINATED)),
        Stimulus.STREAM_PREPARED: (news.prepared, (_ESTABLISHED,)),
        **_in_dialog(_ESTABLISHED),
    },
    _PROPOSING: {
        Stimulus.TERMINATE: (bye.terminate, (_TERMINATING,)),
        Stimulus.HOLD: (queue.put_off, (_PROPOSING,)),
        Stimulus.UNHOLD: (queue.put_off, (_PROPOSING,)),
        Stimulus.ADD_STREAM: (queue.put_off, (_PROPOSING,)),
        Stimulus.REMOVE_STREAM: (queue.put_off, (_PROPOSING,)),
        Stimulus.INVITE_RECEIVED: (reinvite.received, (_PROPOSING, _PROPOSED)),
        Stimulus.SUCCESS: (reoffer.answered, (_PROPOSING, _ESTABLISHED, _TERMINATED)),
        Stimulus.STREAM_PREPARED: (news.prepared, (_PROPOSING,)),
        **_in_dialog(_PROPOSING, _ESTABLISHED),
    },
    _PROPOSED: {
        Stimulus.ACCEPT_PROPOSAL: (decision.accept, (_PROPOSED, _ESTABLISHED)),
        Stimulus.REJECT_PROPOSAL: (decision.reject, (_ESTABLISHED,)),
        Stimulus.STILL_RINGING: (ringing.again, (_PROPOSED,)),
        Stimulus.PROVISIONAL_DUE: (reliable.resend, (_PROPOSED,)),
        Stimulus.PRACK_MISSING: (prack_missing.of_proposal, (_PROPOSED, _ESTABLISHED)),
        Stimulus.TERMINATE: (bye.terminate, (_TERMINATING,)),
        Stimulus.HOLD: (queue.put_off, (_PROPOSED,)),
        Stimulus.UNHOLD: (queue.put_off, (_PROPOSED,)),
        Stimulus.ADD_STREAM: (queue.put_off, (_PROPOSED,)),
        Stimulus.REMOVE_STREAM: (queue.put_off, (_PROPOSED,)),
        Stimulus.INVITE_RECEIVED: (reinvite.busy, (_PROPOSED,)),
        Stimulus.SUCCESS: (success.again, (_PROPOSED,)),
        Stimulus.STREAM_PREPARED: (news.prepared, (_PROPOSED, _ESTABLISHED)),
        **_in_dialog(_PROPOSED, _ESTABLISHED),
    },
    _TERMINATING: {
        Stimulus.TARGET_RESOLVED: (rerouting.resolved, (_TERMINATING,)),
        Stimulus.TARGET_FAILED: (rerouting.failed, (_TERMINATING,)),
        Stimulus.PROVISIONAL: (cancel.provisional, (_TERMINATING,)),
        Stimulus.SUCCESS: (success.while_ending, (_TERMINATING, _TERMINATED)),
        Stimulus.FAILURE: (cancel.final, (_TERMINATING, _TERMINATED)),
        Stimulus.INVITE_LOST: (cancel.final, (_TERMINATING, _TERMINATED)),
        Stimulus.CANCEL_UNANSWERED: (cancel.unanswered, (_TERMINATING, _TERMINATED)),
        Stimulus.BYE_DONE: (bye.done, (_TERMINATED,)),
        Stimulus.BYE_RECEIVED: (bye.received, (_TERMINATING, _TERMINATED)),
        Stimulus.ACK_RECEIVED: (acknowledgement.acknowledged_too_late, (_TERMINATING,)),
        Stimulus.RESEND_DUE: (acknowledgement.resend, (_TERMINATING,)),
        Stimulus.ACK_MISSING: (acknowledgement.never_acknowledged, (_TERMINATING,)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_TERMINATING,)),
        Stimulus.INVITE_RECEIVED: (reinvite.gone, (_TERMINATING,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_TERMINATING,)),
        Stimulus.PRACK_RECEIVED: (reliable.received, (_TERMINATING,)),
        Stimulus.UPDATE_RECEIVED: (reinvite.gone, (_TERMINATING,)),
        Stimulus.REFER_RECEIVED: (referral.not_now, (_TERMINATING,)),
        Stimulus.NOTIFY_RECEIVED: (transfer.notified, (_TERMINATING,)),
        Stimulus.SUBSCRIBE_RECEIVED: (subscribed.received, (_TERMINATING,)),
        Stimulus.INFO_RECEIVED: (info.gone, (_TERMINATING,)),
        Stimulus.REQUEST_ANSWERED: (own_requests.answered, (_TERMINATING,)),
        Stimulus.REQUEST_LOST: (own_requests.lost, (_TERMINATING,)),
        Stimulus.RESUMED: (resume.terminating, (_TERMINATING,)),
        Stimulus.ABANDONED: (abandon.ending_already, (_TERMINATED,)),
    },
    _TERMINATED: {},
}


@cache
def allowed(stimulus: Stimulus) -> tuple[State, ...]:
    """Return the states in which a command may be given: the guard of the public methods.

    One that was given just before a proposal took the call out of such a state is not lost, but waits.
    """
    rows = ((state, rows.get(stimulus)) for state, rows in TRANSITIONS.items())
    return tuple(state for state, row in rows if row is not None and row[0] is not queue.put_off)


def led_to(state: State, stimulus: Stimulus) -> State:
    """Return where a command leads at once, as the public `state` shows it when the method returned.

    REJECT, and TERMINATE before an answer, pass through `TERMINATING`. ADD_STREAM leads to `PROPOSING` as soon as
    the call is free, see `Call.is_busy`.
    """
    if stimulus in (Stimulus.REJECT, Stimulus.TERMINATE):
        return State.TERMINATING
    if stimulus is Stimulus.ADD_STREAM:
        return State.PROPOSING
    return TRANSITIONS[state][stimulus][1][0]
