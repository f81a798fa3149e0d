"""The options of `Engine.start()` about extensions of SIP, and what they settle for every call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.api import checking
from sipsimple.protocols.sip.usage.policy import Policy

if TYPE_CHECKING:
    from sipsimple.api.engine.options import EngineOptions

_LONGEST = 7 * 24 * 3600


def session_expires(name: str, value: Any) -> int:
    """Return seconds, or 0: no timer is asked for, as None says too."""
    return 0 if value is None else checking.integer(name, value, 0, _LONGEST)


def min_session_expires(name: str, value: Any) -> int:
    """Return seconds of which a third can be waited for."""
    return checking.integer(name, value, 1, _LONGEST)


def policy(options: EngineOptions) -> Policy:
    """Return what all calls of an engine are made with."""
    return Policy(
        options.session_expires,
        options.min_session_expires,
        options.reliable_provisionals,
        options.tolerate_missing_ack,
        options.admission.ringing_seconds,
    )
