"""What becomes of the requests of ours inside the dialog that are neither INVITE nor BYE: by method.

RFC: 3261 12.2.1.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.protocols.sip.usage.change import refresh
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.sip.usage.refer import reports, transfer
from sipsimple.protocols.sip.usage.setup import prack
from sipsimple.protocols.sip.usage.within import info

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.protocols.sip.transaction.outputs import ResponseReceived, TransactionEnded
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

Taker = tuple["Callable[[Call, Any], tuple[Call, Outputs]]", "Callable[[Call, Any], tuple[Call, Outputs]]"]

TAKERS: dict[str, Taker] = {
    "REFER": (transfer.answered, transfer.lost),
    "NOTIFY": (reports.answered, reports.lost),
    "INFO": (info.answered, info.lost),
    "UPDATE": (refresh.answered, refresh.lost),
    "PRACK": (prack.answered, prack.lost),
}
"""By method: who takes the final response, and who takes that none came."""


def answered(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Take a final response."""
    return TAKERS[event.key[-1]][0](call, event)


def lost(call: Call, event: TransactionEnded) -> tuple[Call, Outputs]:
    """Take that there will be none."""
    call, outputs = TAKERS[event.key[-1]][1](call, event)
    return call, (Note("transaction.failed", {"method": event.key[-1], "why": event.why}), *outputs)
