"""The children of one supervisor in their start order, and what is done to all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sipsimple.actors.runtime.restarts import Restart
from sipsimple.actors.runtime.slot import Slot

if TYPE_CHECKING:
    from sipsimple.actors.runtime.spec import ChildSpec, SupervisorSpec
    from sipsimple.actors.runtime.supervisor import Supervisor

Child: TypeAlias = "Slot | Supervisor"


class Children(dict[str, "Slot | Supervisor"]):
    """Id to child; the order of the dictionary is the start order.

    Attributes:
        significant: How many of them are significant; counted as they come and go, for there may be ten thousand.
    """

    __slots__ = ("significant",)

    def __init__(self) -> None:
        super().__init__()
        self.significant = 0

    def start(self, child: Child, state: Any = None) -> Child:
        """Add `child` as the last one and begin it; it is forgotten when it cannot be made."""
        if child.spec.id not in self:  # else it is begun again
            self.significant += child.spec.significant
        self[child.spec.id] = child
        try:
            child.begin(state)
        except BaseException:
            self.forget(child)
            raise
        return child

    def forget(self, child: Child) -> None:
        """Drop `child`, and leave nothing of it."""
        if self.get(child.spec.id) is child:
            del self[child.spec.id]
            self.significant -= child.spec.significant
        child.close()
        child.let_go()

    def end(self, specs: tuple[ChildSpec | SupervisorSpec, ...], except_for: Child | None = None) -> None:
        """Stop all, last started first, waiting for each; those not in `specs` are forgotten."""
        for child in reversed(tuple(self.values())):
            if child is except_for:
                continue
            child.end("shutdown")
            if not any(child.spec is spec for spec in specs):
                self.forget(child)
            elif isinstance(child, Slot):
                child.close()  # kept: its ref is good again when the supervisor is restarted

    def end_for_restart(self, id_: str) -> None:
        """Stop one that is to be restarted with another; a temporary one is forgotten."""
        child = self.get(id_)
        if child is not None:
            child.end("shutdown")
            if child.spec.restart is Restart.TEMPORARY:
                self.forget(child)

    def cut(self) -> None:
        """End every actor below by force."""
        for child in reversed(self.values()):
            child.cut()

    def freeze(self) -> None:
        """Have none do anything any more."""
        for child in self.values():
            child.freeze()

    def abort(self) -> None:
        """Cut and close all at once, without waiting."""
        for child in reversed(self.values()):
            child.abort()

    def close(self) -> None:
        """Leave nothing of any."""
        for child in self.values():
            child.close()
        self.clear()
        self.significant = 0

    def include(self, current: Any) -> bool:
        """Tell whether the greenlet `current` works for one of them, at any depth."""
        return any(child.owns(current) for child in self.values())
