"""`sipsimple chat`: calls somebody and says one thing, or what is typed."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

import gevent
import typer

from sipsimple.actors.wire.sockets import source_address
from sipsimple.cli.conversation import Conversation
from sipsimple.cli.endpoint import EndpointOptions, on_signals, running
from sipsimple.cli.events import EventPrinter, JSONLines
from sipsimple.cli.refusal import refusing
from sipsimple.cli.screen import CallScreen
from sipsimple.cli.typing_lines import typed_lines
from sipsimple.core import SIPURI, Route
from sipsimple.errors import MSRPChatError, SessionStateError
from sipsimple.notification import NotificationCenter

ENDING_SECONDS = 5.0
"""So long the peer may take to answer CANCEL or BYE."""

SIP_PORT = 5060


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be done.

    Attributes:
        target: Whom to call.
        caller: Who calls.
        transport: For SIP; None: what the target says.
        message: The one thing to say; None: what is typed.
        timeout: Seconds that the peer has to answer, and again to take the message.
        cancel_after: Seconds after which a call that was not answered is cancelled.
    """

    target: SIPURI
    caller: SIPURI
    transport: str | None = None
    message: str | None = None
    timeout: float = 60.0
    cancel_after: float | None = None

    @property
    def route(self) -> Route | None:
        """The way to the target when its transport was chosen, else None: look it up."""
        if self.transport is None:
            return None
        return Route(self.target.host, self.target.port or SIP_PORT, self.transport)


def chat(options: EndpointOptions, errand: Errand, as_json: bool) -> bool:
    """Do the errand; tell whether all that was said was delivered."""
    if options.host is None:
        options = replace(options, host=source_address(errand.target.host))
    with running(options):
        conversation = Conversation()
        on_signals(conversation.interrupt)
        printer = EventPrinter(JSONLines(closed=conversation.interrupt).write) if as_json else CallScreen()
        NotificationCenter().add_observer(printer)
        with refusing():
            conversation.connect(errand.target, errand.caller, errand.route)
        delivered = _is_answered(conversation, errand) and _say_all(conversation, errand)
        conversation.hang_up(ENDING_SECONDS)
    return delivered


def _is_answered(conversation: Conversation, errand: Errand) -> bool:
    patience = errand.timeout if errand.cancel_after is None else min(errand.timeout, errand.cancel_after)
    return conversation.wait(lambda: conversation.is_started, patience)


def _say_all(conversation: Conversation, errand: Errand) -> bool:
    """Say what there is to say; tell whether all of it arrived."""
    if errand.message is not None:
        said = _say(conversation, errand.message)
    else:
        typist = gevent.spawn(_say_what_is_typed, conversation)
        typist.link(lambda _typist: conversation.wake())
        conversation.wait(typist.ready)
        typist.kill()
        said = typist.value is not False and not conversation.is_interrupted
    return conversation.wait(lambda: not conversation.pending, errand.timeout) and said and not conversation.undelivered


def _say_what_is_typed(conversation: Conversation) -> bool:
    return all(_say(conversation, line) for line in typed_lines(sys.stdin.fileno()) if line)


def _say(conversation: Conversation, text: str) -> bool:
    try:
        conversation.send(text)
    except (SessionStateError, MSRPChatError) as error:
        typer.echo(f"sipsimple: not sent: {error.reason}", err=True)
        return False
    return True
