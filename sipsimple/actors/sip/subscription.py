"""One subscription as an actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.runtime import handles
from sipsimple.actors.sip.asking import Answering
from sipsimple.protocols.sip.requesting import NetworkChanged
from sipsimple.protocols.sip.subscription.step import (
    Subscribe,
    Unsubscribe,
    request_arrived,
    step,
    timer_fired,
)

if TYPE_CHECKING:
    from sipsimple.protocols.sip.subscription import subscription as core


class Subscription(Answering):
    """Carries one subscription, from `subscribe()` to its end; see `Answering`."""

    state: core.Subscription
    noun = "subscription"
    step = staticmethod(step)
    timer_fired = staticmethod(timer_fired)
    request_arrived = staticmethod(request_arrived)

    def named(self) -> dict[str, str]:
        """Return what else the log knows it by."""
        terms = self.state.terms
        return {"package": str(terms.event), "local": terms.local, "remote": terms.remote}

    @handles(Subscribe)
    @handles(Unsubscribe)
    @handles(NetworkChanged)
    def command(self, event: object) -> None:
        """Take a command, or news of the network."""
        self.advance(step, event)
