"""What the transports tell an actor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.errors import TransportFailed


@dataclass(frozen=True, slots=True)
class SendFailed:
    """What `Transports.send` was given with this token did not leave, or its connection broke first."""

    token: Hashable
    error: TransportFailed
