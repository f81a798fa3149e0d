"""Hold, ours and the peer's: the flags, who is muted, and what is told.

A hold of ours is told when its re-INVITE goes out; one that is refused is taken
back with the opposite notification. A hold of the peer is seen in an audio
line: this side may no longer send.

RFC: 3264 8.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.usage.events import Hold, Unhold
from sipsimple.protocols.sip.usage.outputs import HoldStream, Notify
from sipsimple.protocols.sip.usage.pending import Change
from sipsimple.protocols.sip.usage.streams.lines import is_audible
from sipsimple.protocols.sip.usage.streams.stream import RUNNING
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

_TOLD = {True: "SCSessionGotHoldRequest", False: "SCSessionGotUnholdRequest"}


def begin(call: Call, command: Hold | Unhold) -> tuple[Call, Outputs]:
    """Mute the streams, or let them be heard, before the peer is told; nothing where it is so already."""
    is_held = isinstance(command, Hold)
    if call.held_by_local is is_held:
        return call, ()
    held = replace(call, held_by_local=is_held, change=Change(command))
    return held, _muted(call, held)


def announced(command: Hold | Unhold) -> Outputs:
    """Tell of it, now that the re-INVITE is out."""
    return (Notify(_TOLD[isinstance(command, Hold)], {"originator": "local"}),)


def refused(call: Call, command: Hold | Unhold, _reason: str) -> tuple[Call, Outputs]:
    """Take it back."""
    was_held = not isinstance(command, Hold)
    back = replace(call, held_by_local=was_held)
    return back, (*_muted(call, back), Notify(_TOLD[was_held], {"originator": "local"}))


def noticed(call: Call, is_held: bool, started: tuple[str, ...] = ()) -> tuple[Call, Outputs]:
    """Note what the descriptions say of the peer's hold; what was just `started` on hold is muted."""
    if call.held_by_remote is is_held:
        return call, _muted(call, call, started) if call.on_hold else ()
    after = replace(call, held_by_remote=is_held)
    return after, (*_muted(call, after, started), Notify(_TOLD[is_held], {"originator": "remote"}))


def _muted(before: Call, after: Call, started: tuple[str, ...] = ()) -> Outputs:
    is_held = after.on_hold
    if is_held == before.on_hold and not (started and is_held):
        return ()
    changed = is_held != before.on_hold
    running = [each.kind for each in after.streams if each.phase in RUNNING and is_audible(each.kind)]
    return tuple([HoldStream(kind, is_held) for kind in running if (is_held if kind in started else changed)])
