"""One audio leg as a value: where it sounds, what was agreed, and what it is wanted to do whatever worker it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sipsimple.media.leg.facts import Facts
from sipsimple.media.leg.recording import Phase
from sipsimple.media.seat.state import Ask
from sipsimple.protocols.sdp.agreed_audio import AgreedAudio, agreed_audio, takes_events

if TYPE_CHECKING:
    from sipsimple.media.leg.events import PlayFile, PlayTones
    from sipsimple.media.leg.facts import Address
    from sipsimple.media.leg.recording import Recording
    from sipsimple.media.seat.state import Seat, Terms
    from sipsimple.media.wire import Flowing, Statistics
    from sipsimple.protocols.sdp.media import Media

KIND = "audio"
OFFER = Ask()


class State(StrEnum):
    """What the leg does about its line; never leaves `ENDED`."""

    IDLE = "idle"
    PREPARING = "preparing"
    PREPARED = "prepared"
    RUNNING = "running"
    MOVING = "moving"
    MOVED = "moved"
    ENDING = "ending"
    ENDED = "ended"


class Stimulus(Enum):
    """What can happen to it: the session, the application, the other leg, the pool, the worker, clocks."""

    PREPARE = "a line is asked for"
    START = "the lines are agreed"
    REVERT = "the exchange came to nothing"
    HOLD = "hold or unhold"
    END = "the stream is over"

    RECORD = "start recording"
    STOP_RECORDING = "stop recording"
    DIGIT = "send a digit"
    PLAY = "play"
    STOP_PLAYING = "stop playing"
    ECHO = "echo on or off"
    BRIDGE = "bridge"
    UNBRIDGE = "unbridge"
    PEER_AT = "the other leg tells where it is"
    PEER_GONE = "the other leg is gone"

    GRANTED = "room in a worker"
    REFUSED = "no room in a worker"
    SEAT_LOST = "a worker, or the call in it, is lost"
    LINE_READY = "the worker's line is known"
    LINE_REFUSED = "the worker makes no line"
    LINE_OUTDATED = "the worker has a better line"

    FLOWING = "media began"
    GOT_DIGIT = "digit received"
    STATISTICS = "counters"
    PLAYING_ENDED = "a player ended"
    RECORDING = "recording began"
    RECORDED = "recording closed"
    COMMAND_REFUSED = "the worker refused a command"

    SILENCE_DUE = "time to see whether audio came"
    SILENCE_UNTOLD = "it was no time to tell that no audio came"
    RETRY_DUE = "time to ask the pool again"
    RECORDED_MISSING = "the recording is not closed in time"

    RESUMED = "the actor goes on after a crash"
    VANISH = "the actor is shut down"


@dataclass(frozen=True, slots=True)
class Parting:
    """A seat that is given back when its recording is closed."""

    seat: Seat
    file_name: str


@dataclass(frozen=True, slots=True)
class Sound:
    """What is known of the media; the last values outlive their worker.

    Attributes:
        flow: What the worker told when it began.
        statistics: The last counters.
        is_heard: RTP came since the present worker was started.
        was_received: RTP came at all.
        is_watched: The clock for silence was started for the present worker.
        is_suspect: It went off while nothing had come; the next counters decide.
        is_told: That nothing comes was told.
    """

    flow: Flowing | None = None
    statistics: Statistics | None = None
    is_heard: bool = False
    was_received: bool = False
    is_watched: bool = False
    is_suspect: bool = False
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """What has gone wrong lately.

    Attributes:
        losses: When workers were lost, in seconds of the actor's clock.
        lost_at: When the audio broke off that has not come back yet.
        reason: Why.
        former: Name of the worker that the audio left last, whether lost or not.
        restarts: How often it came back.
        refusals: How often in a row the pool, or the peer, refused what a move needs.
    """

    losses: tuple[float, ...] = ()
    lost_at: float | None = None
    reason: str = ""
    former: str = ""
    restarts: int = 0
    refusals: int = 0


@dataclass(frozen=True, slots=True)
class Bridge:
    """The other leg that this one hears.

    Attributes:
        peer: Its ref.
        leads: It stays, and the other one comes: the other one asked.
        is_mutual: Both asked; the one with the lesser token stays.
        token: Of its slot; empty while it has none that sounds.
        worker: Name of its worker.
        is_on: Both are in one worker, which was told.
        is_awaiting: The other one was called to where this one goes.
        moves: How often this one has moved for it.
    """

    peer: Any
    leads: bool
    is_mutual: bool = False
    token: str = ""
    worker: str = ""
    is_on: bool = False
    is_awaiting: bool = False
    moves: int = 0


@dataclass(frozen=True, slots=True)
class Leg:
    """State of one audio leg; a value, replaced on each step.

    Attributes:
        secret: What its tokens are made of: random, 128 bits.
        terms: What every call in a worker is made with.
        state: What it does about its line.
        ask: What line was asked for last.
        seat: The call in a worker that sounds, or did until it was lost: then None.
        candidate: The call in a worker that will take its place.
        partings: Those that are given back when their recording is closed.
        remote: The peer's line as agreed; None before anything was.
        local: Ours.
        is_held: Either side holds.
        is_echoing: The peer gets its own audio.
        players: What is played to the peer.
        recording: What is recorded.
        recordings: Number of the last `StartRecording` that was taken.
        unbegun: Files of recordings that were stopped before they could begin; they are told of when their turn comes.
        bridge: The other leg.
        sound: What is known of the media.
        trouble: What has gone wrong lately.
        seats: How many tokens were made.
    """

    secret: str = field(repr=False)
    terms: Terms
    state: State = State.IDLE
    ask: Ask = OFFER
    seat: Seat | None = None
    candidate: Seat | None = None
    partings: tuple[Parting, ...] = ()
    remote: Media | None = field(default=None, repr=False)
    local: Media | None = field(default=None, repr=False)
    is_held: bool = False
    is_echoing: bool = False
    players: tuple[PlayFile | PlayTones, ...] = ()
    recording: Recording | None = None
    recordings: int = 0
    unbegun: tuple[str, ...] = ()
    bridge: Bridge | None = None
    sound: Sound = Sound()
    trouble: Trouble = Trouble()
    seats: int = 0

    @property
    def open_files(self) -> tuple[str, ...]:
        """The files that are written to, or are being closed."""
        recording = self.recording
        present = () if recording is None or recording.phase is Phase.WAITING else (recording.file_name,)
        return (*present, *[each.file_name for each in self.partings])

    @property
    def is_agreed(self) -> bool:
        """Whether lines were agreed at least once, so that the peer believes in a stream."""
        return self.remote is not None

    @property
    def facts(self) -> Facts:
        """What can be read of it."""
        statistics, seat = self.sound.statistics, self.seat
        link = seat.link if seat is not None else None
        (codec, sample_rate, srtp_suite), direction = self._heard
        return Facts(
            is_running=seat is not None and self.is_agreed and self.state is not State.ENDING,
            codec=codec,
            sample_rate=sample_rate,
            direction=direction,
            srtp_suite=srtp_suite,
            local=_address(self.local),
            remote=_address(self.remote),
            received=_host_port(statistics.remote) if statistics else None,
            statistics=statistics,
            was_received=self.sound.was_received,
            recording_file_name=self.recording.wanted if self.recording else None,
            recordings=self.recordings,
            takes_digits=self.remote is None or takes_events(self.remote),
            is_held=self.is_held,
            is_bridged=self.bridge is not None and self.bridge.is_on,
            worker=link.name if link is not None else None,
            worker_pid=link.ready.pid if link is not None and link.ready is not None else None,
            restarts=self.trouble.restarts,
        )

    @property
    def _heard(self) -> tuple[AgreedAudio, str | None]:
        """What the worker tells of the sound, and its direction; until it does, what the agreed lines say."""
        flow, local, remote = self.sound.flow, self.local, self.remote
        if flow is not None:
            return AgreedAudio(flow.codec or None, flow.clock_rate or None, flow.srtp_suite), flow.direction
        if local is None or remote is None:
            return AgreedAudio(None, None, ""), None
        return agreed_audio(local, remote), local.direction


def token_of(secret: str, number: int) -> str:
    """Return the token of the seat `number`: 64 bits that nobody can guess who does not know the secret."""
    return blake2b(str(number).encode(), key=secret.encode()[:64], digest_size=8).hexdigest()


def _address(media: Media | None) -> Address | None:
    if media is None or media.connection is None:
        return None
    return media.connection.address, media.port


def _host_port(text: str) -> Address | None:
    host, colon, port = text.rpartition(":")
    return (host, int(port)) if colon and port.isdigit() else None
