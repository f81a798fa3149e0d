"""What a new offer of the peer would change: line by line against what was agreed.

RFC: 3264 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp import audio_media
from sipsimple.protocols.sdp.media import Media
from sipsimple.protocols.sdp.message_media import MessageMedia
from sipsimple.protocols.sip.usage.change import anchoring
from sipsimple.protocols.sip.usage.change.upkeep import CloseLines
from sipsimple.protocols.sip.usage.events import RemoveStream
from sipsimple.protocols.sip.usage.setup import admission
from sipsimple.protocols.sip.usage.streams import lines
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.streams.stream import Stream


class Compared(Value):
    """What a new offer would change.

    Attributes:
        streams: Those of the call; one that gets a new line of the peer has it as its `remote`.
        added: Those that the offer proposes.
        refused: Kinds that it proposes in vain, and why.
    """

    streams: tuple[Stream, ...]
    added: tuple[Stream, ...]
    refused: tuple[tuple[str, str], ...]


def compared(call: Call, offer: SessionDescription) -> Compared:
    """Compare an offer with what was agreed.

    A line that has lost its stream here is no proposal when it comes again as it was, nor while the peer has not been
    told of the loss.

    Raises:
        RemoteProtocolError: 488 with a Warning: it adds and ends streams at once, or changes what cannot be changed.
    """
    negotiation = exchange.negotiation_of(call)
    local, former = negotiation.local_description, negotiation.remote_description
    if local is None or former is None:
        raise AssertionError("a session that is changed was agreed on")
    placed = [each for each in call.streams if each.index != lines.NOT_PLACED]
    streams = tuple([_changed(call, each, offer, former) for each in call.streams])
    used = {each.index for each in placed}
    is_closing = _is_closing(call)
    dead = {
        index
        for index, (mine, theirs) in enumerate(zip(local.media, former.media, strict=True))
        if index not in used and mine.port and theirs.port and (is_closing or theirs == offer.media[index])
    }
    free = [index for index in range(len(offer.media)) if index not in used | dead]
    taken = frozenset(each.kind for each in placed)
    added, refused = lines.proposals(call.identity.audio, offer, free, taken, call.files)
    if added and any(offer.media[index].port == 0 for index in used):
        raise admission.unacceptable("streams are added and ended by the same offer")
    return Compared(streams, added, refused)


def _is_closing(call: Call) -> bool:
    """Tell whether the peer is yet to be told that a stream has ended."""
    commands = call.commands if call.change is None else (call.change.command, *call.commands)
    return any(isinstance(each, RemoveStream | CloseLines) for each in commands)


def _changed(call: Call, stream: Stream, offer: SessionDescription, former: SessionDescription) -> Stream:
    """Return the stream, with the peer's line where it is a new one."""
    kind, index = stream.kind, stream.index
    if index == lines.NOT_PLACED or offer.media[index].port == 0:
        return stream
    try:
        before, remote = lines.read(kind, former, index), lines.usable(call.identity.audio, kind, offer, index)
    except RemoteProtocolError as error:
        raise admission.unacceptable(f"media line {index}: {error.reason}") from error
    if not lines.is_audible(kind):
        if anchoring.is_awaited(call, kind):
            raise RemoteProtocolError("our own offer is pending", 491)
        if _way(before) != _way(remote):
            what = f"the path of a running {lines.family(kind)}"
            raise admission.unacceptable(f"media line {index}: {what} cannot lead to another end")
        return stream
    if stream.media is not None and isinstance(remote, Media):
        return _crossed(stream, stream.media, remote)
    return stream if before == remote else replace(stream, remote=remote)


def _way(line: Media | MessageMedia) -> tuple[object, ...]:
    """Return who the peer is in MSRP, and how it is reached; the relays before it may change."""
    if isinstance(line, MessageMedia):
        return line.path[-1], line.protocol
    return (line.attribute("path") or "").rpartition(" ")[2], line.protocol.upper()


def _crossed(stream: Stream, mine: Media, theirs: Media) -> Stream:
    """Return a stream whose own new line, which has not come through yet, becomes the answer to the peer's."""
    both = audio_media.crossed(mine, theirs)
    if both is None:
        raise RemoteProtocolError("our own offer is pending", 491)
    return replace(stream, media=both[0], remote=both[1])
