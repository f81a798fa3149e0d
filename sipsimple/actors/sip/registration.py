"""One registration as an actor.

What it decides lives in `protocols.sip.registration`; this class feeds it and
carries what it asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.actors.runtime import Ref, again, carries, handles
from sipsimple.actors.sip.kept_flows import Keep, LetGo
from sipsimple.actors.sip.requesting import Requesting
from sipsimple.protocols.sip.registration import events
from sipsimple.protocols.sip.registration.state import State
from sipsimple.protocols.sip.registration.step import step, timer_fired

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sipsimple.actors.sip.session import Surroundings
    from sipsimple.protocols.sip.registration import state as core

_GONE = frozenset({State.UNREGISTERED, State.CLOSING, State.UNREGISTERING})


class Registration(Requesting):
    """Carries one registration, as long as it is wanted or something is left of it.

    Args:
        registration: The state to begin with.
        around: What all sessions share.
        flows: Keeps the flow to the registrar.
        notify: Posts a notification of this registration.
        is_wanted: Tells what the application asked for last; a crash may have cost the command.
        ended: Called at the end, with whether there is a command that came too late.
    """

    state: core.Registration
    log_key = "registration"
    step = staticmethod(step)
    timer_fired = staticmethod(timer_fired)

    def __init__(
        self,
        registration: core.Registration,
        around: Surroundings,
        flows: Ref,
        notify: Callable[[str, Mapping[str, Any]], None],
        is_wanted: Callable[[], bool],
        ended: Callable[[bool], None],
    ) -> None:
        super().__init__(registration, around, notify)
        self.flows = flows
        self.is_wanted = is_wanted
        self.ended = ended

    def named(self) -> dict[str, str]:
        """Return what else the log knows it by."""
        return {"call_id": self.state.call_id, "address": self.state.terms.address}

    def started(self) -> None:
        """Be known in the log by the registration's names."""
        self.bind_log()

    def restarted(self) -> None:
        """Go on with the last committed state, towards what is wanted."""
        self.bind_log()
        state = self.state.state
        self.log.warning("registration.restarted", state=state.value)
        is_wanted = self.is_wanted()
        if is_wanted and state is State.UNREGISTERED:
            self.advance(step, events.Register())
            return
        self.advance(step, events.Resumed())
        if is_wanted is (state in _GONE):
            self.advance(step, events.Register() if is_wanted else events.Unregister())

    def stopped(self, _reason: str) -> None:
        """Be forgotten."""
        self.flows.tell(LetGo(self.ref))
        self.around.router.forget(self.state.client.token)
        self.ended(any(isinstance(each, events.Register) for each in self.slot.mailbox.messages()))

    @handles(events.Register)
    @handles(events.Unregister)
    @handles(events.NetworkChanged)
    @handles(events.FlowLost)
    @handles(events.Crashed)
    @handles(events.Abandoned)
    def command(self, event: object) -> None:
        """Take a command, or news of the flow."""
        self.advance(step, event)

    @carries(events.KeepAlive)
    @again
    def keep_alive(self, output: events.KeepAlive) -> None:
        """Have the flow kept open."""
        self.flows.tell(Keep(self.ref, output.flow, output.every))

    @carries(events.Ended)
    @again
    def end(self, _output: events.Ended) -> None:
        """End; unless a crash came between, and it is asked for again."""
        if self.state.state is State.UNREGISTERED:
            self.stop()
