"""What the values are held to that applications give: numbers, addresses, lines of text.

A wrong type raises TypeError, a wrong value ValueError; both name the argument
and the value.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_Kind = TypeVar("_Kind")

# C0 and C1 controls, the line separators of Unicode, and halves of surrogate pairs, which no encoding has
_NOT_OF_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Checked:
    """Has fields that are checked, and brought into form, whenever they are set; a refused value changes nothing."""

    __slots__ = ()

    __dataclass_fields__: ClassVar[dict[str, Any]]
    CHECKS: ClassVar[Mapping[str, Callable[[str, Any], Any]]] = {}
    """By field: takes its name and the value, returns what to keep."""

    def __setattr__(self, name: str, value: Any) -> None:
        check = self.CHECKS.get(name)
        object.__setattr__(self, name, value if check is None else check(name, value))

    def copy(self) -> Self:
        """Return an equal object of its own; what was checked is not checked again."""
        twin = object.__new__(type(self))
        for name in self.__dataclass_fields__:
            object.__setattr__(twin, name, getattr(self, name))
        return twin


class Field(Generic[_Kind]):
    """An attribute that is checked, and brought into form, whenever it is set; a refused value changes nothing.

    Args:
        check: Takes its name and the value, returns what to keep.
        default: What it is until it is set.
    """

    def __init__(self, check: Callable[[str, Any], _Kind], default: _Kind) -> None:
        self._check = check
        self._default = default
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, holder: None, owner: type) -> Self: ...
    @overload
    def __get__(self, holder: object, owner: type) -> _Kind: ...
    def __get__(self, holder: object | None, owner: type) -> Any:
        return self if holder is None else getattr(holder, f"_{self._name}", self._default)

    def __set__(self, holder: object, value: _Kind) -> None:
        setattr(holder, f"_{self._name}", self._check(self._name, value))


class Instance(Generic[_Kind]):
    """An attribute that is always of one type; a value of another raises TypeError and changes nothing."""

    def __init__(self, kind: type[_Kind]) -> None:
        self._kind = kind
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, holder: None, owner: type) -> Self: ...
    @overload
    def __get__(self, holder: object, owner: type) -> _Kind: ...
    def __get__(self, holder: object | None, owner: type) -> Any:
        return self if holder is None else holder.__dict__[self._name]

    def __set__(self, holder: object, value: _Kind) -> None:
        holder.__dict__[self._name] = instance(self._name, value, self._kind)


def integer(name: str, value: Any, lowest: int, highest: int) -> int:
    """Return `value` if it is a whole number within the limits."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not {value!r}")
    if not lowest <= value <= highest:
        raise ValueError(f"{name} must be {lowest} to {highest}, not {value!r}")
    return value


def port(name: str, value: Any) -> int:
    """Return a UDP or TCP port."""
    return integer(name, value, 0, 65535)


def port_or_none(name: str, value: Any) -> int | None:
    """Return a port, or None."""
    return None if value is None else port(name, value)


def ip_or_none(name: str, value: Any) -> str | None:
    """Return an IP literal, or None."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {value!r}")
    try:
        ip_address(value)
    except ValueError as error:
        raise ValueError(f"{name} must be an IP literal, not {value!r}") from error
    return value


def ipv4(name: str, value: Any) -> str:
    """Return an IPv4 literal; the audio engine knows no other addresses."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {value!r}")
    try:
        IPv4Address(value)
    except ValueError as error:
        raise ValueError(f"{name} must be an IPv4 literal, not {value!r}") from error
    return value


def ipv4_or_none(name: str, value: Any) -> str | None:
    """Return an IPv4 literal, or None."""
    return None if value is None else ipv4(name, value)


def path_or_none(name: str, value: Any) -> str | None:
    """Return a path as text, or None."""
    if value is None:
        return None
    path = os.fspath(value) if isinstance(value, str | os.PathLike) else None
    if not isinstance(path, str):
        raise TypeError(f"{name} must be a path, not {value!r}")
    if not path or "\0" in path:
        raise ValueError(f"{name} must be a path, not {value!r}")
    return path


def readable_or_none(name: str, value: Any) -> str | None:
    """Return the path of a file that can be read, or None."""
    path = path_or_none(name, value)
    if path is not None:
        try:
            Path(path).open("rb").close()
        except OSError as error:
            raise ValueError(f"{name} cannot be read: {path}: {str(error.strerror).lower()}") from error
    return path


def file_or_none(name: str, value: Any) -> Path | None:
    """Return a path as an object, or None."""
    path = path_or_none(name, value)
    return None if path is None else Path(path)


def texts(name: str, value: Any, what: str = "texts") -> tuple[str, ...]:
    """Return a sequence of texts, which one text alone is not."""
    given = tuple(value) if isinstance(value, Iterable) and not isinstance(value, str | bytes) else (None,)
    if not all(isinstance(each, str) for each in given):
        raise TypeError(f"{name} must be a sequence of {what}, not {value!r}")
    return given


def mapping(name: str, value: Any) -> dict[Any, Any]:
    """Return a copy of a mapping, empty for None; what it is instead is not told, for there may be passwords in it."""
    try:
        return dict(value or {})
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a mapping, not {type(value).__name__}") from None


def boolean(name: str, value: Any) -> bool:
    """Return True or False, and nothing that only counts as one of them."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be a bool, not {value!r}")
    return value


def boolean_or_none(name: str, value: Any) -> bool | None:
    """Return True, False or None."""
    return None if value is None else boolean(name, value)


def number(name: str, value: Any) -> float:
    """Return a finite number that is not negative."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{name} must not be negative, not {value!r}")
    return value


def seconds(name: str, value: Any) -> float:
    """Return a time that is longer than none and has an end."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be positive seconds, not {value!r}")
    return value


def secret(name: str, value: Any) -> str:
    """Return text that can be sent; it may be a password, so it is never part of an error."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if not value.isprintable():
        raise ValueError(f"{name} has characters that cannot be sent")
    return value


def secret_or_none(name: str, value: Any) -> str | None:
    """Return such text, or None."""
    return None if value is None else secret(name, value)


def instance(name: str, value: Any, kind: type[_Kind]) -> _Kind:
    """Return an object of this kind."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be of the type {kind.__name__}, not {type(value).__name__}")
    return value


def instance_or_none(name: str, value: Any, kind: type[_Kind]) -> _Kind | None:
    """Return an object of this kind, or None."""
    return None if value is None else instance(name, value, kind)


def line(name: str, value: Any) -> str:
    """Return text that can stand in a header."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {value!r}")
    if not value.strip() or _NOT_OF_A_LINE.search(value):
        raise ValueError(f"{name} must be one line of text, not {value!r}")
    return value
