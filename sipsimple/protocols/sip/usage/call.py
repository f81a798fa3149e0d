"""One call as a value: everything that a session must remember between two stimuli.

Ten thousand of these live in one process, so what only the set-up needs
stands in `Pending` and is dropped when the call is established.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.transaction.timing import Timing
from sipsimple.protocols.sip.usage.events import Notify
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sdp.message_media import MessageMedia
    from sipsimple.protocols.sdp.offer_answer import Negotiation
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.transport import Flow


@dataclass(frozen=True, slots=True)
class Identity:
    """What is settled when the call is made and never changes.

    Attributes:
        token: Our tag, and the stem of every branch of ours: random, 64 bits or more.
        call_id: Of the INVITE that makes or made the call.
        user_agent: For User-Agent and Server.
        session_id: The number in the `o=` line.
        timing: T1, T2, T4 in seconds.
    """

    token: str
    call_id: str
    user_agent: str
    session_id: int
    timing: Timing = Timing()


class Phase(Enum):
    """How far a stream has come."""

    PROPOSED = auto()
    PREPARING = auto()
    PREPARED = auto()
    RUNNING = auto()


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of the call and the index of its m-line."""

    kind: str
    index: int
    phase: Phase
    media: Media | None = None
    remote: MessageMedia | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """The INVITE whose outcome is open.

    Attributes:
        key: Its transaction; None while it was not sent yet.
        request: As sent or received.
        provisional: A provisional response came (client): CANCEL may be sent.
        cancelled: CANCEL was asked for (client).
        success: The 2xx that is sent again until its ACK comes (server).
        resend_after: Present interval of that, in seconds.
        fallback: The UDP flow to go back to when TCP is refused (RFC 3261 18.1.1).
    """

    key: Key | None = None
    request: Request | None = None
    provisional: bool = False
    cancelled: bool = False
    success: Response | None = None
    resend_after: float = 0.5
    fallback: Flow | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """State of one call; a value, replaced on each step."""

    identity: Identity
    state: State = State.NULL
    direction: str | None = None
    local: str = ""
    remote: str = ""
    target: str = ""
    routes: tuple[str, ...] = ()
    flow: Flow | None = None
    dialog: Dialog | None = None
    transactions: Transactions = Transactions()
    negotiation: Negotiation | None = None
    streams: tuple[Stream, ...] = ()
    pending: Pending | None = None
    ack: Request | None = None
    remote_user_agent: str | None = None
    branches: int = 0

    def has(self, kind: str) -> bool:
        """Tell whether a stream of this kind is part of the call, running or being set up."""
        return any(each.kind == kind and each.phase is not Phase.PROPOSED for each in self.streams)

    def proposes(self, kind: str) -> bool:
        """Tell whether the peer proposed a stream of this kind."""
        return any(each.kind == kind for each in self.streams)


def become(call: Call, state: State) -> tuple[Call, Notify]:
    """Change the published state; the notification that tells of it goes with it."""
    data = {"prev_state": call.state.value, "state": state.value}
    return replace(call, state=state), Notify("SCSessionChangedState", data)


def with_stream(call: Call, stream: Stream) -> Call:
    """Put `stream` in the place of the one of its kind."""
    return replace(call, streams=tuple(stream if each.kind == stream.kind else each for each in call.streams))


def without_stream(call: Call, kind: str) -> Call:
    """Forget the stream of this kind."""
    return replace(call, streams=tuple(each for each in call.streams if each.kind != kind))
