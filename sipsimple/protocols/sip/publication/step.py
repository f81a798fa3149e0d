"""The one way into a publication: what happens goes through the table.

RFC: 3903 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.publication.answers import stimulus_of
from sipsimple.protocols.sip.publication.publication import Document, Outputs, Publication
from sipsimple.protocols.sip.publication.state import TIMERS, State, Stimulus
from sipsimple.protocols.sip.publication.table import TRANSITIONS
from sipsimple.protocols.sip.usage.events import Resumed
from sipsimple.protocols.tables import advance
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.protocols.sip.request.outputs import Outcome
    from sipsimple.protocols.sip.transaction.layer import TimerName

Step: TypeAlias = tuple[Publication, Outputs]


class Unpublish(Value):
    """Remove what is published, and end."""


_COMMANDS: dict[type, Stimulus] = {
    Document: Stimulus.PUBLISH,
    Unpublish: Stimulus.UNPUBLISH,
    requesting.NetworkChanged: Stimulus.MOVED,
    Resumed: Stimulus.RESUMED,
}


def step(publication: Publication, event: object) -> Step:
    """Take a document, another command, or news of the request that is under way."""
    if publication.state is State.OVER:
        return publication, ()
    stimulus = _COMMANDS.get(type(event))
    if stimulus is not None:
        return take(publication, stimulus, event)
    return requesting.heard(publication, event, _answered)


def timer_fired(publication: Publication, name: Hashable) -> Step:
    """Take a timer: one of the publication's own by its word, one of a transaction by (key, name)."""
    if isinstance(name, str):
        return take(publication, TIMERS[name], None)
    if publication.state is State.OVER:
        return publication, ()
    return requesting.timer_fired(publication, cast("TimerName", name), _answered)


def take(publication: Publication, stimulus: Stimulus, event: object) -> Step:
    """Advance by the table's row; a stimulus without a row changes nothing."""
    return advance(TRANSITIONS, publication, stimulus, event)


def _answered(publication: Publication, outcome: Outcome) -> Step:
    return take(publication, stimulus_of(outcome), outcome)
