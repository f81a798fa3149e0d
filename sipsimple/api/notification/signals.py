"""The blinker side of the bus: one signal per notification name."""

from __future__ import annotations

from inspect import iscoroutine
from typing import TYPE_CHECKING

from blinker import NamedSignal, Namespace

from sipsimple.api.notification.reports import observer_failed

if TYPE_CHECKING:
    from blinker import Signal

    from sipsimple.api.notification.notification import Notification
    from sipsimple.api.notification.observers import Failures
    from sipsimple.api.notification.reports import Names


class Signals(Namespace):
    """All signals, by notification name: `signals.SCSessionDidStart`, `signals["SCSessionDidStart"]`.

    A signal comes into being when it is first named. Receivers are called as
    `receiver(sender, notification=notification)`. As everywhere in blinker,
    `connect()` keeps a receiver only weakly unless told `weak=False`.
    """

    def __missing__(self, name: str) -> NamedSignal:
        return self.setdefault(name, NamedSignal(name))

    def __getattr__(self, name: str) -> NamedSignal:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]


signals = Signals()


def send_isolated(signal: Signal, notification: Notification, failures: Failures, names: Names) -> None:
    """Call the receivers of `signal`; none is kept from it by another's exception."""
    if signal.is_muted:
        return
    sender = notification.sender
    for receiver in signal.receivers_for(sender):
        try:
            result = receiver(sender, notification=notification)
            if result is not None and iscoroutine(result):
                result.close()
                raise TypeError(f"receiver {receiver!r} is a coroutine function, nobody would await it")
        except failures as error:
            observer_failed(receiver, notification.name, names, error)
