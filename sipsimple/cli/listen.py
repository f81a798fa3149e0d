"""`sipsimple listen`: an endpoint that answers as it is told and echoes what it is sent."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gevent.event import Event as Flag

from sipsimple.cli.endpoint import EndpointOptions, on_signals, running
from sipsimple.cli.events import EventPrinter, JSONLines
from sipsimple.errors import MSRPChatError, SessionStateError
from sipsimple.notification import NotificationCenter, signals

if TYPE_CHECKING:
    from sipsimple.cli.answers import Answers
    from sipsimple.notification import Notification
    from sipsimple.session import Session

UNACCEPTABLE = 488


class EchoingParty:
    """Whoever is called here: answers and echoes, by the signals of the notifications."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def attend(self) -> None:
        """Take calls from now on."""
        signals.SCSessionNewIncoming.connect(self.answer, weak=False)
        signals.SCSessionGotMessage.connect(self.echo, weak=False)

    def answer(self, session: Session, notification: Notification) -> None:
        """Do with a new call what is its turn."""
        answer = self._answers.next()
        with suppress(SessionStateError):  # the caller has given up meanwhile, which is told by itself
            if answer.code is not None:
                session.reject(answer.code)
            elif answer.accept and notification.data.has_chat:
                session.accept(chat=True)
            elif answer.accept:
                session.reject(UNACCEPTABLE)

    def echo(self, session: Session, notification: Notification) -> None:
        """Send a message back."""
        content, content_type = notification.data.content, notification.data.content_type
        if isinstance(content, str):  # it goes out as UTF-8, whatever it came as
            content_type = content_type.partition(";")[0].strip()
        with suppress(SessionStateError, MSRPChatError):  # the call is over, or the peer sends what it does not take
            session.send_message(content, content_type)


def listen(options: EndpointOptions, answers: Answers) -> None:
    """Answer calls until told to end, then hang up."""
    stop = Flag()
    lines = JSONLines(closed=stop.set)
    printer = EventPrinter(lines.write)
    EchoingParty(answers).attend()
    on_signals(stop.set)
    with running(options) as ports:
        lines.write({"event": "listening", **ports})
        NotificationCenter().add_observer(printer)
        stop.wait()
