"""`sipsimple publish`: publishes the state of its user, for as long as it runs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from sipsimple.cli.endpoint import on_signals, running
from sipsimple.cli.events import EventPrinter, JSONLines
from sipsimple.cli.printable import printable
from sipsimple.cli.refusal import Refused, refusing
from sipsimple.cli.watch import Watch
from sipsimple.core import Publication
from sipsimple.notification import NotificationCenter
from sipsimple.protocols.payloads import pidf
from sipsimple.protocols.payloads.notes import Note

if TYPE_CHECKING:
    from pathlib import Path

    from sipsimple.cli.asker import Asker
    from sipsimple.notification import Notification

ENDING_SECONDS = 5.0
"""So long the server may take to remove what is published."""

STATUSES = ("open", "closed")
PRESENCE = "presence"


@dataclass(frozen=True, slots=True)
class Leaflet:
    """What is published.

    Attributes:
        event: The event package.
        content_type: Of the document.
        body: The document; None: a presence document is made.
        status: What that says.
        note: Likewise, for people.
        expires: Seconds to ask for.
        seconds: To stay published; None: until a signal comes.
    """

    event: str
    content_type: str
    body: bytes | None = None
    status: str | None = None
    note: str | None = None
    expires: int = 300
    seconds: float | None = None

    def document(self, address: str) -> bytes:
        """Return the document that tells of `address`."""
        return presence(address, self.status, self.note) if self.body is None else self.body


def chosen_leaflet(
    event: str, status: str | None, note: str | None, body_file: Path | None, content_type: str | None
) -> Leaflet:
    """Read the options.

    Raises:
        Refused: They make no sense.
    """
    if body_file is not None:
        if status is not None or note is not None:
            raise Refused("give either --body-file or --status and --note")
        if content_type is None:
            raise Refused("--body-file needs --content-type")
        return Leaflet(event, content_type, body_file.read_bytes())
    if status is None and note is None:
        raise Refused("what is to be published? give --status, --note or --body-file")
    if event.partition(";")[0] != PRESENCE or content_type is not None:
        raise Refused("--status and --note make a presence document: for all else give --body-file")
    if status is not None and status not in STATUSES:
        raise Refused(f"the status is one of {', '.join(STATUSES)}, not {status!r}")
    return Leaflet(event, pidf.CONTENT_TYPE, None, status, note)


def presence(address: str, status: str | None, note: str | None) -> bytes:
    """Return a presence document of one service; its id is a new one, since other devices publish theirs."""
    notes = () if note is None else (Note(note),)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    service = pidf.Tuple(f"s{secrets.token_hex(4)}", status, pidf.Contact(address), notes=notes, timestamp=now)
    return bytes(pidf.Presence(address, (service,)))


def publish(asker: Asker, leaflet: Leaflet, timeout: float, as_json: bool) -> bool:
    """Publish, stay so, then take it back; tell whether the server accepted it.

    Args:
        asker: Whose state it is.
        leaflet: What is published.
        timeout: Seconds for the server to answer first.
        as_json: Print notifications as lines of JSON.
    """
    with running(asker.options):
        with refusing():
            publication = Publication(asker.credentials, leaflet.event, asker.route, leaflet.expires)
        with Watch(publication) as watch:
            on_signals(watch.interrupt)
            printer = EventPrinter(JSONLines(closed=watch.interrupt).write) if as_json else PublicationScreen()
            NotificationCenter().add_observer(printer)
            kind, _, subtype = leaflet.content_type.partition("/")
            with refusing():
                publication.publish(kind, subtype, leaflet.document(str(asker.credentials.uri.uri())))
            if not watch.wait(lambda: _is_accepted(watch) or _is_over(watch), timeout) and not as_json:
                typer.echo(f"not published: {watch.why_not(timeout)}", err=True)
            if _is_accepted(watch):
                watch.wait(lambda: _is_over(watch), leaflet.seconds)
            is_fine = _is_accepted(watch) and not _is_over(watch)
            if is_fine:  # else nothing is there, or the engine ends it
                _take_back(publication, watch)
    return is_fine


def _is_accepted(watch: Watch) -> bool:
    return any(watch.named("SCPublicationDidSucceed"))


def _is_over(watch: Watch) -> bool:
    """Tell whether it has failed for good."""
    is_refused = any(data.retry_after is None for data in watch.named("SCPublicationDidFail"))
    return is_refused or any(watch.named("SCPublicationDidEnd"))


def _take_back(publication: Publication, watch: Watch) -> None:
    watch.is_interrupted = False
    publication.unpublish()
    watch.wait(lambda: any(watch.named("SCPublicationDidEnd")), ENDING_SECONDS)


class PublicationScreen:
    """An observer that tells a publication in words."""

    def __init__(self) -> None:
        self._is_published = False

    def handle_notification(self, notification: Notification) -> None:
        """Say what happened."""
        publication, data = notification.sender, notification.data
        if not isinstance(publication, Publication):
            return
        match notification.name:
            case "SCPublicationDidSucceed":
                self._is_published = True
                who = publication.credentials.uri
                typer.echo(f"published {publication.event} of {who} for {data.expires} s")
            case "SCPublicationDidFail":
                again = "" if data.retry_after is None else f"; next try in {data.retry_after:.0f} s"
                typer.echo(printable(f"not published: {data.code} {data.reason}{again}"), err=True)
            case "SCPublicationDidEnd" if self._is_published:
                typer.echo("what was published has expired" if data.expired else "unpublished")
