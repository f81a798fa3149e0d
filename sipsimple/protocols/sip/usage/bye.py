"""BYE, sent and received.

RFC: 3261 15.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.protocols.sip.usage import ending, exchange
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.exchange import Outputs


def hang_up(call: Call) -> tuple[Call, Outputs]:
    """Send BYE in the call's dialog."""
    call, dialog, _key, outputs = exchange.request_in_dialog(call, exchange.dialog_of(call), "BYE")
    return replace(call, dialog=dialog), outputs


def terminate(call: Call, _: object) -> tuple[Call, Outputs]:
    """End an established call: BYE goes out, the end is told when it is answered or given up."""
    call, told = ending.begin_to_end(call)
    call, sent = hang_up(call)
    return call, told + sent


def done(call: Call, _: object) -> tuple[Call, Outputs]:
    """End, now that our BYE was answered, or nobody is there to answer it."""
    return ending.finish(call, "local")


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer the peer's BYE and end."""
    call, _response, sent = exchange.respond(call, event.key, event.request, 200)
    originator = "local" if call.state is State.TERMINATING else "remote"
    call, told = ending.finish(call, originator)
    return call, sent + told


def abandon(call: Call, failure: ending.Failure) -> tuple[Call, Outputs]:
    """End an established call because of `failure`: BYE, then the ordinary tail.

    Nobody waits for the answer; the transaction is handed over with the others.
    """
    call, sent = hang_up(call)
    call, told = ending.fail(call, failure)
    return call, sent + told
