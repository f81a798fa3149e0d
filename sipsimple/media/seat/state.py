"""One call in one worker as a value, the words of its table, and what it tells the leg that it belongs to.

The worker always makes the INVITE that begins the dialog, because it refuses
every other (facts: its sockets exist before it could look at a request). So it
is the caller, also where the peer of the call offers: then its INVITE has no
description, our 200 has the peer's offer, and its ACK has the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.transaction.timing import DEFAULT_TIMING, Timing

if TYPE_CHECKING:
    from sipsimple.media.leg.facts import Settings
    from sipsimple.media.pool.worker_link import WorkerLink
    from sipsimple.media.wire import Flowing
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.transaction.outputs import Send
    from sipsimple.protocols.sip.transport import Flow


_NONE_YET = Transactions()


class State(StrEnum):
    """How far the call in the worker has come."""

    WANTED = "wanted"
    OPENING = "opening"
    OFFERED = "offered"
    ASKED = "asked"
    READY = "ready"
    CALLED = "called"
    WITHDRAWN = "withdrawn"
    REOFFERED = "reoffered"
    REASKED = "reasked"


class Stimulus(Enum):
    """What can happen to it: the leg, then the worker, then clocks."""

    ASK = "a line is wanted"
    TAKE = "the peer's answer came"
    TAKE_EARLY = "the peer's answer came early"
    REVERT = "the line is not wanted any more"
    GRANT = "room in a worker"

    INVITE = "INVITE received"
    ACK = "ACK received"
    BYE = "BYE received"
    CANCEL = "CANCEL received"
    REQUEST = "another request received"
    SUCCESS = "2xx to our INVITE"
    FAILURE = "3xx-6xx to our INVITE"
    UNANSWERED = "no answer to our INVITE"
    OFFER_REFUSED = "the worker cannot offer now"
    CLOSED = "the worker ended the call"

    INVITE_MISSING = "64*T1 without INVITE"
    STILL_RINGING = "a minute without an answer for the worker"
    RESEND_DUE = "time to send the 2xx again"
    ACK_MISSING = "64*T1 without ACK"
    RETRY_DUE = "time to send the INVITE again"


@dataclass(frozen=True, slots=True)
class Terms:
    """What every call of one leg is made with.

    Attributes:
        settings: Of its RTP.
        sip_port: UDP port of the switchboard.
        timing: T1, T2, T4 in seconds.
    """

    settings: Settings
    sip_port: int
    timing: Timing = DEFAULT_TIMING


@dataclass(frozen=True, slots=True)
class Ask:
    """A line is wanted: an offer of ours, or the answer to `remote`."""

    remote: Media | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Seat:
    """State of one call in one worker; a value, replaced on each step. Nothing that may hold keys is printed.

    Attributes:
        token: Names it; user part of its Request-URI, stem of our branches and tags.
        terms: What it is made with.
        ask: The line that is wanted, or was last.
        next: What is wanted when the present exchange is over.
        state: How far it has come.
        link: To the worker.
        flow: To the worker's user agent.
        dialog: From the worker's INVITE on.
        transactions: Those that are open, or wait for repeats.
        request: The worker's INVITE that is not answered.
        key: The transaction of that, or of our own last INVITE.
        provisional: What it was answered with so far.
        success: Our 2xx that waits for its ACK.
        resend_after: Seconds to its next repeat.
        ack: Our last ACK, for repeats of the 2xx.
        line: The worker's last line, self-contained.
        remote: The peer's line that was put to the worker last.
        is_sounding: The worker has had an answer, early or not.
        flowing: What the worker told of the media last.
        branches: How many were used.
        tags: How many early answers with another description were given.
        version: Of our last description.
        retries: How often the worker answered 491 in a row.
    """

    token: str
    terms: Terms
    ask: Ask
    next: Ask | None = None
    state: State = State.WANTED
    link: WorkerLink | None = None
    flow: Flow | None = None
    dialog: Dialog | None = None
    transactions: Transactions = field(default=_NONE_YET, repr=False)
    request: Request | None = field(default=None, repr=False)
    key: Key | None = None
    provisional: Response | None = field(default=None, repr=False)
    success: Response | None = field(default=None, repr=False)
    resend_after: float = 0.0
    ack: Send | None = field(default=None, repr=False)
    line: Media | None = field(default=None, repr=False)
    remote: Media | None = field(default=None, repr=False)
    is_sounding: bool = False
    flowing: Flowing | None = None
    branches: int = 0
    tags: int = 0
    version: int = 0
    retries: int = 0


# ------------------------------------------------------ what the leg is told


@dataclass(frozen=True, slots=True)
class LineReady:
    """The wanted line is `line` of the seat `token`."""

    token: str
    line: Media = field(repr=False)


@dataclass(frozen=True, slots=True)
class LineRefused:
    """The wanted line cannot be had; a call that had been agreed before goes on as it was."""

    token: str
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class LineOutdated:
    """The seat `token` could tell its peer a better line than its last one, which is still good: ICE has chosen."""

    token: str


@dataclass(frozen=True, slots=True)
class SeatLost:
    """The call in the worker is no more, or of no use.

    Attributes:
        token: Of the seat.
        reason: For people.
        is_refusal: The worker ended it over the peer's answer, or over how it was to be set up: another one would, too.
    """

    token: str
    reason: str
    is_refusal: bool = False


Signal = LineReady | LineRefused | LineOutdated | SeatLost
Outputs = tuple[object, ...]
