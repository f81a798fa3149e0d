"""The fourth act: a file that is cut on its way, and goes on where it stopped."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

import gevent

from sipsimple.cli.progress import TransferBar, hash_of, rate_mib_s
from sipsimple.msrp import MSRPFileTransfer

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from sipsimple.cli.conversation import Conversation
    from sipsimple.core import SIPURI

SIZE = 64 * 1024 * 1024
BLOCK = 1024 * 1024
NAME = "film.bin"
STEP_SECONDS = 30.0
"""So long one attempt may take."""

LOOK_SECONDS = 0.001
"""From one look at what has come to the next."""


@dataclass(slots=True)
class SentFile:
    """The file of the demonstration, and how it went.

    Attributes:
        directory: Where alice has it.
        inbox: Where bob keeps what he gets.
        cut_at: How much bob had when the connection was cut.
        resumed_from: Where the second attempt began.
        rate_mib_s: Of the second attempt.
        hash: What alice announced.
        hash_ok: Whether bob's file has it.
    """

    directory: Path
    inbox: Path
    cut_at: int = 0
    resumed_from: int = 0
    rate_mib_s: float = 0.0
    hash: str | None = None
    hash_ok: bool = False

    @property
    def is_resumed(self) -> bool:
        """Whether what had come before the cut was not sent again."""
        return 0 < self.cut_at <= self.resumed_from < SIZE

    def transfer(self, caller: SIPURI, target: SIPURI) -> MSRPFileTransfer:
        """Return a new attempt; the first one makes the file."""
        path = self.directory / NAME
        if not path.exists():
            with path.open("wb") as file:
                for _ in range(SIZE // BLOCK):
                    file.write(os.urandom(BLOCK))
        return MSRPFileTransfer(caller, target, True, file_path=path)

    def part_size(self) -> int:
        """Return how much bob has of a file that is not complete."""
        return max([part.stat().st_size for part in self.inbox.glob(f"{NAME}*.part")], default=0)

    def check(self) -> None:
        """Look whether bob's file is alice's."""
        algorithm, _, digits = (self.hash or "").partition(":")
        path = self.inbox / NAME
        if algorithm == "sha-256" and path.exists():
            with path.open("rb") as file:
                self.hash_ok = hashlib.file_digest(file, "sha256").digest() == bytes.fromhex(digits.replace(":", ""))


def lose_it_half_way(conversation: Conversation, transfer: MSRPFileTransfer, sent: SentFile, console: Console) -> None:
    """Let a third of the file come, then break the connection under it."""
    with TransferBar(transfer, "  first attempt", console):
        deadline = monotonic() + STEP_SECONDS
        while sent.part_size() < SIZE // 3 and not conversation.is_over and monotonic() < deadline:
            gevent.sleep(LOOK_SECONDS)
        line = None if transfer.ref is None else transfer.ref.state
        if line is not None and line.stream is not None:
            line.stream.close(flush=False)
        conversation.wait(lambda: conversation.is_over, STEP_SECONDS)
    sent.cut_at = sent.part_size()


def send_the_rest(conversation: Conversation, transfer: MSRPFileTransfer, sent: SentFile, console: Console) -> None:
    """Send what is missing."""
    with TransferBar(transfer, "  second attempt", console):
        conversation.wait(lambda: conversation.is_over, STEP_SECONDS)
    sent.resumed_from, sent.rate_mib_s, sent.hash = transfer.resumed_from, rate_mib_s(transfer), hash_of(transfer)
    sent.check()
