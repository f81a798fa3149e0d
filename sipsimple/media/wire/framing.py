"""Messages in a stream of bytes: four bytes of length, big-endian, and one MessagePack value."""

from __future__ import annotations

import msgspec

from sipsimple.media.wire.commands import Command
from sipsimple.media.wire.events import Event

LONGEST = 256 * 1024
"""Bytes of the longest frame: far more than any message needs."""

_LENGTH_BYTES = 4
_encoder = msgspec.msgpack.Encoder()
COMMANDS = msgspec.msgpack.Decoder(Command)
EVENTS = msgspec.msgpack.Decoder(Event)


class FrameError(ValueError):
    """What came is no frame of ours."""


def frame(message: Command | Event) -> bytes:
    """Return the bytes of one message."""
    body = _encoder.encode(message)
    return len(body).to_bytes(_LENGTH_BYTES) + body


class Frames:
    """Cuts a stream into the messages that `decoder` reads.

    Args:
        decoder: `COMMANDS` or `EVENTS`.
    """

    __slots__ = ("_buffer", "_decoder")

    def __init__(self, decoder: msgspec.msgpack.Decoder[Command] | msgspec.msgpack.Decoder[Event]) -> None:
        self._buffer = bytearray()
        self._decoder = decoder

    def feed(self, data: bytes) -> list[Command | Event]:
        """Return the messages that are whole now.

        Raises:
            FrameError: The stream is not ours; nothing that follows can be read.
        """
        buffer = self._buffer
        buffer += data
        messages: list[Command | Event] = []
        while len(buffer) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(buffer[:_LENGTH_BYTES])
            if end > LONGEST:
                raise FrameError(f"a frame of {end} bytes")
            if len(buffer) < end:
                break
            try:
                messages.append(self._decoder.decode(memoryview(buffer)[_LENGTH_BYTES:end]))
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise FrameError(str(error)) from error
            del buffer[:end]
        return messages
