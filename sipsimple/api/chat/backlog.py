"""How much a chat may have told that no observer has heard yet: beyond that its peer has to wait.

An observer may wait as long as it likes, a person's answer among it; what comes meanwhile would fill the memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipsimple.api.notification.delivery import Item

MOST_NOTIFICATIONS = 2_000
MOST_BYTES = 64 * 1024 * 1024


def is_too_much(waiting: Sequence[Item]) -> bool:
    """Tell whether so many notifications wait, or so much content."""
    if len(waiting) > MOST_NOTIFICATIONS:
        return True
    return sum([len(data.content) for name, _, data in waiting if name == "MSRPChatGotMessage"]) > MOST_BYTES
