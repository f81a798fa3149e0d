"""What an audio leg is told: by the session of its call, by the application, by the leg that it is bridged with.

What the pool and the worker tell it stands in `media.messages` and `media.wire`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.media import Media

# ------------------------------------------------------------- the session


@dataclass(frozen=True, slots=True)
class Prepare:
    """Make our line; `StreamPrepared` or `StreamFailed` is told to the session. Asked again, it is told again.

    On a leg that runs it renegotiates: the call goes on as it was until `Start`.

    Attributes:
        remote: The peer's offer, self-contained; None to make an offer of ours.
    """

    remote: Media | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Start:
    """The lines are agreed: let it sound.

    Attributes:
        remote: The peer's line, answer or offer, self-contained.
        local: Our line as it was sent; one that is not the last that the leg told is out of date and changes nothing.
        early: By a provisional response: another `Start` follows.
    """

    remote: Media = field(repr=False)
    local: Media = field(repr=False)
    early: bool = False


@dataclass(frozen=True, slots=True)
class Revert:
    """The exchange that the last line was made for came to nothing: go back to what was agreed before."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Either side holds, or neither does: nothing of ours is sent and nothing is recorded while `is_held`."""

    is_held: bool


@dataclass(frozen=True, slots=True)
class SilenceUntold:
    """That no audio came could not be told yet: the call is not established. See again in a while."""


@dataclass(frozen=True, slots=True)
class End:
    """The stream is over: close the recording and its file, hang up, give the slot back, stop."""


# --------------------------------------------------------- the application


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Record both directions into a WAV file; on hold it begins when the hold ends.

    Attributes:
        file_name: Path.
        number: By which who asks sees that the leg has taken it: greater than that of the one before.
    """

    file_name: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class StopRecording:
    """End the recording."""


@dataclass(frozen=True, slots=True)
class SendDigit:
    """Send one DTMF digit of `0123456789*#ABCD`."""

    digit: str


@dataclass(frozen=True, slots=True)
class PlayFile:
    """Play a WAV file to the peer; the attributes are those of `wire.Play`.

    Attributes:
        player: Number that no other player of the engine has.
        file_name: Path.
        level: Percent.
        loop_count: Times to play; 0: for ever.
        pause_time: Seconds between two times.
    """

    player: int
    file_name: str
    level: int = 100
    loop_count: int = 1
    pause_time: float = 0.0


@dataclass(frozen=True, slots=True)
class PlayTones:
    """Play tones to the peer: pairs of frequencies in Hz (the second may be 0) and milliseconds on, then off."""

    player: int
    tones: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """End a player; nothing is told of its end."""

    player: int


@dataclass(frozen=True, slots=True)
class Echo:
    """Send the peer its own audio, or no more."""

    is_on: bool


@dataclass(frozen=True, slots=True)
class BridgeWith:
    """Let this leg and `other` hear each other; a bridge that either has with a third one ends.

    This leg moves to the worker of the other if it must.

    Attributes:
        other: The ref of the other `AudioLeg`.
    """

    other: Any


@dataclass(frozen=True, slots=True)
class Unbridge:
    """Part the two legs; each stays where it is."""


# ------------------------------------------------------------ the other leg


@dataclass(frozen=True, slots=True)
class PeerAt:
    """A leg that is bridged with this one, or wants to be, tells where it sounds.

    Attributes:
        peer: Its ref.
        token: Of its slot; empty while it has none that sounds.
        worker: Name of its worker; empty likewise.
        is_asking: This is the wish to be bridged.
        is_calling: Its worker was full, it is on its way to this one: come there too.
    """

    peer: Any
    token: str = ""
    worker: str = ""
    is_asking: bool = False
    is_calling: bool = False


@dataclass(frozen=True, slots=True)
class PeerGone:
    """The other leg ended the bridge, or itself."""

    peer: Any


# ----------------------------------------------------------- its own actor


@dataclass(frozen=True, slots=True)
class Resumed:
    """The actor goes on after a crash, which may have cost the leg what it waits for."""


@dataclass(frozen=True, slots=True)
class Vanish:
    """The actor is being shut down: end at once, wait for nothing."""
