"""What the documents of notifications say, in lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.cli.printable import printable
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.payloads import dialog_info, message_summary, pidf, watchers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sipsimple.protocols.payloads.dialog_info import DialogState, Participant
    from sipsimple.protocols.payloads.notes import Note
    from sipsimple.protocols.payloads.rpid import Statement

Lines: TypeAlias = list[str]


def lines_of(content_type: str | None, body: bytes) -> Lines:
    """Return what a body says: of a type that is not known the text itself, of what cannot be read why not.

    Args:
        content_type: As `application/pidf+xml`; None: there is no body.
        body: The body.
    """
    if content_type is None or not body:
        return []
    tell = TELLERS.get(content_type.lower(), _as_it_is)
    try:
        lines = tell(body)
    except RemoteProtocolError as error:
        lines = [f"cannot be read: {error.reason}", *_as_it_is(body)]
    return [printable(each) for each in lines]


def _as_it_is(body: bytes) -> Lines:
    try:
        return body.decode().splitlines()
    except UnicodeDecodeError:
        return ["(not text)"]


def _presence(body: bytes) -> Lines:
    document = pidf.Presence.parse(body)
    lines = []
    for each in document.tuples:
        name = each.id if each.contact is None else each.contact.uri
        lines.append(
            _line(name, each.basic or "neither open nor closed", *_rich(each.statements), *_quoted(each.notes))
        )
    lines += [_line("person", *_rich(each.statements), *_quoted(each.notes)) for each in document.persons]
    lines += [
        _line(f"device {each.device_id or each.id}", *_rich(each.statements), *_quoted(each.notes))
        for each in document.devices
    ]
    lines += [_line("note", each) for each in _quoted(document.notes)]
    return lines or [f"{document.entity}: nothing is known"]


def _rich(statements: Iterable[Statement]) -> Lines:
    return [" ".join(each.words) or each.text or each.kind for each in statements]


def _quoted(notes: Iterable[Note]) -> Lines:
    return [f'"{each.text}"' for each in notes]


def _line(name: str, *facts: str) -> str:
    return f"{name}: {', '.join(facts)}" if facts else name


def _summary(body: bytes) -> Lines:
    summary = message_summary.MessageSummary.parse(body)
    lines = [f"messages wait: {'yes' if summary.messages_waiting else 'no'}"]
    for each in summary.counts:
        urgent = f", {each.new_urgent} of the new ones urgent" if each.new_urgent else ""
        lines.append(f"{each.context}: {each.new} new, {each.old} old{urgent}")
    return lines


def _dialogs(body: bytes) -> Lines:
    document = dialog_info.DialogInfo.parse(body)
    lines = [f"dialog {each.id}: {_dialog(each)}" for each in document.dialogs]
    return lines or [f"{document.entity}: no dialogs"]


def _dialog(dialog: DialogState) -> str:
    facts = [dialog.state]
    if dialog.event is not None:
        facts.append(dialog.event if dialog.code is None else f"{dialog.event} ({dialog.code})")
    if dialog.direction is not None:
        facts.append(dialog.direction)
    facts += [
        f"{word} {name}" for word, each in (("of", dialog.local), ("with", dialog.remote)) if (name := _who(each))
    ]
    return ", ".join(facts)


def _who(participant: Participant | None) -> str | None:
    return None if participant is None else participant.display or participant.identity or participant.target


def _watchers(body: bytes) -> Lines:
    lines = []
    for each in watchers.WatcherInfo.parse(body).lists:
        for watcher in each.watchers:
            name = watcher.uri if watcher.display_name is None else f'"{watcher.display_name}" {watcher.uri}'
            left = "" if watcher.expiration is None else f", {watcher.expiration} s left"
            lines.append(f"{name}: {watcher.status} ({watcher.event}){left}")
    return lines or ["nobody watches"]


TELLERS: dict[str, Callable[[bytes], Lines]] = {
    pidf.CONTENT_TYPE: _presence,
    message_summary.CONTENT_TYPE: _summary,
    dialog_info.CONTENT_TYPE: _dialogs,
    watchers.CONTENT_TYPE: _watchers,
}
"""Who can read which type."""
