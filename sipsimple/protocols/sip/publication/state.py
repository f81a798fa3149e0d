"""The states of a publication, and the stimuli that its table knows."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where it stands.

    WAITING: it failed and will be tried again. CLOSING: it is to end once the
    PUBLISH that is under way was answered. OVER: nothing is published or tried.
    """

    NULL = "null"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    WAITING = "waiting"
    CLOSING = "closing"
    UNPUBLISHING = "unpublishing"
    OVER = "over"


SHOWN = {
    State.NULL: "unpublished",
    State.PUBLISHING: "publishing",
    State.PUBLISHED: "published",
    State.WAITING: "unpublished",
    State.CLOSING: "unpublishing",
    State.UNPUBLISHING: "unpublishing",
    State.OVER: "unpublished",
}
"""What applications are shown."""


class Stimulus(StrEnum):
    """What can happen."""

    PUBLISH = "publish()"
    UNPUBLISH = "unpublish()"

    SUCCESS = "2xx"
    UNKNOWN = "412"
    TOO_BRIEF = "423"
    REFUSED = "a failure that will not pass"
    FAILURE = "a failure that may pass, or no answer"

    REFRESH_DUE = "time to refresh"
    EXPIRED = "what was granted has run out"
    RETRY_DUE = "time to try again"

    MOVED = "the network is another one"
    RESUMED = "the actor goes on after a crash"


REFRESH, EXPIRY, RETRY = "refresh", "expiry", "retry"
"""The timers."""

TIMERS = {REFRESH: Stimulus.REFRESH_DUE, EXPIRY: Stimulus.EXPIRED, RETRY: Stimulus.RETRY_DUE}
