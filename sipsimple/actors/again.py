"""Outputs that must not be lost to a crash."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Actor

Row = TypeVar("Row", bound=Callable[..., None])


def again(row: Row) -> Row:
    """Have the next incarnation carry again what this one crashed on; crashed on twice, its supervisor gives up."""

    @wraps(row)
    def carry(self: Actor, output: Any) -> None:
        try:
            row(self, output)
        except BaseException:
            if self.slot.outbox is not None:
                self.slot.outbox.appendleft(output)
            raise

    return cast("Row", carry)
