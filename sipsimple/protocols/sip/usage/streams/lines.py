"""The m-lines of a call, by the kind of stream that each is for: how they are read, offered and answered.

A kind is a name such as `audio` or `chat`; where there may be several of one
family, as of files, `file-1` and `file-2`. Those that the peer proposes are
`file-peer-1` and so on, since both sides may name one at the same time. What
differs between families is known here and in `protocols.sdp`, nowhere else in
the call.

RFC: 3264 5, 6, 8; 4145 4; 4975 8; 5547 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp import audio_media, message_media
from sipsimple.protocols.sdp.capability import free_index, offer_media, rejected
from sipsimple.protocols.sdp.direction import RECVONLY, SENDONLY
from sipsimple.protocols.sdp.file_attributes import FileAttributes
from sipsimple.protocols.sdp.full_audio import full
from sipsimple.protocols.sdp.media import Attribute, Media
from sipsimple.protocols.sdp.message_media import ACTPASS, SCHEMES, MessageMedia, choose_setup
from sipsimple.protocols.sip.usage.change.upkeep import CloseLines
from sipsimple.protocols.sip.usage.streams.direction import answered_direction, offered_direction
from sipsimple.protocols.sip.usage.streams.stream import RUNNING, Phase, Stream
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.protocols.sdp.audio_media import AudioTerms
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sip.usage.call import Call

AUDIO, CHAT, FILE = "audio", "chat", "file"
_NUMBERED_AUDIO, _NUMBERED_FILE = f"{AUDIO}-", f"{FILE}-"

NOT_PLACED = -1
"""The index of a stream of ours whose m-line is chosen when it is offered."""

_WITHOUT_FEEDBACK = {"RTP/AVPF": "RTP/AVP", "RTP/SAVPF": "RTP/SAVP"}


def family(kind: str) -> str:
    """Return what kind of stream `kind` is, its number aside."""
    return kind.partition("-")[0]


def is_audible(kind: str) -> bool:
    """Tell whether a stream can be held, and be given another line while it runs; MSRP cannot."""
    return kind == AUDIO or kind.startswith(_NUMBERED_AUDIO)


def is_file(kind: str) -> bool:
    """Tell whether a stream ends by itself, when its file has arrived."""
    return kind == FILE or kind.startswith(_NUMBERED_FILE)


def available(audio: AudioTerms | None) -> tuple[str, ...]:
    """Return the kinds that can be offered to whom leaves the offer to us."""
    return (CHAT,) if audio is None else (AUDIO, CHAT)


def files(call: Call, kinds: Iterable[str]) -> dict[str, Media | None]:
    """Return the files among `kinds`, each with the peer's line; None: it is ours to propose."""
    remote = {each.kind: each.remote for each in call.streams if each.kind in kinds and is_file(each.kind)}
    return {kind: media if isinstance(media, Media) else None for kind, media in remote.items()}


def kind_of(media: Media) -> str | None:
    """Return the kind of stream that an m-line proposes, without a number; None for a refused or foreign one."""
    if media.port == 0:
        return None
    if media.kind == "audio":
        return AUDIO
    if media.kind != "message" or media.protocol.upper() not in SCHEMES:
        return None
    return CHAT if media.attribute("file-selector") is None else FILE


def read(kind: str, document: SessionDescription, index: int) -> Media | MessageMedia:
    """Read the line at `index` as the stream will get it.

    Raises:
        RemoteProtocolError: 488: it cannot be read.
    """
    if is_file(kind):
        return _about_a_file(message_media.self_contained(document, index))
    if not is_audible(kind):
        return MessageMedia.from_media(document.media[index], document)
    media = audio_media.self_contained(document, index)
    plain = _WITHOUT_FEEDBACK.get(media.protocol.upper())
    return media if plain is None else media.with_(protocol=plain)


def _about_a_file(media: Media) -> Media:
    line = MessageMedia.from_media(media)
    if FileAttributes.from_media(media) is None:
        raise RemoteProtocolError("the line is about no file", 488)
    if line.direction not in (SENDONLY, RECVONLY):
        raise RemoteProtocolError(f"a file goes one way, not {line.direction}", 488)
    return media


def usable(audio: AudioTerms | None, kind: str, document: SessionDescription, index: int) -> Media | MessageMedia:
    """Read a line that this side can take.

    Raises:
        RemoteProtocolError: 488: it cannot; the text says why.
    """
    remote = read(kind, document, index)
    if isinstance(remote, MessageMedia) or is_file(kind):
        return remote
    why = "audio is not available" if audio is None else audio_media.refusal(remote, audio)
    if why is not None:
        raise RemoteProtocolError(why, 488)
    return remote


