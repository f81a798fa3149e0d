"""An audio line that names every codec, as in a new call: for a peer that leaves the offer to us within a call.

It may be about to lead the call to somebody else, who does not know the codec that is in use.

RFC: 3261 14.2; 3264 8.3.2; 3551 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sdp.audio_media import CODECS, codec_names
from sipsimple.protocols.sdp.media import Attribute
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.protocols.sdp.media import Media

_NUMBERS = {CODECS[number].lower(): number for number in ("0", "3", "8", "9")}
"""Those whose number says all: one channel, 8000 in rtpmap."""


def full(media: Media, codecs: Iterable[str]) -> Media:
    """Return a line that has those of `codecs` besides its own whose payload type is a fixed one; its own come first.

    Any other codec would need a number that the two sides have agreed on already.
    """
    present = {each.lower() for each in codec_names(media)}
    wanted = [each.lower() for each in codecs if each.lower() in _NUMBERS]
    missing = [each for each in wanted if each not in present and _NUMBERS[each] not in media.formats]
    if not missing:
        return media
    numbers = tuple([_NUMBERS[each] for each in missing])
    named = tuple([Attribute("rtpmap", f"{number} {CODECS[number]}/8000") for number in numbers])
    return replace(media, formats=(*media.formats, *numbers), attributes=(*media.attributes, *named))
