"""The notification bus: what an observer registers with, and what it is handed.

The API is that of `application.notification`. Beside it each name has a
blinker signal; the default center delivers on both, observers first.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakValueDictionary, ref

from greenlet import getcurrent
from zope.interface import implementer

from sipsimple.api.native import module_lock
from sipsimple.api.notification.observers import (
    Any,
    IObserver,
    Notification,
    NotificationData,
    Observer,
    UnknownSender,
    check_observer,
    check_posted,
)
from sipsimple.api.notification.reports import observer_failed
from sipsimple.api.notification.signals import Signals, send_isolated, signals

if TYPE_CHECKING:
    import typing
    from collections.abc import Callable, Hashable

    from sipsimple.api.notification.observers import Failures
    from sipsimple.api.notification.reports import Names

__all__ = (
    "Any",
    "IObserver",
    "Notification",
    "NotificationCenter",
    "NotificationData",
    "ObserverWeakrefProxy",
    "UnknownSender",
    "signals",
)


Bucket = tuple[Observer, ...]

_lock = module_lock(reentrant=True)  # reentrant: garbage collected under it may remove its own observers
_delivering: dict[int, deque[Notification]] = {}  # by greenlet: what observers posted meanwhile
_no_signals = Signals()  # of every center but the default one; stays empty


class NotificationCenter:
    """Distributes notifications to the observers registered for their name and sender.

    There is one center per name. Posting takes no lock: a registration
    replaces the bucket of observers that it touches, and a delivery that has
    begun goes on with the one it found.
    """

    instances: ClassVar[dict[Hashable, NotificationCenter]] = {}
    created: ClassVar[list[Callable[[NotificationCenter], None]]] = []

    name: Hashable
    _anyone: dict[object, Bucket]  # by name
    _by_sender: dict[
        int, tuple[object, dict[object, Bucket]]
    ]  # by identity; holds the sender, so that ids stay its own
    _signals: Signals

    def __new__(cls, name: Hashable = "default") -> NotificationCenter:
        """Return the center of that name."""
        with _lock:
            center = cls.instances.get(name)
            if center is not None:
                return center
            center = cls.instances[name] = super().__new__(cls)
            center.name = name
            center._anyone = {}
            center._by_sender = {}
            center._signals = signals if name == "default" else _no_signals
        for told in tuple(cls.created):
            told(center)
        return center

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def add_observer(self, observer: Observer, name: object = Any, sender: object = Any) -> None:
        """Register `observer` for the notifications of that name and sender.

        A sender is told from others by identity. The center keeps observer and
        sender alive until the registration is removed.

        Args:
            observer: Provides `IObserver`, or has its method.
            name: Of the notifications, or `Any`.
            sender: Of the notifications, or `Any`; `UnknownSender` means the anonymous ones only.

        Raises:
            TypeError: `observer` is no observer.
        """
        check_observer(observer)
        with _lock:
            names = self._anyone
            if sender is not Any:
                names = self._by_sender.setdefault(id(sender), (sender, {}))[1]
            bucket = names.get(name, ())
            if not any(each is observer for each in bucket):
                names[name] = (*bucket, observer)

    def remove_observer(self, observer: Observer, name: object = Any, sender: object = Any) -> None:
        """Take back a registration, given by the arguments that made it.

        Raises:
            KeyError: There is no such registration.
        """
        if not self._remove(observer, name, sender):
            raise KeyError(f"observer {observer!r} is not registered for {name!r} from {sender!r}")

    def discard_observer(self, observer: Observer, name: object = Any, sender: object = Any) -> None:
        """Take back a registration if there is one."""
        self._remove(observer, name, sender)

    def purge_observer(self, observer: Observer) -> None:
        """Take back all registrations of `observer`."""
        with _lock:
            tables = [(Any, self._anyone), *self._by_sender.values()]
            keys = [(name, sender) for sender, names in tables for name in names]
            for name, sender in keys:
                self._remove(observer, name, sender)

    def _remove(self, observer: Observer, name: object, sender: object) -> bool:
        with _lock:
            names = self._anyone if sender is Any else self._by_sender.get(id(sender), (sender, {}))[1]
            bucket = names.get(name, ())
            rest = tuple(each for each in bucket if each is not observer)
            if rest:
                names[name] = rest
            elif bucket:
                del names[name]
                if not names and sender is not Any:
                    del self._by_sender[id(sender)]
            return len(rest) != len(bucket)

    def post_notification(
        self,
        name: str,
        sender: object = UnknownSender,
        data: NotificationData | None = None,
        *,
        failures: Failures = Exception,
        names: Names = (),
    ) -> None:
        """Hand a notification to its observers, and from the default center to the receivers of its signal.

        Runs them in the caller's greenlet, one after another. What an observer
        posts is delivered after the present notification has reached them all.

        Args:
            name: What happened.
            sender: The object that it happened to.
            data: More about it.
            failures: What an observer may raise without stopping the others; it is logged.
            names: What the log is told beside it: the names of the call.
        """
        greenlet = id(getcurrent())
        waiting = _delivering.get(greenlet)
        if waiting is not None:
            waiting.append(Notification(name, sender, data, self))
            return
        found = self._observers(name, sender)
        signal = self._signals.get(name)
        if not found and (signal is None or not signal.receivers):
            check_posted(name, sender)
            return
        notification = Notification(name, sender, data, self)
        _delivering[greenlet] = waiting = deque()
        try:
            _deliver(notification, found, signal, failures, names)
            while waiting:
                later = waiting.popleft()
                center = later.center or self
                found = center._observers(later.name, later.sender)  # noqa: SLF001 - of our own class
                _deliver(later, found, center._signals.get(later.name), failures, names)  # noqa: SLF001
        finally:
            del _delivering[greenlet]

    def _observers(self, name: str, sender: object) -> Bucket:
        found: Bucket = ()
        anyone = self._anyone
        if anyone:
            found = anyone.get(Any, ()) + anyone.get(name, ())
        entry = self._by_sender.get(id(sender))
        if entry is not None:
            names = entry[1]
            found += names.get(Any, ()) + names.get(name, ())
        if len(found) > 1:
            return tuple({id(each): each for each in found}.values())
        return found


def _deliver(
    notification: Notification,
    observers: Bucket,
    signal: typing.Any,
    failures: Failures,
    names: Names,
) -> None:
    for observer in observers:
        try:
            observer.handle_notification(notification)
        except failures as error:
            observer_failed(observer, notification.name, names, error)
    if signal is not None and signal.receivers:
        send_isolated(signal, notification, failures, names)


@implementer(IObserver)
class ObserverWeakrefProxy:
    """Register this instead of an observer that the center shall not keep alive.

    There is one proxy per observer, so that what was registered can be removed.
    What is left registered after the observer is gone goes with the first
    notification that would have reached it.
    """

    _proxies: ClassVar[WeakValueDictionary[int, ObserverWeakrefProxy]] = WeakValueDictionary()

    observer_ref: ref[Observer]

    def __new__(cls, observer: Observer) -> ObserverWeakrefProxy:
        """Return the proxy of `observer`."""
        check_observer(observer)
        with _lock:
            proxy = cls._proxies.get(id(observer))
            if proxy is None or proxy.observer_ref() is not observer:
                proxy = cls._proxies[id(observer)] = super().__new__(cls)
                proxy.observer_ref = ref(observer)
            return proxy

    def handle_notification(self, notification: Notification) -> None:
        """Pass the notification on while the observer lives."""
        observer = self.observer_ref()
        if observer is not None:
            observer.handle_notification(notification)
        elif notification.center is not None:
            notification.center.purge_observer(self)
