"""What this side can change of a session: how each change begins, and what its end means.

The commands of the application and those that the call gives itself are alike
here: each is one re-INVITE, and this table is all that `queue` and `reoffer`
know of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.protocols.sip.usage.change import anchoring, hold, proposal, refresh, removal, renewal
from sipsimple.protocols.sip.usage.change.upkeep import CloseLines, LeaveCEMA, RefreshSession, RenewStream, UpdateLine
from sipsimple.protocols.sip.usage.events import AddStream, Hold, RemoveStream, StreamMoved, Unhold
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

_BEGIN: dict[type, Callable[[Call, Any], tuple[Call, Outputs]]] = {
    Hold: hold.begin,
    Unhold: hold.begin,
    AddStream: proposal.begin,
    RemoveStream: removal.begin,
    CloseLines: removal.close,
    StreamMoved: renewal.moved,
    RenewStream: renewal.begin,
    UpdateLine: renewal.begin,
    LeaveCEMA: anchoring.begin,
    RefreshSession: refresh.begin,
}

_REFUSED: dict[type, Callable[[Call, Any, str], tuple[Call, Outputs]]] = {
    Hold: hold.refused,
    Unhold: hold.refused,
    AddStream: proposal.refused,
    StreamMoved: renewal.refused,
    RenewStream: renewal.refused,
    UpdateLine: renewal.not_updated,
    LeaveCEMA: anchoring.refused,
    RefreshSession: refresh.refused,
}


def begin(call: Call, command: object) -> tuple[Call, Outputs]:
    """Begin a change; the call has none afterwards when the command was made pointless."""
    return _BEGIN[type(command)](call, command)


def announced(command: object) -> Outputs:
    """Return what is told when the first re-INVITE for it is out."""
    return hold.announced(command) if isinstance(command, Hold | Unhold) else ()


def agreed(call: Call, command: object) -> tuple[Call, Outputs]:
    """Tell of a proposal that the peer answered; the streams speak for any other change."""
    return proposal.agreed(call, command) if isinstance(command, AddStream) else (call, ())


def refused(call: Call, reason: str) -> tuple[Call, Outputs]:
    """Take back what can be taken back of the change that was being made; what was ended stays so."""
    if call.change is None:
        return call, ()
    command = call.change.command
    call = replace(call, change=None)
    undo = _REFUSED.get(type(command))
    return (call, ()) if undo is None else undo(call, command, reason)
