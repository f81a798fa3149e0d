"""An INVITE whose sender does not acknowledge what was sent reliably: it is refused after 64*T1.

RFC: 3262 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.usage.change import reinvite
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.setup import answer, reliable

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

_WHY = "no PRACK came for the provisional response"


def of_call(call: Call, _: object) -> tuple[Call, Outputs]:
    """Fail: the caller was not heard of again."""
    return answer.give_up(call, Failure.local(504, _WHY)) if reliable.is_awaited(call) else (call, ())


def of_proposal(call: Call, _: object) -> tuple[Call, Outputs]:
    """Refuse the proposal; the session goes on as it was."""
    return reinvite.refuse(call, 504, _WHY) if reliable.is_awaited(call) else (call, ())
