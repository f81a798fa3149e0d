"""TURN servers, which are asked for an allocation without saying of what: any answer shows that there is one.

Nothing is allocated: a server that wants a password says so, any other one that the request is incomplete.

RFC: 8656 7.2; 8489 5, 6.2.1.
"""

from __future__ import annotations

import secrets
import socket
import struct
import time

from sipsimple.media.worker.servers import Servers

_ALLOCATE = 0x0003
_ANSWERS = (0x0103, 0x0113)
_COOKIE = 0x2112A442
_HEAD = struct.Struct("!HH16s")
_LONGEST_ANSWER = 2048
_REPEATS = (0.2, 0.6)
_LOOK_SECONDS = 0.02


class Turn(Servers):
    """What is known of TURN servers."""

    kind = "TURN"
    good_seconds = 30.0

    def _ask(self, server: str) -> None:
        host, _, port = server.partition(":")
        question = struct.pack("!HHI12s", _ALLOCATE, 0, _COOKIE, secrets.token_bytes(12))
        probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        probe.setblocking(False)
        try:
            probe.connect((host, int(port)))
            probe.send(question)
        except (OSError, OverflowError, ValueError):
            probe.close()
            self._conclude(server, answered=False)
            return
        now = time.monotonic()
        self._look_later(server, probe, question, [now + each for each in _REPEATS])

    def _look_later(self, server: str, probe: socket.socket, question: bytes, repeats: list[float]) -> None:
        when = time.monotonic() + _LOOK_SECONDS
        self._agenda.at(when, lambda: self._look(server, probe, question, repeats))

    def _look(self, server: str, probe: socket.socket, question: bytes, repeats: list[float]) -> None:
        """See whether an answer has come; a port that nobody listens on is an error of the socket."""
        try:
            answered = _is_answered(probe, question)
            if not answered and server in self._waiting:
                if repeats and time.monotonic() >= repeats[0]:
                    probe.send(question)
                    repeats = repeats[1:]
                self._look_later(server, probe, question, repeats)
                return
        except OSError:
            answered = False
        probe.close()
        self._conclude(server, answered=answered)


def _is_answered(probe: socket.socket, question: bytes) -> bool:
    """See whether there is a response to the question; of anything else the library would make nothing, and wait."""
    try:
        answer = probe.recv(_LONGEST_ANSWER)
    except BlockingIOError:
        return False
    if len(answer) < _HEAD.size:
        return False
    kind, length, name = _HEAD.unpack_from(answer)
    return kind in _ANSWERS and length == len(answer) - _HEAD.size and name == question[4:]
