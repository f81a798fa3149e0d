"""The state of one MSRP session: what both sides agreed on, and what is under way."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sipsimple.protocols.msrp.outputs import Output
from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from immutables import Map

    from sipsimple.protocols.msrp.reassembly import Reassembly

CHUNK_BYTES = 64 * 1024
SINGLE_CHUNK_BYTES = 300_000
MAX_MESSAGE_BYTES = 10 * 1024 * 1024


class State(StrEnum):
    """Where a session stands."""

    IDLE = "IDLE"
    CONNECTING = "CONNECTING"
    BINDING = "BINDING"
    STARTED = "STARTED"
    CLOSING = "CLOSING"
    CLOSED = "CLOSED"


class Terms(Value):
    """What does not change while a session lives.

    Attributes:
        local_path: As in our `a=path`: relays, then our own URI.
        remote_path: As in the peer's `a=path`.
        active: This side opens the connection and sends first.
        seed: What every transaction id of this session begins with.
        own: Our URI, expected in To-Path, sent in From-Path.
        peer: The peer's URI, expected in From-Path.
        to_path: What we send in To-Path.
        max_message_size: Most bytes of a message that we take.
        single_chunk_size: Messages up to this size go out in one chunk, for peers that do not reassemble.
        chunk_size: Bytes per chunk of larger ones.
    """

    local_path: tuple[str, ...]
    seed: str
    accept_types: tuple[str, ...] = ("*",)
    max_message_size: int = MAX_MESSAGE_BYTES
    single_chunk_size: int = SINGLE_CHUNK_BYTES
    chunk_size: int = CHUNK_BYTES
    remote_path: tuple[str, ...] = ()
    active: bool = False
    own: str = ""
    peer: str = ""
    to_path: str = ""


class Unsent(Discreet):
    """What is left of a message that goes out in several chunks."""

    HIDDEN = ("content",)

    content: bytes
    offset: int
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()


class Outgoing(Value):
    """A message that was sent, at least its beginning, and whose fate is not known.

    Attributes:
        number: Orders the messages of a session.
        unanswered: Chunks whose responses are awaited.
        reported: Ranges (first byte, last byte) that success reports have covered.
    """

    number: int
    size: int
    success_report: bool
    failure_report: str
    unanswered: int = 1
    unsent: Unsent | None = None
    reported: tuple[tuple[int, int], ...] = ()


class Session(Discreet):
    """One MSRP session.

    Attributes:
        counter: Number of the next transaction.
        transactions: Message-ID by the id of each transaction that awaits its response.
        messages: What was sent and awaits a response or report, by Message-ID.
        incoming: What has come in part.
    """

    HIDDEN = (
        "transactions",
        "messages",
        "incoming",
    )

    terms: Terms
    state: State
    counter: int
    transactions: Map[str, str]
    messages: Map[str, Outgoing]
    incoming: Reassembly

    @property
    def local_path(self) -> tuple[str, ...]:
        """As in our `a=path`."""
        return self.terms.local_path

    @property
    def remote_path(self) -> tuple[str, ...]:
        """As in the peer's `a=path`; empty before the start."""
        return self.terms.remote_path

    @property
    def active(self) -> bool:
        """This side opens the connection."""
        return self.terms.active


Outputs = tuple[Output, ...]
Step = tuple[Session, Outputs]
