"""One subscription that was made here, as an actor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.actors.runtime import handles
from sipsimple.actors.sip.asking import Answering
from sipsimple.protocols.sip.notifier.notifier import Accept, Document, Reject, Terminate
from sipsimple.protocols.sip.notifier.step import Begin, request_arrived, step, timer_fired
from sipsimple.protocols.sip.requesting import NetworkChanged
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sipsimple.protocols.sip.notifier import notifier as core


class Notifier(Answering):
    """Carries one subscription that was made here, from the SUBSCRIBE to its end; see `Answering`."""

    state: core.Notifier
    noun = "notifier"
    step = staticmethod(step)
    timer_fired = staticmethod(timer_fired)
    request_arrived = staticmethod(request_arrived)

    def named(self) -> dict[str, str]:
        """Return what else the log knows it by."""
        dialog = self.state.dialog
        return {"package": str(self.state.event), "call_id": dialog.call_id, "remote": dialog.remote}

    def advance(self, step: Callable[..., tuple[Any, Iterable[Any]]], *stimulus: Any) -> None:
        """Advance; the core is told the time, as it says how much is left."""
        now = self.clock.now()
        super().advance(lambda state, *each: step(replace(state, now=now), *each), *stimulus)

    @handles(Begin)
    @handles(Accept)
    @handles(Reject)
    @handles(Document)
    @handles(Terminate)
    @handles(NetworkChanged)
    def command(self, event: object) -> None:
        """Take a command, or news of the network."""
        self.advance(step, event)
