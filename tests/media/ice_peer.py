"""An RTP peer of a few lines that takes part in ICE: it answers checks, and makes none of its own (RFC 8445 7.3)."""

from __future__ import annotations

import hashlib
import hmac
import socket
import struct
import zlib
from typing import Self

from gevent import get_hub

MAGIC = 0x2112A442
USER, PASSWORD = "peer", "0123456789abcdef012345"
_READ = 1
_BINDING, _SUCCESS = b"\x00\x01", 0x0101
_XOR_MAPPED_ADDRESS, _MESSAGE_INTEGRITY, _FINGERPRINT = 0x0020, 0x0008, 0x8028


class ICEPeer:
    """Two sockets, of RTP and of RTCP, that answer in callbacks of the hub; use as a context.

    Attributes:
        checks: How many were answered.
    """

    def __init__(self) -> None:
        self.host = own_address()
        self.checks = 0
        self._sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        self._readers = []
        for each in self._sockets:
            each.bind((self.host, 0))
            each.setblocking(False)
            reader = get_hub().loop.io(each.fileno(), _READ)
            reader.start(self._read, each)
            self._readers.append(reader)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self._readers:
            reader.stop()
            reader.close()
        for each in self._sockets:
            each.close()

    def line(self, direction: str = "sendrecv") -> str:
        """Its m-line, with one candidate for each component."""
        rtp, rtcp = [each.getsockname()[1] for each in self._sockets]
        candidates = "".join(
            f"a=candidate:H {number} UDP {2130706432 - number} {self.host} {port} typ host\r\n"
            for number, port in ((1, rtp), (2, rtcp))
        )
        return (
            f"m=audio {rtp} RTP/AVP 0\r\nc=IN IP4 {self.host}\r\na=rtcp:{rtcp} IN IP4 {self.host}\r\n"
            f"a=rtpmap:0 PCMU/8000\r\na=ice-ufrag:{USER}\r\na=ice-pwd:{PASSWORD}\r\n{candidates}a={direction}\r\n"
        )

    def _read(self, own: socket.socket) -> None:
        data, source = own.recvfrom(2048)
        if data[:2] != _BINDING:
            return
        self.checks += 1
        port = source[1] ^ MAGIC >> 16
        address = struct.unpack("!I", socket.inet_aton(source[0]))[0] ^ MAGIC
        body = struct.pack("!HHBBHI", _XOR_MAPPED_ADDRESS, 8, 0, 1, port, address)
        signed = _head(data, len(body) + 24) + body
        digest = hmac.new(PASSWORD.encode(), signed, hashlib.sha1).digest()
        body += struct.pack("!HH", _MESSAGE_INTEGRITY, 20) + digest
        summed = _head(data, len(body) + 8) + body
        body += struct.pack("!HHI", _FINGERPRINT, 4, zlib.crc32(summed) ^ 0x5354554E)
        own.sendto(_head(data, len(body)) + body, source)


def _head(request: bytes, length: int) -> bytes:
    return struct.pack("!HH", _SUCCESS, length) + request[4:20]


def own_address() -> str:
    """The address that leads out of this host."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
