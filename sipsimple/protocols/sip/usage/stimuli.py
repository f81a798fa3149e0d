"""Which stimulus of a call each command, each piece of news, each timer and each request is."""

from __future__ import annotations

from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.refer import events as transfer_events
from sipsimple.protocols.sip.usage.refer.state import NEXT_NOTIFY, OUTCOME, REFERRAL
from sipsimple.protocols.sip.usage.state import GIVEN, Stimulus

COMMANDS: dict[type, Stimulus] = {
    events.Connect: Stimulus.CONNECT,
    events.Accept: Stimulus.ACCEPT,
    events.Reject: Stimulus.REJECT,
    events.Terminate: Stimulus.TERMINATE,
    events.Hold: Stimulus.HOLD,
    events.Unhold: Stimulus.UNHOLD,
    events.AddStream: Stimulus.ADD_STREAM,
    events.RemoveStream: Stimulus.REMOVE_STREAM,
    events.AcceptProposal: Stimulus.ACCEPT_PROPOSAL,
    events.RejectProposal: Stimulus.REJECT_PROPOSAL,
    transfer_events.Refer: Stimulus.TRANSFER,
    transfer_events.AcceptTransfer: Stimulus.ACCEPT_TRANSFER,
    transfer_events.RejectTransfer: Stimulus.REJECT_TRANSFER,
    transfer_events.SendInfo: Stimulus.SEND_INFO,
    transfer_events.ReferralProgressed: Stimulus.REFERRAL_PROGRESSED,
    events.TargetResolved: Stimulus.TARGET_RESOLVED,
    events.TargetFailed: Stimulus.TARGET_FAILED,
    events.StreamPrepared: Stimulus.STREAM_PREPARED,
    events.StreamFailed: Stimulus.STREAM_FAILED,
    events.StreamEnded: Stimulus.STREAM_ENDED,
    events.StreamMoved: Stimulus.STREAM_MOVED,
    events.StreamOutdated: Stimulus.STREAM_OUTDATED,
    events.Resumed: Stimulus.RESUMED,
    events.Abandoned: Stimulus.ABANDONED,
}
"""Of the application, of the streams, of the resolver and of the supervisor."""

GIVEN_BY_APPLICATION = frozenset(kind for kind, stimulus in COMMANDS.items() if stimulus in GIVEN)
"""The commands among them."""

TIMERS = {
    "ringing": Stimulus.STILL_RINGING,
    "1xx": Stimulus.PROVISIONAL_DUE,
    "prack": Stimulus.PRACK_MISSING,
    "2xx": Stimulus.RESEND_DUE,
    "ack": Stimulus.ACK_MISSING,
    "cancelled": Stimulus.CANCEL_UNANSWERED,
    "refresh": Stimulus.REFRESH_DUE,
    "expiry": Stimulus.SESSION_EXPIRED,
    "grace": Stimulus.GRACE_OVER,
    "preparing": Stimulus.PREPARING_TOO_LONG,
    "answer": Stimulus.ANSWER_MISSING,
    "retry": Stimulus.RETRY_DUE,
    NEXT_NOTIFY: Stimulus.OUTCOME_OVERDUE,
    OUTCOME: Stimulus.OUTCOME_OVERDUE,
    REFERRAL: Stimulus.REFERRAL_OVERDUE,
}
"""The clocks of the call's own, by their words."""

REQUESTS = {
    "INVITE": Stimulus.INVITE_RECEIVED,
    "ACK": Stimulus.ACK_RECEIVED,
    "BYE": Stimulus.BYE_RECEIVED,
    "CANCEL": Stimulus.CANCEL_RECEIVED,
    "PRACK": Stimulus.PRACK_RECEIVED,
    "UPDATE": Stimulus.UPDATE_RECEIVED,
    "REFER": Stimulus.REFER_RECEIVED,
    "NOTIFY": Stimulus.NOTIFY_RECEIVED,
    "SUBSCRIBE": Stimulus.SUBSCRIBE_RECEIVED,
    "INFO": Stimulus.INFO_RECEIVED,
}
"""By method; of another one, it is `REQUEST_RECEIVED`."""
