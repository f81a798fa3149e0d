"""The last rites: a call whose actor cannot go on ends in the ordinary way.

What is sent depends on how far the call has come: nothing, CANCEL, 500 or BYE.
What is told is `SCSessionDidFail(local, 0, reason)`, `SCSessionDidEnd`: at once
where nothing has to be waited for, and at once in any case when a call that is
ending already is abandoned. One that ends at the application's request has not
failed, whatever becomes of its last message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.usage.ending import bye, ending
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.setup import acknowledgement, answer, cancel
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.events import Abandoned
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def calling(call: Call, event: Abandoned) -> tuple[Call, Outputs]:
    """Cancel what was sent, and wait for its final response as long as the RFC says."""
    return _with_clocks(call, cancel.abandon(call, Failure.local(0, event.reason)))


def unanswered(call: Call, event: Abandoned) -> tuple[Call, Outputs]:
    """Answer 500, or send BYE after the ACK when the 200 is out."""
    return _with_clocks(call, answer.give_up(call, Failure.local(0, event.reason)))


def established(call: Call, event: Abandoned) -> tuple[Call, Outputs]:
    """Send BYE; an INVITE of the peer that is open gets 487."""
    return bye.abandon(call, Failure.local(0, event.reason))


def ending_already(call: Call, _: Abandoned) -> tuple[Call, Outputs]:
    """End now, leaving what was sent to its transactions.

    A BYE that waits for an ACK is sent without it: this is its last chance,
    and better for the peer than to be left with a session that is gone.
    """
    if acknowledgement.waits_for_ack(call):
        call, outputs = bye.hang_up(call)
    else:
        call, outputs = ending.forget_invite(call)
    call, told = ending.finish(call, "local")
    return call, outputs + told


def _with_clocks(before: Call, step: tuple[Call, Outputs]) -> tuple[Call, Outputs]:
    """Start the clocks of what is waited for: the actor that had them may be gone, and its timers with it."""
    call, outputs = step
    if call.state is State.TERMINATED:
        return step
    resends = acknowledgement.resend_timers(call) if acknowledgement.waits_for_ack(call) else ()
    return call, (*layer.timers(before.transactions), *resends, *outputs)
