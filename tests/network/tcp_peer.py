"""A raw SIP peer over TCP: it connects from one port, listens at another, and loses its connections."""

from __future__ import annotations

import re
import socket

from tests.interop.sip_peer import SECONDS, Message, SIPPeer, parse


class TCPPeer(SIPPeer):
    """One user agent; use as a context.

    Attributes:
        contact: What its Contact says.
    """

    def __init__(self) -> None:
        super().__init__()
        self.socket.close()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(SECONDS)
        self.port = self.listener.getsockname()[1]
        self.contact = f"sip:peer@127.0.0.1:{self.port};transport=tcp"
        self._heard = b""

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self.listener.close()

    def connect(self, port: int) -> None:
        """Connect, in place of the connection before."""
        self._take(socket.create_connection(("127.0.0.1", port)))

    def accept(self) -> None:
        """Take over a connection to where it listens, in place of the one before."""
        self._take(self.listener.accept()[0])

    def hang_up(self) -> None:
        """Close the connection, and wait until the far end has done so, too."""
        self.socket.shutdown(socket.SHUT_WR)
        while self.socket.recv(65536):
            pass
        self.socket.close()

    def send(self, text: str, _port: int | None = None) -> None:
        """Send text, as a peer over TCP would have written it."""
        text = text.replace("Via: SIP/2.0/UDP", "Via: SIP/2.0/TCP")
        text = text.replace(f"Contact: <sip:peer@127.0.0.1:{self.port}>", f"Contact: <{self.contact}>")
        self.socket.sendall(text.encode("utf-8", "surrogateescape"))

    def receive(self, *starts: str) -> Message:
        """Take messages until one comes that begins with one of `starts`."""
        while True:
            message = self._next()
            if message.start.startswith(starts):
                return message

    def _take(self, sock: socket.socket) -> None:
        self.socket.close()
        sock.settimeout(SECONDS)
        self.socket, self._heard = sock, b""

    def _next(self) -> Message:
        while True:
            head, gap, body = self._heard.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            size = int(length[1]) if length else 0
            if gap and len(body) >= size:
                self._heard = body[size:]
                return parse(head + gap + body[:size])
            data = self.socket.recv(65536)
            assert data, "the connection has ended"
            self._heard += data
