"""Going on after a crash: what the call waits for is asked for again, as the crash may have cost the answer.

It may have cost the clock that had just fired, so all of them start anew. Asked
twice, look-ups and streams answer twice, and the second answer changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.usage.change import refresh
from sipsimple.protocols.sip.usage.crash import clocks
from sipsimple.protocols.sip.usage.outputs import Resolve
from sipsimple.protocols.sip.usage.setup import acknowledgement, invite, reliable
from sipsimple.protocols.sip.usage.streams import streams
from sipsimple.protocols.sip.usage.within import exchange, large, rerouting, search

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def calling(call: Call, _: object) -> tuple[Call, Outputs]:
    """Ask for the next hop and for the streams again; or for the answer, where nothing else would bring it again.

    Over a connection the peer sends a final response once, and after a 1xx no
    clock of ours runs: the same INVITE again has its last response repeated.
    """
    pending = invite.pending_of(call)
    if pending.key is not None:
        flow = exchange.flow_of(call)
        again = (Send(pending.request, flow),) if pending.request is not None and flow.reliable else ()
        return call, (*clocks.of(call), *again)
    over = "tcp" if pending.fallback is not None else None
    resolves = () if call.flow is not None else (Resolve(invite.next_hop(call), over, pending.tried),)
    return call, (*clocks.of(call), streams.guard(call), *resolves, *streams.prepares(call))


def incoming(call: Call, _: object) -> tuple[Call, Outputs]:
    """Go on with a reliable provisional response; all else is repeated by the peer, or the application's to say."""
    call, ringing = reliable.resumed(call)
    return call, (*clocks.of(call), *ringing)


def accepting(call: Call, _: object) -> tuple[Call, Outputs]:
    """Ask for the streams again, unless the answer is out."""
    if acknowledgement.waits_for_ack(call):
        call, refreshes = refresh.resumed(call)
        return call, (*clocks.of(call), *refreshes)
    call, ringing = reliable.resumed(call)
    return call, (*clocks.of(call), *ringing, streams.guard(call), *streams.prepares(call))


def established(call: Call, _: object) -> tuple[Call, Outputs]:
    """Ask again for the lines that a change waits for, and for the answer to a re-INVITE as for that to an INVITE."""
    pending = call.pending
    again: Outputs = ()
    if pending is not None and pending.is_ours and pending.request is not None:
        flow = large.way_of(call, pending.key, exchange.flow_of(call))
        is_out = flow.reliable and not search.holds(call, bytes(pending.request))
        again = (Send(pending.request, flow),) if is_out else ()
    prepares = streams.prepares(call)
    if prepares:
        again = (*again, streams.guard(call), *prepares)
    running = clocks.of(call)
    call, ringing = reliable.resumed(call)
    call, refreshes = refresh.resumed(call)
    return call, (*running, *again, *ringing, *refreshes, *rerouting.resumed(call))


def terminating(call: Call, _: object) -> tuple[Call, Outputs]:
    """Wait on for the end; all that may have to be asked for again is the way of the BYE."""
    return call, (*clocks.of(call), *rerouting.resumed(call))
