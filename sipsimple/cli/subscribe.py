"""`sipsimple subscribe`: follows the state of somebody or something."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from sipsimple.cli.documents import lines_of
from sipsimple.cli.endpoint import on_signals, running
from sipsimple.cli.events import EventPrinter, JSONLines
from sipsimple.cli.printable import printable
from sipsimple.cli.refusal import refusing
from sipsimple.cli.watch import Watch
from sipsimple.core import SIPURI, Subscription
from sipsimple.errors import SessionStateError
from sipsimple.notification import NotificationCenter

if TYPE_CHECKING:
    from pathlib import Path

    from sipsimple.cli.asker import Asker
    from sipsimple.notification import Notification, NotificationData

ENDING_SECONDS = 5.0
"""So long the notifier may take to send the last NOTIFY."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is subscribed to.

    Attributes:
        target: Whose state is wanted.
        event: The event package.
        expires: Seconds to ask for; 0: only what the state is now.
        seconds: To stay subscribed; None: until a signal comes.
        body_file: Gets the body of each NOTIFY in place of the one before.
    """

    target: SIPURI
    event: str
    expires: int = 300
    seconds: float | None = None
    body_file: Path | None = None


def subscribe(asker: Asker, wish: Wish, timeout: float, as_json: bool) -> bool:
    """Subscribe, tell each NOTIFY, and unsubscribe; tell whether the notifier agreed and told something.

    Args:
        asker: Who subscribes.
        wish: To what.
        timeout: Seconds for the first NOTIFY.
        as_json: Print notifications as lines of JSON.
    """
    with running(asker.options):
        with refusing():
            subscription = Subscription(asker.credentials, wish.target, wish.event, asker.route, wish.expires)
        with Watch(subscription) as watch:
            on_signals(watch.interrupt)
            printer = EventPrinter(JSONLines(closed=watch.interrupt).write) if as_json else SubscriptionScreen()
            NotificationCenter().add_observer(printer)
            if wish.body_file is not None:
                NotificationCenter().add_observer(BodyKeeper(wish.body_file), sender=subscription)
            subscription.subscribe()
            if watch.wait(lambda: _is_told(watch) or _is_over(watch), timeout):
                watch.wait(lambda: _is_over(watch), wish.seconds if wish.expires else timeout)
            elif not as_json:
                typer.echo(f"not subscribed: {watch.why_not(timeout)}", err=True)
            _end(subscription, watch)
            return _is_told(watch) and not _is_refused(watch)


def _is_told(watch: Watch) -> bool:
    return any(watch.named("SCSubscriptionGotNotify"))


def _is_refused(watch: Watch) -> bool:
    """Tell whether it has failed for good."""
    return any(data.retry_after is None for data in watch.named("SCSubscriptionDidFail"))


def _is_over(watch: Watch) -> bool:
    return _is_refused(watch) or any(watch.named("SCSubscriptionDidEnd"))


def _end(subscription: Subscription, watch: Watch) -> None:
    if not _is_told(watch):
        return  # nobody has to take anything back: the engine ends it
    watch.is_interrupted = False
    with suppress(SessionStateError):  # it is over already
        subscription.unsubscribe()
        watch.wait(lambda: any(watch.named("SCSubscriptionDidEnd")), ENDING_SECONDS)


class BodyKeeper:
    """An observer that writes the body of the last NOTIFY into a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def handle_notification(self, notification: Notification) -> None:
        """Keep it."""
        if notification.name == "SCSubscriptionGotNotify" and notification.data.body:
            try:
                self._path.write_bytes(notification.data.body)
            except OSError as error:
                typer.echo(f"sipsimple: cannot write {self._path}: {(error.strerror or str(error)).lower()}", err=True)


class SubscriptionScreen:
    """An observer that tells a subscription in words."""

    def __init__(self) -> None:
        self._is_subscribed = False

    def handle_notification(self, notification: Notification) -> None:
        """Say what happened."""
        subscription, data = notification.sender, notification.data
        if not isinstance(subscription, Subscription):
            return
        match notification.name:
            case "SCSubscriptionDidSucceed" if data.expires:
                self._is_subscribed = True
                typer.echo(f"subscribed to {subscription.event} of {subscription.to_uri} for {data.expires} s")
            case "SCSubscriptionGotNotify":
                for line in notified(data):
                    typer.echo(line)
            case "SCSubscriptionDidFail":
                again = "" if data.retry_after is None else f"; next try in {data.retry_after:.0f} s"
                typer.echo(printable(f"not subscribed: {data.code} {data.reason}{again}"), err=True)
            case "SCSubscriptionDidEnd" if self._is_subscribed:
                typer.echo("the subscription has expired" if data.expired else "unsubscribed")


def notified(data: NotificationData) -> list[str]:
    """Return the lines that tell of one NOTIFY: its state, then what its body says."""
    why = f" ({data.reason})" if data.reason else ""
    if not data.body:
        return [printable(f"{data.state}{why}: no body")]
    content_type = None if data.content_type is None else f"{data.content_type}/{data.content_subtype}"
    head = printable(f"{data.state}{why}: {content_type}, {len(data.body)} bytes")
    return [head, *[f"  {each}" for each in lines_of(content_type, data.body)]]
