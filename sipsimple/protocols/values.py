"""What every core is made of: values, which are replaced on each step and never changed.

They are structs of `msgspec`, which are made and copied in C: making one takes a
fourteenth of the time of a frozen dataclass of as many fields, `replace` an eighth.
A value that has something derived, or a field that is not compared, is a frozen
dataclass, and is copied by `dataclasses.replace`.

A value is made of values, so it is never part of a cycle, and the garbage
collector does not look at it. One that holds what may lead back to it, such as
an actor's `Ref` or an error with its traceback, says so: `class Kept(Value, gc=True)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

from msgspec import Struct

if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True)
    class Value:
        """A value; equal to another of its class with equal fields."""

        __dataclass_fields__: ClassVar[dict[str, Any]]
        __struct_fields__: ClassVar[tuple[str, ...]]

        def __init_subclass__(cls, *, gc: bool = False) -> None: ...

else:

    class Value(Struct, frozen=True, gc=False):
        """A value; equal to another of its class with equal fields."""


class Discreet(Value):
    """A value with fields that are not to be printed: secrets, and what people said or sent.

    Attributes:
        HIDDEN: Their names.
    """

    HIDDEN: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        """Return what may be printed."""
        shown = [name for name in self.__struct_fields__ if name not in self.HIDDEN]
        return f"{type(self).__name__}({', '.join([f'{name}={getattr(self, name)!r}' for name in shown])})"


if TYPE_CHECKING:
    from dataclasses import replace as replace  # so that arguments are checked as those of the class
else:
    from msgspec.structs import replace as replace
