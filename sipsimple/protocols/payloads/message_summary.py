"""Messages that wait in a mailbox: `application/simple-message-summary`.

RFC: 3842 5.2, 6.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTENT_TYPE = "application/simple-message-summary"

_LINE = re.compile(r"([A-Za-z0-9\-.!%*_+`'~]++)[ \t]*+:[ \t]*+(.*+)", re.DOTALL)
_COUNTS = re.compile(
    r"([0-9]{1,9})[ \t]*+/[ \t]*+([0-9]{1,9})(?:[ \t]*+\([ \t]*+([0-9]{1,9})[ \t]*+/[ \t]*+([0-9]{1,9})[ \t]*+\))?+"
)
_FOLD = re.compile(r"\r?\n[ \t]++")
_NAME = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]++")
_MAX_LINES = 2000
_MAX_BYTES = 1 << 16


class Waiting(Value):
    """How many messages of one class there are.

    Attributes:
        context: The class, as it is written: "Voice-Message", "Fax-Message", ...
        new: Messages not heard yet.
        old: The others.
        new_urgent: Urgent ones among the new; None where that is not told.
        old_urgent: Among the old.
    """

    context: str
    new: int
    old: int
    new_urgent: int | None = None
    old_urgent: int | None = None

    @property
    def value(self) -> str:
        """What stands behind the name of the class."""
        urgent = "" if self.new_urgent is None else f" ({self.new_urgent}/{self.old_urgent or 0})"
        return f"{self.new}/{self.old}{urgent}"


class MessageSummary(Value):
    """A summary.

    Attributes:
        messages_waiting: Whether there is anything new.
        account: The URI of the mailbox; None: of whoever subscribed.
        counts: By class.
        others: Other lines of the summary, as (name, value).
        messages: The headers of new messages, a tuple of (name, value) for each.
    """

    messages_waiting: bool
    account: str | None = None
    counts: tuple[Waiting, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    messages: tuple[tuple[tuple[str, str], ...], ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a summary.

        Raises:
            RemoteProtocolError: It is none.
        """
        if len(data) > _MAX_BYTES:
            raise RemoteProtocolError(f"a message summary of {len(data)} bytes", 413)
        text = _FOLD.sub(" ", data.decode("utf-8", "replace"))
        lines = text.split("\n", _MAX_LINES)
        if len(lines) > _MAX_LINES:
            raise RemoteProtocolError("a message summary with too many lines", 413)
        (first, *summary), *messages = _blocks(lines) or [[("", "")]]
        if first[0].lower() != "messages-waiting" or first[1].lower() not in ("yes", "no"):
            raise RemoteProtocolError("a message summary that does not say whether messages wait")
        counts = [_waiting(*each) for each in summary]
        account = next((value for name, value in summary if _is_account(name)), None)
        return cls(
            first[1].lower() == "yes",
            account,
            tuple([each for each in counts if each is not None]),
            tuple(
                [
                    each
                    for each, known in zip(summary, counts, strict=True)
                    if known is None and not _is_account(each[0])
                ]
            ),
            tuple([tuple(each) for each in messages]),
        )

    def __bytes__(self) -> bytes:
        lines = [f"Messages-Waiting: {'yes' if self.messages_waiting else 'no'}"]
        lines += _written((("Message-Account", self.account),) if self.account is not None else ())
        lines += _written([(each.context, each.value) for each in self.counts])
        lines += _written(self.others)
        for message in self.messages:
            lines += ["", *_written(message)]
        return "".join([f"{line}\r\n" for line in lines]).encode()


def _blocks(lines: list[str]) -> list[list[tuple[str, str]]]:
    """Return the lines as (name, value), cut at empty ones."""
    blocks: list[list[tuple[str, str]]] = [[]]
    for line in lines:
        line = line.removesuffix("\r")
        if not line.strip():
            if blocks[-1]:
                blocks.append([])
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise RemoteProtocolError(f"malformed line of a message summary: {line[:80]!r}")
        blocks[-1].append((match[1], match[2].strip()))
    return [each for each in blocks if each]


def _is_account(name: str) -> bool:
    return name.lower() == "message-account"


def _waiting(name: str, value: str) -> Waiting | None:
    match = _COUNTS.fullmatch(value)
    if match is None:
        return None
    new, old, *urgent = [None if each is None else int(each) for each in match.groups()]
    return Waiting(name, new or 0, old or 0, *urgent)


def _written(pairs: Iterable[tuple[str, str]]) -> list[str]:
    lines = []
    for name, value in pairs:
        if not _NAME.fullmatch(name) or "\n" in value or "\r" in value:
            raise LocalProtocolError(f"not a line of a message summary: {name[:40]!r}")
        lines.append(f"{name}: {value}")
    return lines
