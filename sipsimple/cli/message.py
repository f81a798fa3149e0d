"""`sipsimple message`: sends one message outside of any call."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from sipsimple.cli.asker import content_type_of
from sipsimple.cli.endpoint import on_signals, running
from sipsimple.cli.events import EventPrinter, JSONLines
from sipsimple.cli.parameters import utf8
from sipsimple.cli.printable import printable
from sipsimple.cli.refusal import Refused, refusing
from sipsimple.cli.watch import Watch
from sipsimple.core import SIPURI, Engine, send_message
from sipsimple.notification import NotificationCenter

if TYPE_CHECKING:
    from sipsimple.cli.asker import Asker

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to whom."""

    target: SIPURI
    content_type: str
    body: str | bytes


def body_from(text: str, content_type: str) -> str | bytes:
    """Return what is to be sent: `text`, or what comes on stdin when that is `-`; only text has to be text.

    Raises:
        Refused: Text is not valid UTF-8.
    """
    if text != STDIN:
        return utf8(text) or ""
    data = sys.stdin.buffer.read()
    if not content_type.lower().startswith("text/"):
        return data
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Refused("the message is not valid UTF-8") from error


def message(asker: Asker, letter: Letter, timeout: float, as_json: bool) -> bool:
    """Send it; tell whether it was accepted.

    Args:
        asker: Who sends it.
        letter: What is sent.
        timeout: Seconds for the answer.
        as_json: Print notifications as lines of JSON.
    """
    kind, subtype = content_type_of(letter.content_type)
    with running(asker.options), Watch(Engine()) as watch:
        on_signals(watch.interrupt)
        if as_json:
            NotificationCenter().add_observer(EventPrinter(JSONLines(closed=watch.interrupt).write))
        with refusing():
            send_message(asker.credentials, letter.target, kind, subtype, letter.body, asker.route)
        watch.wait(lambda: any(watch.named("SCEngineGotMessageResponse")), timeout)
        answer = next(watch.named("SCEngineGotMessageResponse"), None)
    is_accepted = answer is not None and 200 <= answer.code < 300
    if not as_json:
        said = watch.why_not(timeout) if answer is None else f"{answer.code} {answer.reason}"
        typer.echo(printable(f"{'sent' if is_accepted else 'not sent'}: {said}"), err=not is_accepted)
    return is_accepted
