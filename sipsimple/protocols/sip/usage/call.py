"""One call as a value: everything that a session must remember between two stimuli.

Ten thousand of these live in one process, so what only an open INVITE needs
stands in `Pending`, what only a change of ours needs in `Change`, and both are
dropped when they are done; what only the dialog needs is dropped when the call
is over. Descriptions are kept as bytes and read again when they are needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.authorization import NOBODY, Authorization
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.transaction.timing import DEFAULT_TIMING, Timing
from sipsimple.protocols.sip.usage.outputs import Notify
from sipsimple.protocols.sip.usage.policy import DEFAULT, Policy
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams.stream import RUNNING, Phase
from sipsimple.protocols.values import Discreet, Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.audio_media import AudioTerms
    from sipsimple.protocols.sdp.offer_answer import Negotiation
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.transaction.outputs import Send
    from sipsimple.protocols.sip.transport import Flow
    from sipsimple.protocols.sip.usage.change.session_timer import SessionTimer
    from sipsimple.protocols.sip.usage.ending.failure import Failure
    from sipsimple.protocols.sip.usage.pending import Change, Pending
    from sipsimple.protocols.sip.usage.refer.state import Referral, Transfer
    from sipsimple.protocols.sip.usage.setup.redirection import Redirection
    from sipsimple.protocols.sip.usage.setup.reliable import Reliable
    from sipsimple.protocols.sip.usage.streams.stream import Stream
    from sipsimple.protocols.sip.usage.within.info import Info
    from sipsimple.protocols.sip.usage.within.search import Search

_NONE_YET = Transactions()


class Identity(Discreet):
    """What is settled when the call is made and never changes.

    Attributes:
        token: Our tag, and the stem of every branch of ours: random, 64 bits or more.
        call_id: Of the INVITE that makes or made the call.
        user_agent: For User-Agent and Server.
        session_id: The number in the `o=` line.
        timing: T1, T2, T4 in seconds.
        contact_user: User part of our Contact where the peer called no name of ours; the token when empty.
        audio: Which audio can be taken; None: there is no audio.
        entropy: What nobody else knows, for the answers to challenges.
        refuse_md5: Never answer a challenge with MD5.
        policy: How the extensions of SIP are used.
    """

    HIDDEN = ("entropy",)

    token: str
    call_id: str
    user_agent: str
    session_id: int
    timing: Timing = DEFAULT_TIMING
    contact_user: str = ""
    audio: AudioTerms | None = None
    entropy: str = ""
    refuse_md5: bool = False
    policy: Policy = DEFAULT


class Call(Value):
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
        pending: The INVITE that is open: it has no final response, or its 2xx no ACK.
        change: What this side is changing.
        commands: What it will change when it is free.
        proposal: The kinds of stream on the table, while PROPOSING or PROPOSED.
        held_by_local: This side put the call on hold.
        held_by_remote: The peer did.
        acks: By transaction and the peer's tag, the ACK to send again when its 2xx is repeated; for 64*T1.
        bye: The transaction of our BYE.
        failure: What to tell when the end is reached (TERMINATING).
        remote_user_agent: What the peer calls itself.
        branches: How many were used.
        taken: How many commands of the application were taken.
        files: How many files the peer has proposed.
        transfer: The transfer that this side asked for, until its outcome is known.
        referral: The transfer that the peer asked for last.
        infos: INFO requests of ours: the first waits for its answer, the others for their turn.
        redirection: Where an INVITE of ours may still be sent.
        extra: Headers of that INVITE beside the usual ones.
        farewell: The value of Reason for the BYE or CANCEL that ends the call; empty without one.
        authorization: What our requests are authenticated with.
        repeats: By the transaction of a request that was sent again with credentials, that of the first one.
        udp_only: TCP did not carry what is too big for UDP.
        session_timer: What was settled of the session's timer; None before anything was.
        reliable: Our last provisional response that was sent reliably.
        forks: By the tag of each fork beside the call's own that got PRACK, the number of the last one.
        search: The look for the way to where the dialog leads; None as long as `flow` leads there.
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
    change: Change | None = None
    commands: tuple[object, ...] = ()
    proposal: tuple[str, ...] = ()
    held_by_local: bool = False
    held_by_remote: bool = False
    acks: tuple[tuple[Key, str, Send], ...] = ()
    bye: Key | None = None
    failure: Failure | None = None
    remote_user_agent: str | None = None
    branches: int = 0
    taken: int = 0
    files: int = 0
    transfer: Transfer | None = None
    referral: Referral | None = None
    infos: tuple[Info, ...] = ()
    redirection: Redirection | None = None
    extra: tuple[tuple[str, str], ...] = ()
    farewell: str = ""
    authorization: Authorization = NOBODY
    repeats: tuple[tuple[Key, Key], ...] = ()
    udp_only: bool = False
    session_timer: SessionTimer | None = None
    reliable: Reliable | None = None
    forks: tuple[tuple[str, int], ...] = ()
    search: Search | None = None

    @property
    def on_hold(self) -> bool:
        """Whether either side put the call on hold."""
        return self.held_by_local or self.held_by_remote

    @property
    def is_busy(self) -> bool:
        """Whether a command that changes the session has to wait for its turn."""
        changing = any(each.phase is Phase.CHANGING for each in self.streams)
        timer = self.session_timer
        refreshing = timer is not None and timer.update is not None
        return changing or refreshing or bool(self.pending or self.change or self.commands)

    def stream(self, kind: str) -> Stream | None:
        """Return the stream of this kind."""
        return next((each for each in self.streams if each.kind == kind), None)

    def has(self, kind: str) -> bool:
        """Tell whether a stream of this kind is part of the call, running or being set up."""
        return any(each.kind == kind and each.phase is not Phase.PROPOSED for each in self.streams)

    def runs(self, kind: str) -> bool:
        """Tell whether a stream of this kind was agreed on."""
        return any(each.kind == kind and each.phase in RUNNING for each in self.streams)

    def proposes(self, kind: str) -> bool:
        """Tell whether the peer proposes a stream of this kind and waits for an answer."""
        return any(each.kind == kind and each.phase is Phase.PROPOSED for each in self.streams)


def become(call: Call, state: State) -> tuple[Call, Notify]:
    """Change the published state; the notification that tells of it goes with it."""
    data = {"prev_state": str(call.state), "state": str(state)}
    return replace(call, state=state), Notify("SCSessionChangedState", data)


def without_stream(call: Call, kind: str) -> Call:
    """Forget the stream of this kind."""
    return replace(call, streams=tuple([each for each in call.streams if each.kind != kind]))


def with_stream(call: Call, stream: Stream) -> Call:
    """Put `stream` in the place of the one of its kind."""
    return replace(call, streams=tuple([stream if each.kind == stream.kind else each for each in call.streams]))
