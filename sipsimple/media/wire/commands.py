"""What the engine tells an audio worker."""

from __future__ import annotations

from typing import TypeAlias

from sipsimple.media.wire.message import Message


class Configure(Message, frozen=True):
    """What every call of the worker is made with; the first message, for which the worker waits before it is ready.

    Attributes:
        codecs: Names in order of preference, such as `PCMU`, `G722` or `speex/16000`; others are off.
        clock_rate: Hz of the conference: 8000, 16000 or 32000.
        use_sound_devices: Open sound devices where there are any; otherwise the null device.
        ec_tail_length: Milliseconds of the echo canceller; 0: off.
        playback_device: Name as in `Ready`; empty or unknown: the default one.
        recording_device: Likewise.
    """

    codecs: tuple[str, ...]
    clock_rate: int = 8000
    use_sound_devices: bool = False
    ec_tail_length: int = 0
    playback_device: str = ""
    recording_device: str = ""


class Open(Message, frozen=True):
    """Call the engine for one leg: INVITE to `sip:<leg>@127.0.0.1:<sip_port>`.

    Attributes:
        leg: Token of the leg, unguessable: the user part of the Request-URI.
        sip_port: UDP port of the engine.
        with_offer: Offer; otherwise the engine's answer offers, and the ACK answers.
        address: Local address for RTP; empty: any.
        public_address: Written into the description instead; empty: `address`.
        port: First RTP port of a range; 0: any.
        port_count: Width of that range.
        srtp: 0 off, 1 optional, 2 mandatory.
        ice: Gather candidates.
        stun: `host:port` of the STUN server, a number as host, since the worker must not wait for DNS; empty: none.
        turn: `host:port` of the TURN server, likewise; empty: none.
        turn_user: Its user.
        turn_password: Its password.
    """

    leg: str
    sip_port: int
    with_offer: bool
    address: str = ""
    public_address: str = ""
    port: int = 0
    port_count: int = 0
    srtp: int = 0
    ice: bool = False
    stun: str = ""
    turn: str = ""
    turn_user: str = ""
    turn_password: str = ""

    def __repr__(self) -> str:
        """For logs and tracebacks: without the password."""
        return f"<Open {self.leg}>"


class Offer(Message, frozen=True):
    """Make a new offer for the leg: re-INVITE."""

    leg: str


class Close(Message, frozen=True):
    """Forget the leg: hang up, end its players and its recording, for which `Recorded` still follows."""

    leg: str


class Hold(Message, frozen=True):
    """Isolate the leg: nothing goes into it, nobody hears it, nothing is recorded; or connect it again.

    What plays into it waits. With an empty leg: the recording of the sound device pauses or goes on.
    """

    leg: str
    is_held: bool


class Play(Message, frozen=True):
    """Play a WAV file into the leg, or to the sound device when `leg` is empty.

    Attributes:
        leg: Token, or empty.
        player: Number that names this player in the worker.
        file_name: Path.
        level: Percent.
        loop_count: Times to play; 0: for ever.
        pause_time: Seconds between two times.
    """

    leg: str
    player: int
    file_name: str
    level: int = 100
    loop_count: int = 1
    pause_time: float = 0.0


class PlayTones(Message, frozen=True):
    """Play tones: pairs of frequencies in Hz (the second may be 0) and milliseconds on, then off."""

    leg: str
    player: int
    tones: tuple[tuple[int, int, int, int], ...]


class StopPlaying(Message, frozen=True):
    """End a player."""

    player: int


class Record(Message, frozen=True):
    """Record both directions of the leg, or what the sound device plays when `leg` is empty, into a WAV file."""

    leg: str
    file_name: str


class StopRecording(Message, frozen=True):
    """End the recording of the leg; `Recorded` follows when the file can be read."""

    leg: str


class SendDigit(Message, frozen=True):
    """Send one DTMF digit (RFC 4733)."""

    leg: str
    digit: str


class Bridge(Message, frozen=True):
    """Let two legs of this worker hear each other."""

    leg: str
    other: str


class Unbridge(Message, frozen=True):
    """Part two legs."""

    leg: str
    other: str


class Echo(Message, frozen=True):
    """Send the peer its own audio, or no more."""

    leg: str
    is_on: bool


class Ping(Message, frozen=True):
    """Ask for a sign of life; `Pong` with the same number answers."""

    number: int


Command: TypeAlias = (
    Configure
    | Open
    | Offer
    | Close
    | Hold
    | Play
    | PlayTones
    | StopPlaying
    | Record
    | StopRecording
    | SendDigit
    | Bridge
    | Unbridge
    | Echo
    | Ping
)
