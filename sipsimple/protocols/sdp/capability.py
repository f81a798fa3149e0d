"""What to answer to each line of an offer: accept some, refuse the rest. RFC 3264 section 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sdp.media import Media

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipsimple.protocols.sdp.document import SessionDescription


def rejected(media: Media) -> Media:
    """Return the line that refuses `media`, or that ends it in a new offer: port 0, and no attributes."""
    return Media(media.kind, 0, media.protocol, media.formats)


def answer_media(offered: SessionDescription, accepted: Mapping[int, Media]) -> tuple[Media, ...]:
    """Return the lines that answer `offered`: those of `accepted` by their index, all others refused.

    Raises:
        LocalProtocolError: A line is accepted that was not offered.
    """
    for index in accepted:
        if index not in range(len(offered.media)) or offered.media[index].is_rejected:
            raise LocalProtocolError(f"media line {index} was not offered")
    return tuple(accepted.get(index) or rejected(media) for index, media in enumerate(offered.media))


def offer_media(local: SessionDescription, wanted: Mapping[int, Media]) -> tuple[Media, ...]:
    """Return the lines of a new offer: those of `wanted` by their index, all others ended.

    Args:
        local: Our last description.
        wanted: An index past its last line adds one.

    Raises:
        LocalProtocolError: An index would leave a gap.
    """
    count = max((len(local.media), *(index + 1 for index in wanted)))
    missing = [index for index in range(len(local.media), count) if index not in wanted]
    if missing or min(wanted, default=0) < 0:
        raise LocalProtocolError(f"media lines {sorted(wanted)} do not follow {len(local.media)} lines")
    return tuple(wanted.get(index) or rejected(local.media[index]) for index in range(count))


def free_index(local: SessionDescription, remote: SessionDescription, kind: str) -> int:
    """The index for a new stream: the line that a refused or ended one of its kind left, else one more line."""
    lines = enumerate(zip(local.media, remote.media, strict=True))
    free = (index for index, (ours, theirs) in lines if ours.kind == kind and (ours.is_rejected or theirs.is_rejected))
    return next(free, len(local.media))
