"""One publication as an actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.runtime import handles
from sipsimple.actors.sip.asking import Asking
from sipsimple.protocols.sip.publication.publication import Document
from sipsimple.protocols.sip.publication.step import Unpublish, step, timer_fired
from sipsimple.protocols.sip.requesting import NetworkChanged

if TYPE_CHECKING:
    from sipsimple.protocols.sip.publication import publication as core


class Publication(Asking):
    """Carries one publication, from its first document to its end; see `Asking`."""

    state: core.Publication
    noun = "publication"
    step = staticmethod(step)
    timer_fired = staticmethod(timer_fired)

    def named(self) -> dict[str, str]:
        """Return what else the log knows it by."""
        terms = self.state.terms
        return {"package": str(terms.event), "address": terms.address, "call_id": self.state.call_id}

    @handles(Document)
    @handles(Unpublish)
    @handles(NetworkChanged)
    def command(self, event: object) -> None:
        """Take a command, or news of the network."""
        self.advance(step, event)
