"""Telling an actor something from any thread, and learning when it comes too late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.api import native

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime import Ref


def tell_or(ref: Ref, message: Any, when_refused: Callable[[], None]) -> None:
    """Tell `ref`; call `when_refused` if it has ended when the message gets there, on the hub if that runs."""

    def tell() -> None:
        if not ref.tell(message):
            when_refused()

    system = ref.system
    if native.thread_id() == system.thread:
        tell()
    elif not system.post(tell):
        when_refused()


def insist(ref: Ref, message: Any) -> None:
    """Tell `ref` past the limit of its mailbox: for what begins or ends an actor that is in a flood."""
    system = ref.system
    if native.thread_id() == system.thread:
        ref.insist(message)
    elif ref.is_alive:
        system.post(ref.insist, message)
