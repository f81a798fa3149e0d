"""`sipsimple chat`: calls somebody and says one thing, or what is typed."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import gevent
import typer

from sipsimple.actors.wire.sockets import source_address
from sipsimple.cli.conversation import Conversation
from sipsimple.cli.endpoint import EndpointOptions, on_signals, running
from sipsimple.cli.events import EventPrinter, JSONLines
from sipsimple.cli.refusal import refusing
from sipsimple.cli.screen import CallScreen
from sipsimple.cli.typing_lines import typed_lines
from sipsimple.errors import MSRPChatError, SessionStateError
from sipsimple.notification import NotificationCenter

if TYPE_CHECKING:
    from sipsimple.cli.errand import Errand

ENDING_SECONDS = 5.0
"""So long the peer may take to answer CANCEL or BYE."""


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
            errand.call(conversation)
        delivered = errand.is_answered(conversation) and _say_all(conversation, errand)
        conversation.hang_up(ENDING_SECONDS)
    return delivered


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
