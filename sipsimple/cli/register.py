"""`sipsimple register`: binds an account to this machine, for as long as it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from sipsimple.cli.endpoint import EndpointOptions, on_signals, running
from sipsimple.cli.events import EventPrinter, JSONLines
from sipsimple.cli.refusal import refusing
from sipsimple.cli.watch import Watch
from sipsimple.core import Registration
from sipsimple.notification import NotificationCenter

if TYPE_CHECKING:
    from sipsimple.account import Account
    from sipsimple.notification import Notification

ENDING_SECONDS = 5.0
"""So long the registrar may take to let the binding go."""


def register(options: EndpointOptions, account: Account, seconds: float | None, timeout: float, as_json: bool) -> bool:
    """Register, stay so, then take it back; tell whether the registrar accepted it.

    Args:
        options: Of the endpoint.
        account: To be registered.
        seconds: To stay registered; None: until a signal comes.
        timeout: Seconds for the registrar to answer first.
        as_json: Print notifications as lines of JSON.
    """
    with running(options):
        with refusing():
            registration = account.registration
        with Watch(registration) as watch:
            on_signals(watch.interrupt)
            printer = EventPrinter(JSONLines(closed=watch.interrupt).write) if as_json else RegistrationScreen()
            NotificationCenter().add_observer(printer)
            registration.register()
            if not watch.wait(lambda: any(watch.named("SCRegistrationDidSucceed")) or _is_final(watch), timeout):
                typer.echo(f"not registered: {watch.why_not(timeout)}", err=True)
            is_accepted = any(watch.named("SCRegistrationDidSucceed"))
            if is_accepted:
                watch.wait(lambda: False, seconds)
            _take_back(registration, watch)
    return is_accepted


def _is_final(watch: Watch) -> bool:
    """Tell whether the registrar has refused it for good."""
    return any(data.retry_after is None for data in watch.named("SCRegistrationDidFail"))


def _take_back(registration: Registration, watch: Watch) -> None:
    watch.is_interrupted = False
    ended = len(list(watch.named("SCRegistrationDidEnd")))
    if registration.state in ("registered", "registering"):
        registration.unregister()
        watch.wait(lambda: len(list(watch.named("SCRegistrationDidEnd"))) > ended, ENDING_SECONDS)


class RegistrationScreen:
    """An observer that tells a registration in words."""

    def handle_notification(self, notification: Notification) -> None:
        """Say what happened."""
        registration, data = notification.sender, notification.data
        if not isinstance(registration, Registration):
            return
        match notification.name:
            case "SCRegistrationDidSucceed":
                typer.echo(f"registered {registration.credentials.uri} for {data.expires} s as {data.contact_uri}")
                for uri, expires in data.contact_uri_list or ():
                    typer.echo(f"  bound: {uri} ({expires} s)")
            case "SCRegistrationDidFail":
                again = "" if data.retry_after is None else f"; next try in {data.retry_after:.0f} s"
                typer.echo(f"not registered: {data.code} {data.reason}{again}", err=True)
            case "SCRegistrationDidEnd":
                typer.echo("the binding has expired" if data.expired else "unregistered")
