"""Which TURN servers are used: those that answer anything at all."""

from __future__ import annotations

import math
import socket
from typing import TYPE_CHECKING, Self

import pytest

from sipsimple.media.worker.agenda import Agenda
from sipsimple.media.worker.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOOPBACK = "127.0.0.1"
UNAUTHORIZED = b"\x01\x13\x00\x00"


class Server:
    """A UDP socket; use as a context."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self._socket.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def __str__(self) -> str:
        return f"{LOOPBACK}:{self._socket.getsockname()[1]}"

    def questions(self) -> Iterator[bytes]:
        """What has come until now."""
        while True:
            try:
                data, self._source = self._socket.recvfrom(2048)
            except BlockingIOError:
                return
            yield data

    def answer(self, data: bytes) -> None:
        self._socket.sendto(data, self._source)


class Asker:
    """Asks, and notes what it comes to."""

    def __init__(self) -> None:
        self.agenda = Agenda()
        self.warnings: list[str] = []
        self.known = 0
        self.turn = Turn(self.agenda, self.warnings.append)

    def check(self, server: object) -> None:
        self.turn.check(str(server), self._note)

    def _note(self) -> None:
        self.known += 1

    def later(self) -> None:
        """Do everything that waits, whenever it was to be done."""
        while len(self.agenda):
            for action in self.agenda.take_due(math.inf):
                action()


@pytest.fixture
def asker() -> Asker:
    return Asker()


def test_a_server_that_answers_anything_is_used_and_asked_once_for_all(asker: Asker) -> None:
    with Server() as server:
        asker.check(server)
        asker.check(server)
        (question,) = server.questions()
        assert (question[:4], question[4:8], len(question)) == (b"\0\3\0\0", b"\x21\x12\xa4\x42", 20)
        assert asker.known == 0
        server.answer(UNAUTHORIZED + question[4:])
        asker.later()
        assert (asker.known, asker.turn.works(str(server)), asker.warnings) == (2, True, [])
        asker.check(server)
        assert asker.known == 3
        assert not list(server.questions())


def test_a_silent_server_is_left_out_and_the_log_says_so(asker: Asker) -> None:
    with Server() as server:
        asker.check(server)
        asker.later()
        assert (asker.known, asker.turn.works(str(server))) == (1, False)
        assert asker.warnings == [f"the TURN server {server} does not answer"]


def test_a_port_on_which_nobody_listens_is_not_waited_for(asker: Asker) -> None:
    with Server() as server:
        name = str(server)
    asker.check(name)
    look, *_ = asker.agenda.take_due(math.inf)
    look()
    assert (asker.known, asker.turn.works(name)) == (1, False)


@pytest.mark.parametrize(
    "answer",
    [
        lambda question: UNAUTHORIZED + question[4:8] + bytes(12),
        lambda question: question,
        lambda question: b"\x01\x13\x00\x08" + question[4:],
        lambda question: b"garbage." + question[8:],
        lambda question: UNAUTHORIZED + question[4:19],
        lambda _: b"",
    ],
    ids=["of another question", "echo", "cut off", "no cookie", "cut off in its head", "nothing"],
)
def test_what_is_no_response_to_the_question_is_no_answer(asker: Asker, answer: Callable[[bytes], bytes]) -> None:
    with Server() as server:
        asker.check(server)
        (question,) = server.questions()
        server.answer(answer(question))
        asker.later()
        assert not asker.turn.works(str(server))


def test_no_server_is_known_at_once(asker: Asker) -> None:
    asker.check("")
    assert (asker.known, len(asker.agenda)) == (1, 0)


@pytest.mark.parametrize("name", ["turn.example.org:3478", "127.0.0.1:none", "127.0.0.1:70000", "127.0.0.1"])
def test_what_cannot_be_asked_is_left_out(asker: Asker, name: str) -> None:
    asker.check(name)
    assert (asker.known, asker.turn.works(name), len(asker.warnings)) == (1, False, 1)
