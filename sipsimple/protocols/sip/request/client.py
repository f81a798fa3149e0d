"""The state of whoever sends requests one after the other: what lasts from one to the next, and the one under way.

RFC: 3261 8.1, 22.2; 3263 4.3.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING

from sipsimple.protocols.sip.authorization import Authorization
from sipsimple.protocols.sip.ids import BRANCH_COOKIE
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.request.draft import Draft
    from sipsimple.protocols.sip.request.outputs import Outcome
    from sipsimple.protocols.sip.transport import Flow


class State(StrEnum):
    """Where the request stands."""

    IDLE = "idle"
    RESOLVING = "resolving"
    TRYING = "trying"


class Stimulus(StrEnum):
    """What can happen."""

    BEGIN = "begin"
    RESOLVED = "target resolved"
    UNRESOLVED = "target failed"
    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    CHALLENGE = "401, 407"
    UNAVAILABLE = "503"
    FAILURE = "any other final response"
    TIMEOUT = "timeout"
    TRANSPORT_ERROR = "transport error"
    RESUMED = "resumed"
    ABANDON = "abandon"


class Attempt(Value):
    """The request that is under way.

    Attributes:
        draft: What is asked.
        request: As it went out last.
        tried: Flows that failed.
        fallback: The way by UDP, while TCP is tried because of the size.
        is_forced: It goes by UDP for all its size.
        failure: How the target before failed: the outcome, unless another one does better.
    """

    draft: Draft
    request: Request | None = None
    tried: tuple[Flow, ...] = ()
    fallback: Flow | None = None
    is_forced: bool = False
    failure: Outcome | None = None


class RequestClient(Discreet):
    """Sends requests one after the other, by the same flow as long as it lasts.

    Attributes:
        token: Stem of its branches, 16 hex digits, for which the router knows the actor.
        seed: Entropy, from which cnonces and lots are made; of one client only.
        user_agent: For User-Agent; empty for none.
        authorization: Who we are, and where we have logged in.
        transactions: Made with the timing; a usage may run its server transactions in it too.
        flow: The flow of the last request; None: it is looked up.
        cseq: Number of the last request.
        branches: How many branches were made.
        state: Where the request stands.
        attempt: The request that is under way.
        lots: How many lots were drawn.
    """

    HIDDEN = ("seed",)

    token: str
    seed: str
    user_agent: str = ""
    authorization: Authorization = Authorization()
    transactions: Transactions = Transactions()
    flow: Flow | None = None
    cseq: int = 0
    branches: int = 0
    state: State = State.IDLE
    attempt: Attempt | None = None
    lots: int = 0

    @property
    def is_busy(self) -> bool:
        """A request is under way; another one has to wait."""
        return self.attempt is not None

    @property
    def next_branch(self) -> str:
        """The branch for the number after `branches`; its stem leads responses back."""
        return f"{BRANCH_COOKIE}{self.token}{self.branches + 1}"

    @property
    def entropy(self) -> str:
        """A text that nobody can guess and that is new for each branch."""
        return blake2b(f"{self.seed}\0{self.branches}".encode(), digest_size=16).hexdigest()
