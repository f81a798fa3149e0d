"""Putting a message together from its chunks, in whatever order they come. RFC 4975 sections 5.1 and 7.3.

Bytes that came once are not replaced. The cost of a message whose chunks come in order is proportional to its
size times a logarithm, however small they are; what comes out of order, and what this side holds, is bounded.
"""

from __future__ import annotations

from bisect import bisect_left

from immutables import Map

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.values import Discreet, Value, replace

MAX_MESSAGES = 32
MAX_JUMPS = 256


class Piece(Discreet):
    """Consecutive bytes `start` up to but not including `end`; as few blocks as appending cheaply allows."""

    HIDDEN = ("blocks",)

    start: int
    end: int
    blocks: tuple[bytes, ...]


class Partial(Value):
    """A message of which some chunks have come: pieces in order, with gaps between them."""

    pieces: tuple[Piece, ...] = ()
    held: int = 0
    size: int | None = None  # known when the chunk with the last byte has come
    jumps: int = 0  # chunks that did not continue where the last bytes ended; each may cost a copy of the message
    refused: bool = False


class Reassembly(Value):
    """The incomplete messages of one session by Message-ID.

    Attributes:
        limit: Most bytes of one message.
        held: Bytes of all incomplete messages; bounded by twice the limit.
    """

    limit: int
    messages: Map[str, Partial] = Map()
    held: int = 0


def add(
    reassembly: Reassembly, message_id: str, start: int, data: bytes, total: int | None, contflag: str
) -> tuple[Reassembly, bytes | None]:
    """Take one chunk; return the message when it is complete, else None.

    A chunk that ends in `#` aborts its message: what was held of it is forgotten.

    Raises:
        RemoteProtocolError: Status 413: the message is, or would be, larger than allowed. `refuse` is next.
    """
    partial = reassembly.messages.get(message_id)
    if contflag == "#":
        return forget(reassembly, message_id), None
    if partial is None:
        partial = Partial()
    offset = start - 1
    end = offset + len(data)
    _check(reassembly, partial, end, total, len(data))
    grown = _insert(partial, offset, data)
    if contflag == "$":
        grown = replace(grown, size=end)
    if grown.size is not None and _is_whole(grown, grown.size):
        return forget(reassembly, message_id), b"".join(grown.pieces[0].blocks)[: grown.size] if grown.pieces else b""
    held = reassembly.held + grown.held - partial.held
    return replace(reassembly, messages=reassembly.messages.set(message_id, grown), held=held), None


def refuse(reassembly: Reassembly, message_id: str, contflag: str) -> Reassembly:
    """Forget a message that is too large, and remember to refuse its further chunks until the last one."""
    forgotten = forget(reassembly, message_id)
    if contflag != "+" or len(forgotten.messages) >= MAX_MESSAGES:
        return forgotten
    return replace(forgotten, messages=forgotten.messages.set(message_id, Partial(refused=True)))


def forget(reassembly: Reassembly, message_id: str) -> Reassembly:
    """Drop what is held of a message."""
    partial = reassembly.messages.get(message_id)
    if partial is None:
        return reassembly
    messages = reassembly.messages.delete(message_id)
    return replace(reassembly, messages=messages, held=reassembly.held - partial.held)


def _check(reassembly: Reassembly, partial: Partial, end: int, total: int | None, size: int) -> None:
    if partial.refused or end > reassembly.limit or (total or 0) > reassembly.limit:
        raise RemoteProtocolError(f"message larger than {reassembly.limit} bytes", 413)
    if reassembly.held + size > 2 * reassembly.limit:
        raise RemoteProtocolError("too much of incomplete messages", 413)
    if not partial.pieces and len(reassembly.messages) >= MAX_MESSAGES:
        raise RemoteProtocolError("too many incomplete messages", 413)
    if partial.jumps > MAX_JUMPS:
        raise RemoteProtocolError("too many chunks of a message out of order", 413)


def _is_whole(partial: Partial, size: int) -> bool:
    if size == 0:
        return True
    first = partial.pieces[0] if partial.pieces else None
    return first is not None and first.start == 0 and first.end >= size


def _insert(partial: Partial, start: int, data: bytes) -> Partial:
    """Add the bytes that are not there yet."""
    if not data:
        return partial
    pieces = partial.pieces
    if pieces and pieces[-1].end == start:  # chunks in order: the usual case
        grown = (*pieces[:-1], _append(pieces[-1], data))
        return replace(partial, pieces=grown, held=partial.held + len(data))
    held = partial.held
    for begin, end in _missing(pieces, start, start + len(data)):
        pieces = _place(pieces, Piece(begin, end, (data[begin - start : end - start],)))
        held += end - begin
    return replace(partial, pieces=pieces, held=held, jumps=partial.jumps + 1)


def _missing(pieces: tuple[Piece, ...], start: int, end: int) -> list[tuple[int, int]]:
    """The parts of `start` to `end` that no piece has."""
    missing = []
    for piece in pieces:
        if piece.end <= start:
            continue
        if piece.start >= end:
            break
        if start < piece.start:
            missing.append((start, piece.start))
        start = piece.end
    if start < end:
        missing.append((start, end))
    return missing


def _place(pieces: tuple[Piece, ...], new: Piece) -> tuple[Piece, ...]:
    """Put a piece between the others, joined to those it touches."""
    at = bisect_left(pieces, new.start, key=lambda piece: piece.start)
    before, after = pieces[:at], pieces[at:]
    if before and before[-1].end == new.start:
        new = _join(before[-1], new)
        before = before[:-1]
    if after and after[0].start == new.end:
        new = _join(new, after[0])
        after = after[1:]
    return (*before, new, *after)


def _join(one: Piece, other: Piece) -> Piece:
    joined = one
    for block in other.blocks:
        joined = _append(joined, block)
    return joined


def _append(piece: Piece, data: bytes) -> Piece:
    """Add a block at the end; blocks of like size are joined, so that there are only logarithmically many."""
    blocks = piece.blocks
    end = piece.end + len(data)
    keep = len(blocks)
    size = len(data)
    while keep and len(blocks[keep - 1]) <= size:
        keep -= 1
        size += len(blocks[keep])
    return Piece(piece.start, end, (*blocks[:keep], b"".join((*blocks[keep:], data))))
