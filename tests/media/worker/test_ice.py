"""ICE candidates, and STUN servers that answer or do not."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Self

import pytest
from gevent import get_hub

from sipsimple.media import wire
from tests.media.worker.engine_side import LOOPBACK, Line

if TYPE_CHECKING:
    from tests.media.worker.process import Worker

MAGIC = 0x2112A442
MAPPED = "192.0.2.33"
_READ = 1


class StunServer:
    """Answers binding requests (RFC 8489) with an address of nobody, in callbacks of the hub."""

    def __init__(self, *, is_silent: bool = False) -> None:
        self.requests = 0
        self._is_silent = is_silent
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self._socket.setblocking(False)
        self._reader = get_hub().loop.io(self._socket.fileno(), _READ)
        self._reader.start(self._read)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.stop()
        self._reader.close()
        self._socket.close()

    def __str__(self) -> str:
        return f"{LOOPBACK}:{self._socket.getsockname()[1]}"

    def _read(self) -> None:
        data, source = self._socket.recvfrom(2048)
        self.requests += 1
        if self._is_silent or data[:2] != b"\x00\x01":
            return
        port = source[1] ^ MAGIC >> 16
        address = struct.unpack("!I", socket.inet_aton(MAPPED))[0] ^ MAGIC
        attribute = struct.pack("!HHBBHI", 0x0020, 8, 0, 1, port, address)
        self._socket.sendto(struct.pack("!HH", 0x0101, len(attribute)) + data[4:20] + attribute, source)


def has_network() -> bool:
    """Whether there is an address besides loopback, which is no candidate."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return False
        return not probe.getsockname()[0].startswith("127.")


needs_network = pytest.mark.skipif(not has_network(), reason="needs an address besides loopback")


@needs_network
def test_an_offer_with_ice_has_candidates(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish(address="", ice=True)  # with a peer that knows no ICE
        assert "a=ice-ufrag" in line.offer
        assert " typ host" in line.offer
        line.peer.wait_for_packets(5)


@needs_network
def test_a_stun_server_gives_a_candidate(worker: Worker) -> None:
    with StunServer() as server:
        for _ in range(2):
            with Line(worker) as line:
                line.open(address="", ice=True, stun=str(server))
                assert f" {MAPPED} " in line.offer
                assert " typ srflx" in line.offer


@needs_network
def test_a_silent_stun_server_delays_only_the_call_that_wants_it(worker: Worker) -> None:
    with StunServer(is_silent=True) as server, Line(worker) as line, Line(worker) as other:
        command = wire.Open(line.token, line.port, with_offer=True, ice=True, stun=str(server))
        worker.send(command)
        other.establish()
        assert not worker.events
        line.take("INVITE")
        assert " typ host" in line.offer
        assert " typ srflx" not in line.offer
        assert worker.wait_for(wire.Said) == wire.Said(2, f"the STUN server {server} does not answer")


def test_a_leg_closed_while_its_stun_server_is_asked_makes_no_call(worker: Worker) -> None:
    with StunServer(is_silent=True) as server, Line(worker) as line:
        worker.send(wire.Open(line.token, line.port, with_offer=True, ice=True, stun=str(server)))
        worker.send(wire.Close(line.token))
        worker.wait_for(wire.Said)
        line.has_nothing()


def test_ice_without_a_candidate_closes_the_leg(worker: Worker) -> None:
    worker.send(wire.Open("leg", 5060, with_offer=True, ice=True, address=LOOPBACK))
    assert worker.wait_for(wire.Closed).leg == "leg"


@needs_network
def test_a_silent_turn_server_is_left_out(worker: Worker) -> None:
    """The library itself would wait for it for eight seconds, in every call."""
    with StunServer(is_silent=True) as server, Line(worker) as line:
        line.open(address="", ice=True, turn=str(server), turn_user="alice", turn_password="secret")
        assert " typ host" in line.offer
        assert worker.wait_for(wire.Said) == wire.Said(2, f"the TURN server {server} does not answer")


@needs_network
def test_a_stun_or_turn_server_must_be_a_number(worker: Worker) -> None:
    with Line(worker) as line:
        line.open(address="", ice=True, stun="stun.example.org:3478")
        assert worker.wait_for(wire.Said).text == "the STUN server stun.example.org:3478 is no numeric address"
    assert worker.refusal(wire.Open("leg", 5060, with_offer=True, turn="turn.example.org:3478"))
