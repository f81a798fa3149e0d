"""The two tables of an actor class: which method handles a message, which carries an output.

They are built when the class is made, so that a contradiction shows at import
and a message costs one dictionary lookup.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])

_HANDLES = "__handles__"
_CARRIES = "__carries__"
_AGAIN = "__again__"


def handles(*message_types: type) -> Callable[[Method], Method]:
    """Mark a method as the one that handles messages of exactly these types.

    Its return value is the answer when the message was asked.
    """
    return _marker(_HANDLES, message_types)


def carries(*output_types: type) -> Callable[[Method], Method]:
    """Mark a method as the one that carries out outputs of exactly these types."""
    return _marker(_CARRIES, output_types)


def again(method: Method) -> Method:
    """Have the next incarnation carry again what this one crashed on; crashed on twice, its supervisor gives up.

    For outputs that must not be lost to a crash.
    """
    setattr(method, _AGAIN, True)
    return method


def is_carried_again(method: Callable[..., Any] | None) -> bool:
    """Tell whether a method is marked with `again`."""
    return hasattr(method, _AGAIN)


def _marker(mark: str, types: tuple[type, ...]) -> Callable[[Method], Method]:
    def decorate(method: Method) -> Method:
        setattr(method, mark, (*getattr(method, mark, ()), *types))
        return method

    return decorate


class Table(dict[type, Callable[..., Any]]):
    """Type to method; a type without a row is an error that names the class."""

    def __init__(self, owner: str, kind: str) -> None:
        super().__init__()
        self._owner = owner
        self._kind = kind

    def __missing__(self, type_: type) -> Callable[..., Any]:
        raise LookupError(f"{self._owner} has no row for {self._kind} {type_.__qualname__}")


def message_table(cls: type) -> Table:
    """Build the table of what `cls` handles, its bases included."""
    return _build(cls, _HANDLES, "message")


def output_table(cls: type) -> Table:
    """Build the table of what `cls` carries, its bases included."""
    return _build(cls, _CARRIES, "output")


def _build(cls: type, mark: str, kind: str) -> Table:
    owners: dict[type, tuple[type, str]] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            for type_ in getattr(value, mark, ()):
                other, other_name = owners.get(type_, (object, ""))
                if other is base or not issubclass(base, other):
                    raise TypeError(f"{cls.__qualname__}: {other_name} and {name} both claim {type_.__qualname__}")
                owners[type_] = (base, name)
    table = Table(cls.__qualname__, kind)
    for type_, (_, name) in owners.items():
        table[type_] = getattr(cls, name)
    return table
