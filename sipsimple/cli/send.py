"""`sipsimple send`: calls somebody to give him a file; one that breaks on its way can be resumed."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING

import gevent
import typer

from sipsimple.actors.wire.sockets import source_address
from sipsimple.cli.conversation import Conversation
from sipsimple.cli.endpoint import EndpointOptions, on_signals, running
from sipsimple.cli.events import EventPrinter, JSONLines
from sipsimple.cli.progress import TransferBar, hash_of, rate_mib_s
from sipsimple.cli.refusal import refusing
from sipsimple.cli.screen import CallScreen
from sipsimple.msrp import MSRPFileTransfer
from sipsimple.notification import NotificationCenter

if TYPE_CHECKING:
    from pathlib import Path

    from sipsimple.cli.errand import Errand
    from sipsimple.notification import Notification

ENDING_SECONDS = 5.0
"""So long the peer may take to answer CANCEL or BYE."""

PAUSE = 1.0
"""Seconds from one attempt to the next."""


@dataclass(slots=True)
class Attempt:
    """One call for the file, and what became of it.

    Attributes:
        transfer: Of the file.
        conversation: The call.
        is_delivered: It has arrived, and is what it is here.
    """

    transfer: MSRPFileTransfer
    conversation: Conversation = field(default_factory=Conversation)
    is_delivered: bool = False

    def handle_notification(self, notification: Notification) -> None:
        """Note what happens to the file."""
        if notification.name == "MSRPFileTransferDidDeliverFile":
            self.is_delivered = True
        self.conversation.wake()

    def call(self, errand: Errand) -> None:
        """Offer the file, and wait until the call is over or was not answered in time."""
        conversation = self.conversation
        NotificationCenter().add_observer(self, sender=self.transfer)
        try:
            with refusing():
                errand.call(conversation, chat=False, files=[self.transfer])
            if errand.is_answered(conversation):
                conversation.wait(lambda: conversation.is_over)
            conversation.hang_up(ENDING_SECONDS)
        finally:
            NotificationCenter().discard_observer(self, sender=self.transfer)


class Sender:
    """Whoever has a file to send, once or until it has arrived."""

    def __init__(self, errand: Errand, file: Path, *, resume: bool, as_json: bool) -> None:
        self._errand = errand
        self._file = file
        self._resume = resume
        self._as_json = as_json
        self._attempt: Attempt | None = None
        self.is_interrupted = False

    def interrupt(self) -> None:
        """End it."""
        self.is_interrupted = True
        if self._attempt is not None:
            self._attempt.conversation.interrupt()

    def send(self) -> Attempt:
        """Send the file; again, as long as that is wanted."""
        deadline = monotonic() + self._errand.timeout
        while True:
            self._attempt = attempt = self._new_attempt()
            bar = nullcontext() if self._as_json else TransferBar(attempt.transfer, self._file.name)
            with bar:
                attempt.call(self._errand)
            was_refused = attempt.conversation.refusal is not None
            if attempt.is_delivered or not self._resume or was_refused or self.is_interrupted:
                return attempt
            if monotonic() + PAUSE > deadline:
                return attempt
            gevent.sleep(PAUSE)

    def _new_attempt(self) -> Attempt:
        errand = self._errand
        return Attempt(MSRPFileTransfer(errand.caller, errand.target, True, file_path=self._file))


def send(options: EndpointOptions, errand: Errand, file: Path, *, resume: bool, as_json: bool) -> bool:
    """Send the file; tell whether it arrived."""
    if options.host is None:
        options = replace(options, host=source_address(errand.target.host))
    with running(options):
        sender = Sender(errand, file, resume=resume, as_json=as_json)
        on_signals(sender.interrupt)
        lines = JSONLines(closed=sender.interrupt)
        NotificationCenter().add_observer(EventPrinter(lines.write) if as_json else CallScreen())
        attempt = sender.send()
    _tell(attempt, lines if as_json else None)
    return attempt.is_delivered


def _tell(attempt: Attempt, lines: JSONLines | None) -> None:
    """Say what came of it: one more line of JSON, or a line for people."""
    transfer = attempt.transfer
    told = {
        "event": "sent" if attempt.is_delivered else "not sent",
        "file": transfer.file_name,
        "size": transfer.file_size,
        "hash": hash_of(transfer),
        "rate_mib_s": rate_mib_s(transfer),
        "resumed_from": transfer.resumed_from,
    }
    if lines is not None:
        lines.write(told)
    elif attempt.is_delivered:
        typer.echo(f"sent {told['file']}: {told['size']} bytes at {told['rate_mib_s']} MiB/s, {told['hash']}")
    else:
        typer.echo(f"sipsimple: {told['file']} was not delivered", err=True)
