"""The application's decision on a proposal of the peer.

RFC: 3261 14.2; 3264 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.usage.change import reinvite
from sipsimple.protocols.sip.usage.streams.stream import Phase
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.events import AcceptProposal, RejectProposal
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def accept(call: Call, command: AcceptProposal) -> tuple[Call, Outputs]:
    """Prepare the accepted streams; the 200 waits for them. Accepted twice is accepted.

    Raises:
        LocalProtocolError: Nothing is accepted, or a stream that was not proposed.
    """
    proposed = tuple([each.kind for each in call.streams if each.phase is Phase.PROPOSED])
    if not proposed:
        return call, ()
    kinds = proposed if command.kinds is None else command.kinds
    if not kinds or not set(kinds) <= set(proposed):
        raise LocalProtocolError(f"accepted {kinds}, proposed {proposed}")
    chosen = [
        replace(each, phase=Phase.PREPARING) if each.phase is Phase.PROPOSED else each
        for each in call.streams
        if each.phase is not Phase.PROPOSED or each.kind in kinds
    ]
    return reinvite.proceed(replace(call, streams=tuple(chosen)), command.password)


def reject(call: Call, command: RejectProposal) -> tuple[Call, Outputs]:
    """Refuse the proposal; what was prepared for it already is dropped."""
    return reinvite.refuse(call, command.code, command.reason)
