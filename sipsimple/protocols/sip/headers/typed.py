"""Typed headers: attributes of a message that are parsed at first access and then kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, overload

from sipsimple.errors import RemoteProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")


class HasHeaders(Protocol):
    """What a typed header is read from."""

    @property
    def headers(self) -> Mapping[str, list[str]]:
        """Raw values under the lower-case full name."""


class Typed(Generic[T]):
    """One typed header. Malformed text raises `RemoteProtocolError` at each access, and only there.

    The value is kept in the message's own dict under the attribute's name,
    where Python finds it before it asks this descriptor again.
    """

    __slots__ = ("key", "name", "read")

    def __init__(self, key: str, read: Callable[[Any], T]) -> None:
        self.key = key
        self.read = read
        self.name = key

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, message: None, owner: type) -> Self: ...
    @overload
    def __get__(self, message: HasHeaders, owner: type) -> T: ...
    def __get__(self, message: Any, owner: type) -> Any:
        if message is None:
            return self
        try:
            first = message.headers[self.key][0]
        except KeyError:
            return self.missing()
        value = message.__dict__[self.name] = self.read(first)
        return value

    def missing(self) -> T:
        """Return what a message without the header has, or refuse it."""
        raise RemoteProtocolError(f"no {self.key} header")


class Optional(Typed[T | None]):
    """A typed header that is None where the message lacks it."""

    __slots__ = ()

    def missing(self) -> None:
        """Return None."""
        return


class Listed(Typed[T]):
    """A typed header that is read from all its values, of which there may be none."""

    __slots__ = ()

    @overload
    def __get__(self, message: None, owner: type) -> Self: ...
    @overload
    def __get__(self, message: HasHeaders, owner: type) -> T: ...
    def __get__(self, message: Any, owner: type) -> Any:
        if message is None:
            return self
        value = message.__dict__[self.name] = self.read(message.headers.get(self.key, ()))
        return value
