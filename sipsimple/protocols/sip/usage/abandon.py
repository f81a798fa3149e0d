"""The last rites: a call whose actor cannot go on ends in the ordinary way.

What is sent depends on how far the call has come: nothing, CANCEL, 500 or BYE.
What is told is always the same: `SCSessionDidFail(local, 0, reason)`, `SCSessionDidEnd`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.usage import answer, bye, cancel, ending
from sipsimple.protocols.sip.usage.ending import Failure

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.events import Abandoned
    from sipsimple.protocols.sip.usage.exchange import Outputs


def calling(call: Call, event: Abandoned) -> tuple[Call, Outputs]:
    """Cancel what may be cancelled."""
    sent: Outputs = ()
    if call.pending is not None and call.pending.provisional:
        call, sent = cancel.send(call)
    call, told = ending.fail(call, _failure(event))
    return call, sent + told


def unanswered(call: Call, event: Abandoned) -> tuple[Call, Outputs]:
    """Answer 500, or BYE when the 200 is out."""
    if call.pending is not None and call.pending.success is not None:
        return bye.abandon(call, _failure(event))
    return answer.refuse(call, 500, _failure(event))


def established(call: Call, event: Abandoned) -> tuple[Call, Outputs]:
    """Send BYE."""
    return bye.abandon(call, _failure(event))


def ending_already(call: Call, event: Abandoned) -> tuple[Call, Outputs]:
    """Leave what was sent to its transactions; only the end remains to be told."""
    return ending.fail(call, _failure(event))


def _failure(event: Abandoned) -> Failure:
    return Failure.local(0, event.reason)