def proposals(
    audio: AudioTerms | None,
    offer: SessionDescription,
    indexes: Iterable[int],
    taken: frozenset[str] = frozenset(),
    files: int = 0,
) -> tuple[tuple[Stream, ...], tuple[tuple[str, str], ...]]:
    """Return the streams that lines of an offer propose, and why others cannot be.

    That is every usable file, and the first usable line of each other kind.

    Args:
        audio: Which audio can be taken.
        offer: The description.
        indexes: The lines to look at.
        taken: Kinds that the call has already.
        files: How many files the peer has proposed before.
    """
    found: dict[str, Stream] = {}
    refused: dict[str, str] = {}
    for index in indexes:
        kind = kind_of(offer.media[index])
        if kind is None or kind in found or kind in taken:
            continue
        try:
            remote = usable(audio, kind, offer, index)
        except RemoteProtocolError as error:
            refused.setdefault(kind, error.reason)
            continue
        if is_file(kind):
            files += 1
            kind = f"{FILE}-peer-{files}"
        found[kind] = Stream(kind, index, Phase.PROPOSED, remote=remote)
    return tuple(found.values()), tuple([each for each in refused.items() if each[0] not in found])


def first_offer(call: Call) -> tuple[Media, ...]:
    """Return the lines of the first offer: those of all streams, in their order."""
    return tuple([_directed(call, each, each.media) for each in call.streams if each.media is not None])


def offered(call: Call) -> tuple[Media, ...]:
    """Return the lines of a new offer: each stream in its place, the others ended.

    One that adds a stream ends none, for a peer may refuse to do both at once: what the next offer will end is
    repeated as it was.
    """
    local = _local(call)
    placed_ones = [each for each in call.streams if each.index != NOT_PLACED]
    adds = any(each.phase not in RUNNING for each in placed_ones)
    kept = dict(enumerate(local.media)) if adds and will_close(call) else {}
    wanted = {each.index: _directed(call, each, each.media or local.media[each.index]) for each in placed_ones}
    return offer_media(local, kept | wanted)


def offered_in_full(call: Call) -> tuple[Media, ...]:
    """Return the lines of an offer that the peer leaves to us: with all that audio can be, not only what it is now."""
    terms = call.identity.audio
    codecs = () if terms is None else terms.codecs
    return tuple([full(each, codecs) if each.kind == AUDIO and each.port else each for each in offered(call)])


def will_close(call: Call) -> bool:
    """Tell whether an offer that ends lines waits for its turn."""
    return any(isinstance(each, CloseLines) for each in call.commands)


def placed(call: Call) -> Call:
    """Give each stream that has none a line: one that a refused or ended stream left, else one more."""
    if all(each.index != NOT_PLACED for each in call.streams):
        return call
    negotiation = exchange.negotiation_of(call)
    remote = negotiation.remote_description
    if remote is None:
        raise AssertionError("an agreed session has both descriptions")
    local = _local(call)
    streams = []
    for each in call.streams:
        if each.index == NOT_PLACED:
            index = free_index(local, remote, AUDIO if is_audible(each.kind) else "message")
            streams.append(replace(each, index=index))
        else:
            streams.append(each)
    return replace(call, streams=tuple(streams))


def own(call: Call, stream: Stream, offer: SessionDescription | None) -> Media | None:
    """Return our line of a stream as we offered it."""
    if stream.media is not None:
        return _directed(call, stream, stream.media)
    return None if offer is None or stream.index == NOT_PLACED else offer.media[stream.index]


def answered(call: Call, offer: SessionDescription) -> tuple[Media, ...]:
    """Return the lines of our answer: each stream in its place, all others refused in place."""
    lines = [rejected(media) for media in offer.media]
    local: SessionDescription | None = None
    for stream in call.streams:
        if stream.index == NOT_PLACED or stream.phase is Phase.PROPOSED:
            continue
        mine = stream.media
        if mine is None and stream.phase in RUNNING:
            local = local or _local(call)
            mine = _repeated(local.media[stream.index], stream.kind, offer.media[stream.index])
        if mine is not None:
            lines[stream.index] = _answering(call, stream, mine, offer)
    return tuple(lines)


def _directed(call: Call, stream: Stream, mine: Media) -> Media:
    return mine.with_direction(offered_direction(call)) if is_audible(stream.kind) else mine


def _answering(call: Call, stream: Stream, mine: Media, offer: SessionDescription) -> Media:
    if not is_audible(stream.kind):
        return mine
    theirs = audio_media.self_contained(offer, stream.index)
    return mine.with_(protocol=theirs.protocol).with_direction(answered_direction(call, theirs.direction))


def _repeated(mine: Media, kind: str, theirs: Media) -> Media:
    """Return our agreed line as an answer; it may have been an offer, which says of the roles what no answer may."""
    setup = mine.attribute("setup")
    offered_setup = theirs.attribute("setup")
    if is_audible(kind) or setup is None or setup not in (ACTPASS, offered_setup):
        return mine
    answer = Attribute("setup", choose_setup(offered_setup))
    return mine.with_(attributes=tuple([answer if each.name == "setup" else each for each in mine.attributes]))


def _local(call: Call) -> SessionDescription:
    local = exchange.negotiation_of(call).local_description
    if local is None:
        raise AssertionError("nothing was agreed yet")
    return local
