"""The commands that change a session, one after the other: each waits until no INVITE of either side is open.

RFC: 3261 14.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.usage.change import changes, reinvite, reoffer, session_timer
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams import streams
from sipsimple.protocols.sip.usage.streams.stream import Phase
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def put(call: Call, command: object) -> tuple[Call, Outputs]:
    """Have a command wait for its turn, which may be at once."""
    return replace(call, commands=(*call.commands, command)), ()


def put_off(call: Call, command: object) -> tuple[Call, Outputs]:
    """Have a command wait that was given before the proposal on the table was known."""
    return put(call, command)


def go_on(call: Call) -> tuple[Call, Outputs]:
    """Take what waited for its turn: an INVITE of the peer, then the next change of ours; send one that is ready."""
    call, outputs = reinvite.take_up(call)
    while call.change is None and call.commands and _is_free(call):
        command, *others = call.commands
        call, begun = changes.begin(replace(call, commands=tuple(others)), command)
        outputs += begun
    change = call.change
    if change is None or not change.is_due or not _may_send(call):
        return call, outputs
    call, sent = reoffer.send(call, change)
    return call, outputs + sent


def _is_free(call: Call) -> bool:
    if call.state is not State.ESTABLISHED or call.pending is not None or session_timer.is_refreshing(call):
        return False
    return not any(each.phase is Phase.CHANGING for each in call.streams)


def _may_send(call: Call) -> bool:
    is_open = call.state is State.ESTABLISHED or call.state is State.PROPOSING
    return is_open and call.pending is None and streams.all_prepared(call)
