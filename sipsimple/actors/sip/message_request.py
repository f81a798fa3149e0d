"""One request of the application as an actor: MESSAGE, or any other method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.runtime import handles
from sipsimple.actors.sip.asking import Asking
from sipsimple.protocols.sip.single.single import Send, Terminate
from sipsimple.protocols.sip.single.step import step, timer_fired

if TYPE_CHECKING:
    from sipsimple.protocols.sip.single import single as core


class MessageRequest(Asking):
    """Carries one request, from `send()` to its end; see `Asking`."""

    state: core.SingleRequest
    noun = "request"
    step = staticmethod(step)
    timer_fired = staticmethod(timer_fired)

    def named(self) -> dict[str, str]:
        """Return what else the log knows it by."""
        draft = self.state.draft
        return {"method": draft.method, "call_id": draft.call_id, "remote": draft.remote}

    @handles(Send)
    @handles(Terminate)
    def command(self, event: object) -> None:
        """Take a command."""
        self.advance(step, event)
