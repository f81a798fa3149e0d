"""Receiving a file over MSRP: RFC 4975 section 7.3, RFC 5547 section 8, and FILE_OFFSET of the SDK.

What comes goes straight to the disk, in whatever order and in chunks of whatever size: see `Framer.streams`. When all
is there the file is checked, and only then the sender is told of success.

Every function takes a transfer and returns its next value and the outputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.msrp import incoming
from sipsimple.protocols.msrp.message import Part
from sipsimple.protocols.msrp.ranges import covered
from sipsimple.protocols.msrp.transfer import incoming as do
from sipsimple.protocols.msrp.transfer.machine import (
    Follow,
    Table,
    advance,
    agreed,
    binding_rows,
    end,
    keep_alive,
    make_terms,
    refuse,
    stimulus_of_timer,
    stimulus_while_binding,
)
from sipsimple.protocols.msrp.transfer.state import Receiving, State, Stimulus
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from sipsimple.protocols.msrp.message import MSRPData
    from sipsimple.protocols.msrp.uri import URI

Step = do.Step


def create(local_path: Sequence[URI | str], seed: str, accept_types: Sequence[str] = ("*",)) -> Receiving:
    """Make a transfer whose local side is known, and no more: see `session.create` for the arguments.

    Raises:
        LocalProtocolError: An argument cannot be used.
    """
    return Receiving(make_terms(local_path, seed, accept_types))


def start(
    transfer: Receiving,
    remote_path: Sequence[URI | str],
    active: bool,
    size: int | None = None,
    held: int = 0,
    begun: int = 0,
) -> Step:
    """Begin with what the peer's line says; `connected` is expected within 30 s.

    Args:
        transfer: An idle one.
        remote_path: As in the peer's `a=path`.
        active: This side connects.
        size: Bytes of the file, None when the peer did not say.
        held: Bytes of its beginning that an earlier attempt left.
        begun: Where in the file the transfer begins, by a file-range that was agreed on.

    Raises:
        SessionStateError: It was begun before.
        LocalProtocolError: The path is empty, or the file is smaller than what there is of it.
    """
    if not 0 <= begun <= held or (size is not None and held > size):
        raise LocalProtocolError(f"cannot go on from {begun} with {held} of {size} bytes")
    ranges = ((1, held),) if held else ()
    transfer = replace(agreed(transfer, remote_path, active), size=size, begun=begun, ranges=ranges)
    return _step(transfer, Stimulus.START)


def connected(transfer: Receiving) -> Step:
    """The connection is up."""
    return _step(transfer, Stimulus.CONNECTED)


def receive(transfer: Receiving, message: MSRPData) -> Step:
    """Take one request, `Part` or response from the framer."""
    return _step(transfer, _stimulus(transfer, message), message)


def verified(transfer: Receiving, failure: str | None = None) -> Step:
    """The file is in its place, or it is not what was announced, for the reason `failure`."""
    return _step(transfer, Stimulus.NOT_VERIFIED if failure else Stimulus.VERIFIED, failure)


def disk_failed(transfer: Receiving, reason: str) -> Step:
    """The file cannot be written."""
    return _step(transfer, Stimulus.DISK_FAILED, reason)


def timer_fired(transfer: Receiving, name: Hashable) -> Step:
    """A timer that was asked for has fired; a late one changes nothing."""
    stimulus = stimulus_of_timer(name)
    if stimulus is Stimulus.SILENCE_TIMEOUT and not transfer.is_heard:
        stimulus = Stimulus.PEER_SILENT
    return _step(transfer, stimulus) if stimulus else (transfer, ())


def connection_lost(transfer: Receiving, clean: bool, reason: str = "") -> Step:
    """The connection was closed by the peer (`clean`), broke, or could not be made."""
    stimulus = Stimulus.CONNECTION_CLOSED if clean else Stimulus.CONNECTION_BROKEN
    return _step(transfer, stimulus, reason or ("connection closed by the peer" if clean else "connection lost"))


def stop(transfer: Receiving, reason: str = "stopped by this side") -> Step:
    """End the transfer; the peer is told to send no more. A file that is all there is still checked first."""
    return _step(transfer, Stimulus.STOP, reason)


# What is met


def _stimulus(transfer: Receiving, message: MSRPData) -> Stimulus:
    if message.method is None:
        return stimulus_while_binding(transfer, message) or Stimulus.RESPONSE_STRAY
    if isinstance(message, Part) and message.offset:
        return _of_rest(transfer, message)
    if message.method == do.FILE_OFFSET and incoming.belongs(transfer.terms, message):
        return Stimulus.OFFSET_ASKED
    if incoming.refusal(transfer.terms, message) is not None:
        return Stimulus.REQUEST_REFUSED
    if message.method == "REPORT":
        return Stimulus.REPORT_STRAY
    if "Content-Type" not in message.fields and not message.data:
        return Stimulus.EMPTY_RECEIVED
    return _of_content(transfer, message)


def _of_rest(transfer: Receiving, part: Part) -> Stimulus:
    """What the further pieces of a chunk mean: what its first piece meant."""
    current = transfer.current
    if current is None or current.transaction_id != part.transaction_id:
        return Stimulus.CONTENT_STRAY
    return _of_bytes(transfer, part)


def _of_content(transfer: Receiving, message: MSRPData) -> Stimulus:
    if do.refusal(transfer, message) is not None:
        return Stimulus.CONTENT_REFUSED
    return _of_bytes(transfer, message)


def _of_bytes(transfer: Receiving, message: MSRPData) -> Stimulus:
    if do.excess(transfer, message) is not None:
        return Stimulus.CONTENT_EXCESSIVE
    return Stimulus.CONTENT_ABORTED if message.contflag == "#" else Stimulus.CONTENT_RECEIVED


def _all_received(transfer: Receiving) -> Stimulus | None:
    """Everything has come, and the chunk that brought the last of it is answered."""
    if transfer.current is not None or transfer.size is None or transfer.last is None:
        return None
    return Stimulus.ALL_RECEIVED if covered(transfer.ranges) == transfer.size else None


_BEGINNING = binding_rows((State.RECEIVING, do.begin), do.fail, end)

TRANSITIONS: Table = {
    **_BEGINNING,
    State.BINDING: {
        **_BEGINNING[State.BINDING],
        Stimulus.EMPTY_RECEIVED: (State.RECEIVING, do.begin_after(keep_alive)),
        Stimulus.CONTENT_RECEIVED: (State.RECEIVING, do.begin_after(do.take_content)),
        Stimulus.OFFSET_ASKED: (State.RECEIVING, do.begin_after(do.tell_offset)),
        Stimulus.CONTENT_REFUSED: (State.BINDING, do.refuse_content),
        Stimulus.CONTENT_EXCESSIVE: (State.CLOSING, do.fail_excessive),
        Stimulus.CONTENT_ABORTED: (State.CLOSED, do.fail_aborted),
    },
    State.RECEIVING: {
        Stimulus.CONTENT_RECEIVED: (State.RECEIVING, do.take_content),
        Stimulus.CONTENT_REFUSED: (State.RECEIVING, do.refuse_content),
        Stimulus.CONTENT_EXCESSIVE: (State.CLOSING, do.fail_excessive),
        Stimulus.CONTENT_ABORTED: (State.CLOSED, do.fail_aborted),
        Stimulus.EMPTY_RECEIVED: (State.RECEIVING, keep_alive),
        Stimulus.OFFSET_ASKED: (State.RECEIVING, do.tell_offset),
        Stimulus.REQUEST_REFUSED: (State.RECEIVING, refuse),
        Stimulus.PEER_SILENT: (State.CLOSED, do.fail_silent),
        Stimulus.SILENCE_TIMEOUT: (State.RECEIVING, do.watch),
        Stimulus.GAP_TIMEOUT: (State.CLOSED, do.fail_incomplete),
        Stimulus.PROGRESS_TIMEOUT: (State.RECEIVING, do.progress),
        Stimulus.ALL_RECEIVED: (State.VERIFYING, do.verify),
        Stimulus.CONNECTION_CLOSED: (State.CLOSED, do.fail("receiving")),
        Stimulus.CONNECTION_BROKEN: (State.CLOSED, do.fail("receiving")),
        Stimulus.DISK_FAILED: (State.CLOSING, do.fail_disk),
        Stimulus.STOP: (State.CLOSING, do.stop_receiving),
    },
    State.VERIFYING: {
        Stimulus.VERIFIED: (State.FINISHED, do.finish),
        Stimulus.NOT_VERIFIED: (State.CLOSED, do.fail_verification),
        Stimulus.DISK_FAILED: (State.CLOSING, do.fail_disk),
        Stimulus.EMPTY_RECEIVED: (State.VERIFYING, keep_alive),
        Stimulus.CONTENT_RECEIVED: (State.VERIFYING, do.answer_repeated),
        Stimulus.CONTENT_REFUSED: (State.VERIFYING, do.refuse_content),
        Stimulus.REQUEST_REFUSED: (State.VERIFYING, refuse),
        Stimulus.CONNECTION_CLOSED: (State.VERIFYING, do.note_gone),
        Stimulus.CONNECTION_BROKEN: (State.VERIFYING, do.note_gone),
        Stimulus.STOP: (State.VERIFYING, do.note_gone),
    },
    State.FINISHED: {
        Stimulus.PEER_GONE: (State.CLOSED, end),
        Stimulus.EMPTY_RECEIVED: (State.FINISHED, keep_alive),
        Stimulus.CONTENT_RECEIVED: (State.FINISHED, do.answer_repeated),
        Stimulus.CONTENT_REFUSED: (State.FINISHED, do.refuse_content),
        Stimulus.REQUEST_REFUSED: (State.FINISHED, refuse),
        Stimulus.LINGER_TIMEOUT: (State.CLOSED, end),
        Stimulus.CONNECTION_CLOSED: (State.CLOSED, end),
        Stimulus.CONNECTION_BROKEN: (State.CLOSED, end),
        Stimulus.STOP: (State.CLOSED, end),
    },
    State.CLOSING: {
        Stimulus.PEER_GONE: (State.CLOSED, end),
        Stimulus.EMPTY_RECEIVED: (State.CLOSING, keep_alive),
        Stimulus.REQUEST_REFUSED: (State.CLOSING, refuse),
        Stimulus.LINGER_TIMEOUT: (State.CLOSED, end),
        Stimulus.CONNECTION_CLOSED: (State.CLOSED, end),
        Stimulus.CONNECTION_BROKEN: (State.CLOSED, end),
    },
    State.CLOSED: {},
}

_FOLLOW: dict[State, Follow] = {
    State.RECEIVING: _all_received,
    State.FINISHED: lambda transfer: Stimulus.PEER_GONE if transfer.is_gone else None,
    State.CLOSING: lambda transfer: Stimulus.PEER_GONE if transfer.is_gone else None,
}


def _step(transfer: Receiving, stimulus: Stimulus, detail: object = None) -> Step:
    return advance(transfer, stimulus, detail, TRANSITIONS, _FOLLOW)
