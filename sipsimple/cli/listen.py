"""`sipsimple listen`: an endpoint that answers as it is told and echoes what it is sent."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer
from gevent.event import Event as Flag

from sipsimple.cli.endpoint import EndpointOptions, on_signals, running
from sipsimple.cli.events import EventPrinter, JSONLines
from sipsimple.cli.refusal import refusing
from sipsimple.errors import MSRPChatError, SessionStateError, SIPCoreError
from sipsimple.notification import NotificationCenter, signals
from sipsimple.session import SessionManager

if TYPE_CHECKING:
    from pathlib import Path

    from sipsimple.account import Account
    from sipsimple.cli.answers import Answers
    from sipsimple.msrp import MSRPFileTransfer
    from sipsimple.notification import Notification
    from sipsimple.session import Session

UNACCEPTABLE = 488


@dataclass(frozen=True, slots=True)
class Hosting:
    """What a caller gets to hear, and what is kept of it.

    Attributes:
        play: WAV file, played over and over.
        record: Directory for a recording of each call.
        echo_audio: Send the callers their own audio.
        save_directory: For the files that they send; None: they are not taken.
    """

    play: Path | None = None
    record: Path | None = None
    echo_audio: bool = False
    save_directory: Path | None = None


class EchoingParty:
    """Whoever is called here: answers, hosts and echoes, by the signals of the notifications."""

    def __init__(self, answers: Answers, hosting: Hosting) -> None:
        self._answers = answers
        self._hosting = hosting

    def attend(self) -> None:
        """Take calls from now on."""
        signals.SCSessionNewIncoming.connect(self.answer, weak=False)
        signals.SCSessionDidStart.connect(self.host, weak=False)
        signals.SCSessionGotMessage.connect(self.echo, weak=False)
        signals.SCSessionGotStreamProposal.connect(self.agree, weak=False)

    def answer(self, session: Session, notification: Notification) -> None:
        """Do with a new call what is its turn."""
        answer = self._answers.next()
        data = notification.data
        audio, chat = ("audio" in answer.accept and data.has_audio), ("chat" in answer.accept and data.has_chat)
        files = self._wanted(data.files)
        with suppress(SessionStateError):  # the caller has given up meanwhile, which is told by itself
            if answer.code is not None:
                session.reject(answer.code)
            elif audio or chat or files:
                session.accept(audio=audio, chat=chat, files=files)
            elif answer.accept:
                session.reject(UNACCEPTABLE)

    def _wanted(self, files: list[MSRPFileTransfer]) -> list[MSRPFileTransfer]:
        """Return what is taken of the files of a caller: there is a place for it; nobody may ask for files."""
        return [] if self._hosting.save_directory is None else [each for each in files if not each.sends]

    def agree(self, session: Session, notification: Notification) -> None:
        """Take the streams that a caller proposes later."""
        data = notification.data
        if data.proposer == "remote":
            files = self._wanted(data.files)
            with suppress(SessionStateError):
                if data.adds_audio or data.adds_chat or files:
                    session.accept_proposal(files=files)
                else:
                    session.reject_proposal()

    def host(self, session: Session, notification: Notification) -> None:  # noqa: ARG002 - a signal calls by name
        """Begin to play, to record and to echo."""
        if not session.has_audio:
            return
        hosting = self._hosting
        try:
            if hosting.record is not None:
                session.start_recording_audio(str(hosting.record))
            if hosting.play is not None:
                session.start_playing(str(hosting.play), loop_count=0)
            if hosting.echo_audio:
                session.echo_audio(True)
        except SessionStateError:
            return  # over already
        except SIPCoreError as error:
            typer.echo(f"sipsimple: {error.reason}", err=True)

    def echo(self, session: Session, notification: Notification) -> None:
        """Send a message back."""
        content, content_type = notification.data.content, notification.data.content_type
        if isinstance(content, str):  # it goes out as UTF-8, whatever it came as
            content_type = content_type.partition(";")[0].strip()
        # the call is over, or the peer sends what it does not take, or under a type that is none
        with suppress(SessionStateError, MSRPChatError, ValueError):
            session.send_message(content, content_type)


class Binding:
    """An observer that stops the program when the registrar will not have us.

    Attributes:
        is_refused: It has said so.
    """

    def __init__(self, stop: Flag) -> None:
        self.is_refused = False
        self._stop = stop

    def handle_notification(self, notification: Notification) -> None:
        """Look for a refusal that is for good."""
        if notification.name == "SCRegistrationDidFail" and notification.data.retry_after is None:
            self.is_refused = True
            self._stop.set()


def listen(options: EndpointOptions, answers: Answers, hosting: Hosting, account: Account | None = None) -> bool:
    """Answer calls until told to end, then hang up; an account is registered meanwhile.

    Returns:
        False when the registrar has refused the account.
    """
    stop = Flag()
    binding = Binding(stop)
    lines = JSONLines(closed=stop.set)
    printer = EventPrinter(lines.write)
    if hosting.save_directory is not None:
        SessionManager().msrp_config.save_directory = str(hosting.save_directory)
    EchoingParty(answers, hosting).attend()
    on_signals(stop.set)
    with running(options) as ports:
        lines.write({"event": "listening", **ports})
        NotificationCenter().add_observer(printer)
        if account is not None:
            with refusing():
                registration = account.registration
            NotificationCenter().add_observer(binding, sender=registration)
            registration.register()
        stop.wait()
    return not binding.is_refused
