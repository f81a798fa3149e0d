"""Observers: what makes one, what it may register for, and what it is handed."""

from __future__ import annotations

import datetime as dt
from time import time
from typing import TYPE_CHECKING, Final, Protocol

from zope.interface import Interface

if TYPE_CHECKING:
    import typing

    from sipsimple.api.notification.notification import NotificationCenter

Failures = type[BaseException] | tuple[type[BaseException], ...]


class _Marker:
    """A value that is only ever compared by identity."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


Any: Final = _Marker("Any")
UnknownSender: Final = _Marker("UnknownSender")


class IObserver(Interface):  # type: ignore[misc]
    """What a notification center asks of an observer."""

    def handle_notification(notification):  # type: ignore[no-untyped-def]  # noqa: N805
        """Take one notification; it may wait, and may call any method of the library."""


class Observer(Protocol):
    """`IObserver`, for type checkers."""

    def handle_notification(self, notification: Notification, /) -> object:
        """Take one notification."""


def check_observer(observer: object) -> None:
    """Refuse what cannot observe.

    Raises:
        TypeError: `observer` neither provides `IObserver` nor has its method.
    """
    if IObserver.providedBy(observer):
        return
    if isinstance(observer, type) or not callable(getattr(observer, "handle_notification", None)):
        raise TypeError(f"observer {observer!r} does not provide IObserver: it needs a method handle_notification()")


def check_posted(name: object, sender: object) -> None:
    """Refuse what only a registration may say.

    Raises:
        ValueError: `name` or `sender` is `Any`.
    """
    if name is Any or sender is Any:
        raise ValueError("name and sender of a notification must not be Any")


class NotificationData:
    """The attributes that go with a notification."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> typing.Any: ...
        def __setattr__(self, name: str, value: typing.Any) -> None: ...

    def __init__(self, **attributes: object) -> None:
        self.__dict__.update(attributes)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


class Notification:
    """One notification, as all its observers see it.

    Attributes:
        name: What happened, `SCSessionDidStart`.
        sender: The object that it happened to.
        data: A `NotificationData`.
        timestamp: Seconds since the epoch, when it was posted.
        center: The `NotificationCenter` that it was posted to.
    """

    __slots__ = ("center", "data", "name", "sender", "timestamp")

    def __init__(
        self,
        name: str,
        sender: object = UnknownSender,
        data: NotificationData | None = None,
        center: NotificationCenter | None = None,
    ) -> None:
        check_posted(name, sender)
        self.name = name
        self.sender: typing.Any = sender  # observers know by the name of what class it is
        self.data = NotificationData() if data is None else data
        self.timestamp = time()
        self.center = center

    @property
    def datetime(self) -> dt.datetime:
        """The timestamp in local time, without a zone."""
        return dt.datetime.fromtimestamp(self.timestamp)

    @property
    def utcdatetime(self) -> dt.datetime:
        """The timestamp in universal time, without a zone."""
        return dt.datetime.fromtimestamp(self.timestamp, dt.UTC).replace(tzinfo=None)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.sender!r}, {self.data!r})"
