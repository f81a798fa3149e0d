"""That other streams run in a session than before, whoever added or ended one.

Added streams are told of by the answer to their proposal, a chat tells its own
end; of audio that the peer ends nothing else would be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.usage.outputs import Notify
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams import lines
from sipsimple.protocols.sip.usage.streams.stream import RUNNING

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

_IN_SESSION = frozenset({State.ESTABLISHED, State.PROPOSING, State.PROPOSED})


def told(before: Call, after: Call) -> Outputs:
    """Return what is to be told of the step from one to the other; nothing of a session that begins or ends."""
    if before.state not in _IN_SESSION or after.state not in _IN_SESSION:
        return ()
    now = _running(after)
    return () if now == _running(before) else (Notify("SCSessionGotStreamUpdate", {"streams": now}),)


def _running(call: Call) -> list[str]:
    """Return the kinds of what runs; a file tells all of itself."""
    return sorted([each.kind for each in call.streams if each.phase in RUNNING and not lines.is_file(each.kind)])
