"""The one way into a publication: what happens goes through the table.

RFC: 3903 4.
"""

from __future__ import annotations

from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.publication.answers import stimulus_of
from sipsimple.protocols.sip.publication.publication import Document, Publication
from sipsimple.protocols.sip.publication.state import TIMERS, Stimulus
from sipsimple.protocols.sip.publication.table import TRANSITIONS
from sipsimple.protocols.sip.usage.events import Resumed
from sipsimple.protocols.sip.way_in import WayIn
from sipsimple.protocols.values import Value


class Unpublish(Value):
    """Remove what is published, and end."""


_COMMANDS: dict[type, Stimulus] = {
    Document: Stimulus.PUBLISH,
    Unpublish: Stimulus.UNPUBLISH,
    requesting.NetworkChanged: Stimulus.MOVED,
    Resumed: Stimulus.RESUMED,
}

WAY: WayIn[Publication] = WayIn(TRANSITIONS, _COMMANDS, TIMERS, stimulus_of)

step = WAY.step
"""Take a document, another command, or news of the request that is under way."""
timer_fired = WAY.timer_fired
"""Take a timer: one of the publication's own by its word, one of a transaction by (key, name)."""
