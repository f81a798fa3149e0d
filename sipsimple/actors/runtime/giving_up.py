"""What a supervisor that gives up makes known of the child that was too much for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.runtime.exits import GivenUp
from sipsimple.actors.runtime.log import error_text, log_trouble
from sipsimple.actors.runtime.slot import Slot
from sipsimple.actors.runtime.worker import give_first_turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime.children import Child
    from sipsimple.actors.runtime.supervisor import Supervisor


def report_of(supervisor: Supervisor, child: Child, error: BaseException) -> GivenUp:
    """Say what is left of `child`; to be asked before the child is closed."""
    if not isinstance(child, Slot):
        return GivenUp(supervisor.spec.id, child.spec.id, error)
    return GivenUp(
        supervisor=supervisor.spec.id,
        child=child.spec.id,
        error=error,
        state=child.state,
        mailbox=child.mailbox.messages(),
        crashed_on=child.crashed_on,
        outbox=tuple(child.outbox or ()),
    )


def tell(supervisor: Supervisor, callback: Callable[[GivenUp], None] | None, report: GivenUp) -> None:
    """Call `callback` in a greenlet of its own; its faults are only logged."""
    if callback is None:
        return

    def call() -> None:
        try:
            callback(report)
        except Exception as error:  # noqa: BLE001 - others' code; the end of this supervisor goes on
            log_trouble("supervisor.callback_failed", supervisor=supervisor.name, error=error_text(error))

    give_first_turn(supervisor.system.hub, call)
