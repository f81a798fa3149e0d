"""The states of a subscription, and the stimuli that its table knows."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where it stands; those of RFC 6665 4.1.2 bear their published names.

    NULL: nothing happened yet. WAITING: it failed and will be tried again.
    LEAVING: it was asked to end. TERMINATED: it is over.
    """

    NULL = "NULL"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    WAITING = "WAITING"
    LEAVING = "LEAVING"
    TERMINATED = "TERMINATED"


RUNNING = frozenset({State.ACCEPTED, State.PENDING, State.ACTIVE})
"""The notifier knows of the subscription."""


class Stimulus(StrEnum):
    """What can happen."""

    SUBSCRIBE = "subscribe()"
    UNSUBSCRIBE = "unsubscribe()"

    SUCCESS = "2xx"
    TOO_BRIEF = "423"
    GONE = "a failure that tells that there is no such subscription"
    REFUSED = "a failure that will not pass"
    FAILURE = "a failure that may pass, or no answer"

    NOTIFY_ACTIVE = "NOTIFY, active"
    NOTIFY_PENDING = "NOTIFY, pending"
    NOTIFY_TERMINATED = "NOTIFY, terminated"

    REFRESH_DUE = "time to refresh"
    EXPIRED = "what was granted has run out"
    NO_NOTIFY = "64*T1 without the NOTIFY that must come"
    RETRY_DUE = "time to try again"
    STEADY = "it has held for a while"

    MOVED = "the network is another one"
    RESUMED = "the actor goes on after a crash"


REFRESH, EXPIRY, FIRST_NOTIFY, RETRY, STEADY = "refresh", "expiry", "notify", "retry", "steady"
"""The timers."""

TIMERS = {
    REFRESH: Stimulus.REFRESH_DUE,
    EXPIRY: Stimulus.EXPIRED,
    FIRST_NOTIFY: Stimulus.NO_NOTIFY,
    RETRY: Stimulus.RETRY_DUE,
    STEADY: Stimulus.STEADY,
}

STEADY_SECONDS = 60.0
"""What has held for so long is not the consequence of a failure before."""
