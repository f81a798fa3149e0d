"""One stream of a call as a value: how far it has come, and its lines that are not agreed yet."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sdp.message_media import MessageMedia


class Phase(Enum):
    """How far a stream has come."""

    PROPOSED = auto()
    PREPARING = auto()
    PREPARED = auto()
    RUNNING = auto()
    CHANGING = auto()
    CHANGED = auto()


OPEN = (Phase.PROPOSED, Phase.PREPARING, Phase.CHANGING)
"""The phases in which something has to be said or made before the stream's line is known."""

RUNNING = (Phase.RUNNING, Phase.CHANGING, Phase.CHANGED)
"""The phases of a stream that was agreed on."""


class Stream(Value):
    """One stream of the call and the index of its m-line.

    A stream that runs changes when it gets a new line: it is CHANGING while the
    line is made, CHANGED until it is agreed.

    Attributes:
        kind: Names the stream: `audio`, `chat`, `file-1`.
        index: Of its m-line.
        phase: How far it has come.
        media: Our line that is not agreed yet.
        remote: The peer's line that is not agreed yet, or not brought to the stream.
    """

    kind: str
    index: int
    phase: Phase
    media: Media | None = None
    remote: Media | MessageMedia | None = None
