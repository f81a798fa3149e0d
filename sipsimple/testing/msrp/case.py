"""What a case is: an identifier, the rule it proves, the offer it needs, and steps.

In the bytes of a step `[[name]]` is replaced: `[[to]]` and `[[from]]` by the two paths, `[[t1]]`, `[[t2]]` by fresh
transaction ids, `[[m1]]` by fresh Message-IDs, anything else by what `Capture` kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.testing.msrp.wire import Chunk


class Level(StrEnum):
    """How strict the RFC is."""

    MUST = "MUST"
    SHOULD = "SHOULD"


class Role(StrEnum):
    """What the tester does: connects, is connected to, only signals, or is a client of a relay."""

    ACTIVE = "active"
    PASSIVE = "passive"
    OFFER = "offer"
    RELAY = "relay"


@dataclass(frozen=True, slots=True)
class Offer:
    """The m=message line that the tester offers.

    Attributes:
        setup: Of a=setup; None leaves it out, and lets the role decide nothing.
        attributes: More lines, without `a=`.
        types: Of a=accept-types; empty leaves it out.
        has_path: Say our path.
        chat_too: A second line, for a chat, after it.
        elsewhere: The path leads nowhere; c= and m= still say where we are.
    """

    setup: str | None = "active"
    attributes: tuple[str, ...] = ()
    types: str = "message/cpim text/plain text/*"
    has_path: bool = True
    chat_too: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """Write bytes; `pieces` of so many bytes each, 0 in one go. `on` names the connection."""

    data: bytes = field(repr=False)
    pieces: int = 0
    on: str = "a"


@dataclass(frozen=True, slots=True)
class AnswerWith:
    """From now on answer the peer's SENDs that have a body with this code, and report on none."""

    code: int


@dataclass(frozen=True, slots=True)
class Connect:
    """Open another connection to the peer, under a name."""

    on: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A response to a transaction comes, with one of these codes; with `or_closed` the peer may hang up instead."""

    t: str
    codes: tuple[int, ...] = (200,)
    or_closed: bool = False
    on: str = "a"


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """A transaction is answered with an error, or not at all, or the peer hangs up: anything but 200."""

    t: str
    on: str = "a"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No response to a transaction comes before that to a later probe."""

    t: str


@dataclass(frozen=True, slots=True)
class Reported:
    """REPORTs about a message come, with one of these codes; success covers `size` bytes together."""

    m: str
    codes: tuple[int, ...] = (200,)
    size: int | None = None
    on: str = "a"


@dataclass(frozen=True, slots=True)
class Unreported:
    """No REPORT about a message, or none with this code, comes before the answer to a later probe."""

    m: str
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An error for a message comes: as response to its transaction or as a REPORT."""

    t: str
    m: str


@dataclass(frozen=True, slots=True)
class Received:
    """The peer sends a message with this content, whole, perhaps inside CPIM."""

    content: bytes = field(repr=False)
    on: str = "a"


@dataclass(frozen=True, slots=True)
class Says:
    """The peer sends one chunk whose body, wrapper included, has all of these."""

    parts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class NotReceived:
    """The peer sends no message with this in its content before the answer to a later probe."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Spoken:
    """The peer sends a SEND, whatever is in it."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The peer closes the connection."""

    on: str = "a"


@dataclass(frozen=True, slots=True)
class Alive:
    """The peer answers a probe with 200."""


@dataclass(frozen=True, slots=True)
class Capture:
    """Keep the value of a header of the response to a transaction, for later placeholders."""

    name: str
    t: str
    header: str
    on: str = "a"


@dataclass(frozen=True, slots=True)
class Authorize:
    """Keep under `name` the digest answer to the challenge in the response to a transaction."""

    name: str
    t: str
    user: int = 0
    password: str | None = None
    on: str = "a"


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that came is as `check` wants it; it returns what is wrong, or nothing."""

    check: Callable[[View], str | None]
    on: str = "a"


@dataclass(frozen=True, slots=True)
class View:
    """What a `Look` looks at: the chunks that came, the names and the paths."""

    chunks: tuple[Chunk, ...]
    names: dict[str, str]

    def response(self, t: str) -> Chunk | None:
        """The response to a transaction."""
        return next((each for each in self.chunks if each.code and each.transaction_id == self.names[t]), None)

    def reports(self, m: str) -> list[Chunk]:
        """The REPORTs about a message."""
        wanted = self.names[m]
        return [each for each in self.chunks if each.method == "REPORT" and each.get("Message-ID") == wanted]

    @property
    def sends(self) -> list[Chunk]:
        """The peer's SENDs."""
        return [each for each in self.chunks if each.method == "SEND"]


@dataclass(frozen=True, slots=True)
class Description:
    """What the answer says of our first m=message line.

    Attributes:
        status: Of the final response to the INVITE.
        port: 0 when the line, or the call, was refused.
        attributes: As (name, value) of the line.
    """

    status: int
    port: int = 0
    protocol: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    ports: tuple[int, ...] = ()

    def get(self, name: str) -> str | None:
        """The value of an attribute, empty when it has none; None without it."""
        return next((value for each, value in self.attributes if each == name), None)


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Attributes:
        id: RFC, section, and a word.
        rule: What it proves, in one sentence.
        offer: For a session that is had by SIP.
        answer: What the peer's answer must be like; returns what is wrong, or nothing.
        needs: What the peer must do beyond the RFC: `echo`, `cpim`, `max_size`, `imdn`, `cema`, `sip`, `relay`.
        binds: Begin with an empty SEND and its 200.
        is_judged: What comes counts for the case about the grammar; not when the peer has to repeat our nonsense.
    """

    id: str
    rule: str
    steps: tuple[Step, ...] = ()
    level: Level = Level.MUST
    role: Role = Role.ACTIVE
    offer: Offer = Offer()
    answer: Callable[[Description], str | None] | None = None
    needs: frozenset[str] = frozenset()
    binds: bool = True
    is_judged: bool = True


Step = (
    Send | AnswerWith | Connect | Answered | NotAccepted | Unanswered | Reported | Unreported | Refused | Received
    | Says | NotReceived | Spoken | Closed | Alive | Capture | Authorize | Look
)  # fmt: skip


class Verdict(StrEnum):
    """How a case went: `WARN` is a SHOULD that was not kept, `ERROR` no verdict about the peer."""

    PASS = "PASS"  # noqa: S105 - a verdict, no password
    FAIL = "FAIL"
    WARN = "WARN"
    SKIP = "SKIP"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Result:
    """One case and how it went."""

    case: Case
    verdict: Verdict
    reason: str = ""
    seconds: float = 0.0
    faults: tuple[str, ...] = ()
