"""Cutting a byte stream into messages by Content-Length, and its keep-alives (RFC 3261 §18.3, RFC 5626 §3.5.1).

A framer owns a buffer, so it is not a value. Whatever way a stream is split
into reads, the same messages and the same pings come out.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TypeAlias

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import number
from sipsimple.protocols.sip.malformed import Malformed, reply_to_malformed
from sipsimple.protocols.sip.message import MAX_SIZE, Request, Response, parse

__all__ = ["Framer", "Item", "KeepAlive", "Malformed", "reply_to_malformed"]

_BLANKS = rb"(?:[ \t]|\r\n[ \t])*+"
_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*+:" + _BLANKS + rb"([^\r]*+)", re.IGNORECASE)


class KeepAlive(Enum):
    """A keep-alive of RFC 5626 §3.5.1 between messages."""

    PING = "CRLF CRLF"
    PONG = "CRLF"


Item: TypeAlias = Request | Response | KeepAlive | Malformed


class Framer:
    """Cuts what one connection receives into messages.

    A lone CRLF at the end of a read is a pong at once, since a pong is not
    followed by anything; should its second half come with the next read, that
    is the ping. A pong that was not waited for means nothing.

    Attributes:
        error: What made the stream unreadable; None while it is readable.
    """

    __slots__ = ("_buffer", "_half_ping", "_searched", "_wanted", "error", "max_size")

    def __init__(self, max_size: int = MAX_SIZE) -> None:
        self.max_size = max_size
        self.error: RemoteProtocolError | None = None
        self._buffer = bytearray()
        self._searched = 0  # no empty line ends before this position
        self._wanted = 0  # size of the first message; 0 while unknown
        self._half_ping = False

    def feed(self, data: bytes) -> list[Item]:
        """Take what was received and return what is complete now.

        A message that is framed well and does not parse comes as `Malformed`,
        and the stream goes on. One whose end cannot be told comes as `Malformed`
        too, so that it can be answered, and is the last.

        Raises:
            RemoteProtocolError: The stream cannot be read any further; close it. What
                came before the fault is returned first: then `error` is set and the next call raises.
        """
        if self.error is not None:
            raise self.error
        self._buffer += data
        items: list[Item] = []
        position = 0
        try:
            while (end := self._next(position, items)) > position:
                position = end
        except RemoteProtocolError as error:
            self.error = error
            self._buffer.clear()
            if not items:
                raise
        if position:
            del self._buffer[:position]
        return items

    def _next(self, start: int, items: list[Item]) -> int:
        """Append the item that begins at `start`; return where it ends, or `start` when it is incomplete."""
        buffer = self._buffer
        if not self._wanted:
            if bytes(buffer[start : start + 2]) in (b"\r\n", b"\r"):
                return self._next_keep_alive(start, items)
            self._half_ping = self._half_ping and start == len(buffer)
            self._wanted = self._measure(start, items)
        end = start + self._wanted
        if not self._wanted or len(buffer) < end:
            return start
        items.append(self._read(bytes(memoryview(buffer)[start:end])))
        self._wanted = self._searched = 0
        return end

    def _next_keep_alive(self, start: int, items: list[Item]) -> int:
        found = self._buffer[start : start + 4]
        if len(found) < 2:
            return start
        if self._half_ping:
            self._half_ping = False
            items.append(KeepAlive.PING)
            return start + 2
        if found == b"\r\n\r\n":
            items.append(KeepAlive.PING)
            return start + 4
        if found == b"\r\n\r":
            return start
        self._half_ping = len(found) == 2
        items.append(KeepAlive.PONG)
        return start + 2

    def _measure(self, start: int, items: list[Item]) -> int:
        """Return the size of the message that begins at `start`; 0 while its head is incomplete.

        A head that does not say it is appended to `items` as `Malformed`.
        """
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n", start + self._searched)
        if end < 0:
            self._searched = max(len(buffer) - start - 3, 0)
            if self._searched > self.max_size:
                raise RemoteProtocolError(f"a head of more than {self.max_size} bytes", 513)
            return 0
        try:
            return end - start + 4 + self._body_size(start, end)
        except RemoteProtocolError as error:
            items.append(Malformed(error, bytes(memoryview(buffer)[start:end])))
            raise

    def _body_size(self, start: int, end: int) -> int:
        values = {value.strip(b" \t") for value in _LENGTH.findall(self._buffer, start, end)}
        if len(values) != 1:
            raise RemoteProtocolError("a stream needs one Content-Length in each message")
        size = number(values.pop().decode("latin-1"), "Content-Length")
        if end - start + 4 + size > self.max_size:
            raise RemoteProtocolError(f"a message of {end - start + 4 + size} bytes", 513)
        return size

    def _read(self, data: bytes) -> Request | Response | Malformed:
        try:
            return parse(data, self.max_size)
        except RemoteProtocolError as error:
            return Malformed(error, data.partition(b"\r\n\r\n")[0])
