"""The states of one call, and the stimuli that its table knows.

The states are the published ones of `Session.state`: plain upper-case words.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What a session is doing; never leaves `TERMINATED`."""

    NULL = "NULL"
    CALLING = "CALLING"
    INCOMING = "INCOMING"
    ACCEPTING = "ACCEPTING"
    ESTABLISHED = "ESTABLISHED"
    PROPOSING = "PROPOSING"
    PROPOSED = "PROPOSED"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"


class Stimulus(StrEnum):
    """What can happen to a call: commands, then the network, then streams and clocks."""

    CONNECT = "connect()"
    ACCEPT = "accept()"
    REJECT = "reject()"
    TERMINATE = "terminate()"
    HOLD = "hold()"
    UNHOLD = "unhold()"
    ADD_STREAM = "add_audio(), add_chat()"
    REMOVE_STREAM = "remove_audio(), remove_chat()"
    ACCEPT_PROPOSAL = "accept_proposal()"
    REJECT_PROPOSAL = "reject_proposal()"
    TRANSFER = "transfer()"
    ACCEPT_TRANSFER = "accept_transfer()"
    REJECT_TRANSFER = "reject_transfer()"
    SEND_INFO = "send_info()"

    TARGET_RESOLVED = "next hop known"
    TARGET_FAILED = "next hop unknown"

    INVITE_RECEIVED = "INVITE received"
    CANCEL_RECEIVED = "CANCEL received"
    ACK_RECEIVED = "ACK received"
    BYE_RECEIVED = "BYE received"
    PRACK_RECEIVED = "PRACK received"
    UPDATE_RECEIVED = "UPDATE received"
    REFER_RECEIVED = "REFER received"
    NOTIFY_RECEIVED = "NOTIFY received"
    SUBSCRIBE_RECEIVED = "SUBSCRIBE received"
    INFO_RECEIVED = "INFO received"
    REQUEST_RECEIVED = "another request received"

    PROVISIONAL = "1xx to the INVITE"
    SUCCESS = "2xx to the INVITE"
    FAILURE = "3xx-6xx to the INVITE"
    INVITE_LOST = "no answer to the INVITE, or it could not be sent"
    BYE_DONE = "BYE answered, or given up"
    REQUEST_ANSWERED = "final response to our REFER, NOTIFY, INFO, UPDATE or PRACK"
    REQUEST_LOST = "no answer to our REFER, NOTIFY, INFO, UPDATE or PRACK"
    REFERRAL_PROGRESSED = "the call that a REFER asked for has got a response"

    STREAM_PREPARED = "stream prepared"
    STREAM_FAILED = "stream failed"
    STREAM_ENDED = "stream ended by the peer"
    STREAM_MOVED = "stream has a new line"
    STREAM_OUTDATED = "stream could have a better line"

    STILL_RINGING = "a minute without a final response, or less where the INVITE expires"
    PROVISIONAL_DUE = "time to send the reliable 1xx again"
    PRACK_MISSING = "64*T1 without PRACK"
    RESEND_DUE = "time to send the 2xx again"
    ACK_MISSING = "64*T1 without ACK"
    ANSWER_MISSING = "three minutes without a word about our re-INVITE"
    RETRY_DUE = "time to send the re-INVITE again that met another one"
    CANCEL_UNANSWERED = "64*T1 without a final response after CANCEL"
    REFRESH_DUE = "time to refresh the session"
    SESSION_EXPIRED = "the session was not refreshed in time"
    GRACE_OVER = "the last stream is gone and no BYE came"
    REFERRAL_OVERDUE = "a REFER was not decided in a minute, or its call takes three more"
    OUTCOME_OVERDUE = "the NOTIFY that is due about our REFER does not come"
    PREPARING_TOO_LONG = "64*T1 without a next hop, or with a stream that is not prepared"

    RESUMED = "the actor goes on after a crash"
    ABANDONED = "the supervisor gave up"


GIVEN = frozenset(
    {
        Stimulus.CONNECT,
        Stimulus.ACCEPT,
        Stimulus.REJECT,
        Stimulus.TERMINATE,
        Stimulus.HOLD,
        Stimulus.UNHOLD,
        Stimulus.ADD_STREAM,
        Stimulus.REMOVE_STREAM,
        Stimulus.ACCEPT_PROPOSAL,
        Stimulus.REJECT_PROPOSAL,
        Stimulus.TRANSFER,
        Stimulus.ACCEPT_TRANSFER,
        Stimulus.REJECT_TRANSFER,
        Stimulus.SEND_INFO,
    }
)
"""The commands of the application."""
