"""One call as a value: everything that a session must remember between two stimuli.

Ten thousand of these live in one process, so what only the set-up needs
stands in `Pending` and is dropped when the call is established; what only the
dialog needs is dropped when the call is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.transaction.timing import DEFAULT_TIMING, Timing
from sipsimple.protocols.sip.usage.events import Notify
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sdp.message_media import MessageMedia
    from sipsimple.protocols.sdp.offer_answer import Negotiation
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.transaction.outputs import Send
    from sipsimple.protocols.sip.transport import Flow
    from sipsimple.protocols.sip.usage.failure import Failure

__all__ = ["Call", "Identity", "Pending", "Phase", "Stream", "become", "without_stream"]

_NONE_YET = Transactions()


@dataclass(frozen=True, slots=True)
class Identity:
    """What is settled when the call is made and never changes.

    Attributes:
        token: Our tag, and the stem of every branch of ours: random, 64 bits or more.
        call_id: Of the INVITE that makes or made the call.
        user_agent: For User-Agent and Server.
        session_id: The number in the `o=` line.
        timing: T1, T2, T4 in seconds.
        contact_user: User part of our Contact where the peer called no name of ours; the token when empty.
    """

    token: str
    call_id: str
    user_agent: str
    session_id: int
    timing: Timing = DEFAULT_TIMING
    contact_user: str = ""


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
        offer: What it offers (server).
        provisional: A provisional response came (client): CANCEL may be sent.
        cancelled: CANCEL was asked for and waits for a provisional response (client).
        success: The 2xx that is sent again until its ACK comes (server).
        resend_after: Present interval of that, in seconds.
        fallback: The UDP flow to go back to when TCP is refused (RFC 3261 18.1.1).
    """

    key: Key | None = None
    request: Request | None = None
    offer: SessionDescription | None = None
    provisional: bool = False
    cancelled: bool = False
    success: Response | None = None
    resend_after: float = 0.5
    fallback: Flow | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """State of one call; a value, replaced on each step.

    Attributes:
        identity: What never changes.
        state: The published state.
        direction: "outgoing" or "incoming"; None while NULL.
        local: Our From or To value, without its tag.
        remote: The peer's.
        target: The Request-URI of the INVITE that made the call.
        routes: Route values to begin with; an outgoing call drops them with the answer.
        flow: The way to the next hop.
        dialog: From the 2xx (client) or from the INVITE (server) to the end.
        transactions: Those that are open, or wait for repeats.
        negotiation: What was offered and agreed.
        streams: In the order in which they were proposed.
        pending: The INVITE that is open.
        acks: By the peer's tag, the ACK to send again when its 2xx is repeated; for 64*T1.
        bye: The transaction of our BYE.
        failure: What to tell when the end is reached (TERMINATING).
        remote_user_agent: What the peer calls itself.
        branches: How many were used.
    """

    identity: Identity
    state: State = State.NULL
    direction: str | None = None
    local: str = ""
    remote: str = ""
    target: str = ""
    routes: tuple[str, ...] = ()
    flow: Flow | None = None
    dialog: Dialog | None = None
    transactions: Transactions = _NONE_YET
    negotiation: Negotiation | None = None
    streams: tuple[Stream, ...] = ()
    pending: Pending | None = None
    acks: tuple[tuple[str, Send], ...] = ()
    bye: Key | None = None
    failure: Failure | None = None
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


def without_stream(call: Call, kind: str) -> Call:
    """Forget the stream of this kind."""
    return replace(call, streams=tuple([each for each in call.streams if each.kind != kind]))
