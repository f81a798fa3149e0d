"""Proposals of streams: ours, from `PROPOSING` to its outcome, and how one of the peer is told.

RFC: 3264 8.1; 3261 14.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sip.usage.call import Call, become, without_stream
from sipsimple.protocols.sip.usage.events import AddStream
from sipsimple.protocols.sip.usage.outputs import Notify, Prepare, StopStream
from sipsimple.protocols.sip.usage.pending import Change
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams import lines, streams
from sipsimple.protocols.sip.usage.streams.stream import Phase, Stream
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

OVERTAKEN = "the peer's proposal came first"
"""Why a proposal of ours is given up that met one of the peer, which got through."""


def begin(call: Call, command: AddStream) -> tuple[Call, Outputs]:
    """Propose a stream: it is prepared first; nothing happens where there is one of its kind."""
    kind = command.kind
    if call.stream(kind) is not None:
        return call, ()
    stream = Stream(kind, lines.NOT_PLACED, Phase.PREPARING)
    call = replace(streams.added(call, (stream,)), change=Change(command))
    call, told = _opened(call, State.PROPOSING, "local", (kind,), ())
    return call, (StopTimer("grace"), *told, Prepare(kind, outgoing=True), streams.guard(call))


def made(call: Call, added: tuple[Stream, ...], refused: tuple[tuple[str, str], ...]) -> tuple[Call, Outputs]:
    """Tell of a proposal of the peer; one of ours that waits for its turn is given up for it."""
    overtaken: Outputs = ()
    if call.state is State.PROPOSING:
        call, overtaken = _refuse(call, OVERTAKEN)
    call = streams.added(call, added)
    kinds = tuple([each.kind for each in added])
    call, told = _opened(call, State.PROPOSED, "remote", kinds, refused)
    return call, overtaken + told


def agreed(call: Call, command: AddStream) -> tuple[Call, Outputs]:
    """Tell what became of our proposal, now that it is answered."""
    if call.runs(command.kind):
        return accepted(call, "local")
    return rejected(call, "local", "the peer refused the stream")


def refused(call: Call, command: AddStream, reason: str) -> tuple[Call, Outputs]:
    """Tell that our proposal came to nothing, and drop what was prepared for it."""
    stops = (StopStream(command.kind, reason=reason),) if call.has(command.kind) else ()
    call, told = rejected(without_stream(call, command.kind), "local", reason)
    return call, (StopTimer("preparing"), *stops, *told)


def _refuse(call: Call, reason: str) -> tuple[Call, Outputs]:
    change = call.change
    if change is None or not isinstance(change.command, AddStream):
        raise AssertionError("a proposal of ours is a change of ours")
    call, told = refused(replace(call, change=None), change.command, reason)
    return call, (StopTimer("retry"), *told)


def accepted(call: Call, proposer: str) -> tuple[Call, Outputs]:
    """Go back to `ESTABLISHED` with the streams that were proposed."""
    call, changed = become(replace(call, proposal=()), State.ESTABLISHED)
    return call, (changed, Notify("SCSessionAcceptedStreamProposal", {"proposer": proposer}))


def rejected(call: Call, proposer: str, reason: str) -> tuple[Call, Outputs]:
    """Go back to `ESTABLISHED` without them."""
    call, changed = become(replace(call, proposal=()), State.ESTABLISHED)
    return call, (changed, Notify("SCSessionRejectedStreamProposal", {"proposer": proposer, "reason": reason}))


def _opened(
    call: Call, state: State, proposer: str, kinds: tuple[str, ...], refused: tuple[tuple[str, str], ...]
) -> tuple[Call, Outputs]:
    call, changed = become(replace(call, proposal=kinds), state)
    data = {
        "proposer": proposer,
        "adds_audio": lines.AUDIO in kinds,
        "adds_chat": lines.CHAT in kinds,
        "files": lines.files(call, kinds),
        "refused_streams": dict(refused),
    }
    return call, (changed, Notify("SCSessionGotStreamProposal", data))
