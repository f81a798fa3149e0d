"""What the engine and an audio worker tell each other, and how it is framed.

A frame is four bytes of length, big-endian, and one MessagePack value. Both
sides run the same code, so the version is checked once, when a worker reports
ready. This is all that the child process shares with the rest of the package.
"""

from __future__ import annotations

from sipsimple.media.wire.commands import (
    Bridge,
    Close,
    Command,
    Configure,
    Echo,
    Hold,
    Offer,
    Open,
    Ping,
    Play,
    PlayTones,
    Record,
    SendDigit,
    StopPlaying,
    StopRecording,
    Unbridge,
)
from sipsimple.media.wire.events import (
    Closed,
    Event,
    Flowing,
    GotDigit,
    PlayingEnded,
    Pong,
    Ready,
    Recorded,
    Recording,
    Refused,
    Said,
    Statistics,
)
from sipsimple.media.wire.framing import COMMANDS, EVENTS, LONGEST, FrameError, Frames, frame

VERSION = 1

__all__ = [
    "COMMANDS",
    "EVENTS",
    "LONGEST",
    "VERSION",
    "Bridge",
    "Close",
    "Closed",
    "Command",
    "Configure",
    "Echo",
    "Event",
    "Flowing",
    "FrameError",
    "Frames",
    "GotDigit",
    "Hold",
    "Offer",
    "Open",
    "Ping",
    "Play",
    "PlayTones",
    "PlayingEnded",
    "Pong",
    "Ready",
    "Record",
    "Recorded",
    "Recording",
    "Refused",
    "Said",
    "SendDigit",
    "Statistics",
    "StopPlaying",
    "StopRecording",
    "Unbridge",
    "frame",
]
