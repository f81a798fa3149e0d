"""The switchboard over loopback: what comes from whom, for whom."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors.runtime import SupervisorSpec
from sipsimple.actors.wire import sockets
from sipsimple.media.messages import WorkerRequest, WorkerResponse
from sipsimple.media.switchboard import Switchboard
from sipsimple.protocols.sip.message import Response, parse

TOKEN = "0123456789abcdef"


class Peer:
    """A UDP port that plays a worker, or a stranger."""

    def __init__(self) -> None:
        self.socket = sockets.udp("127.0.0.1", 0)
        self.address = self.socket.getsockname()

    def send(self, board, data: bytes) -> None:
        self.socket.sendto(data, ("127.0.0.1", board.port))

    def receive(self) -> Response:
        while True:
            try:
                return parse(self.socket.recv(65536))
            except BlockingIOError:
                gevent.sleep(0.001)


@pytest.fixture
def board(system):
    board = Switchboard(system.start_child(SupervisorSpec("media", intensity=100, period=10.0)))
    yield board
    board.close()


@pytest.fixture
def worker():
    peer = Peer()
    yield peer
    peer.socket.close()


@pytest.fixture
def stranger():
    peer = Peer()
    yield peer
    peer.socket.close()


def request(method="INVITE", token=TOKEN, tag="", call_id="1") -> bytes:
    return (
        f"{method} sip:{token}@127.0.0.1 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKw;rport\r\n"
        "From: <sip:worker@127.0.0.1>;tag=w\r\n"
        f"To: <sip:{token}@127.0.0.1>{tag}\r\n"
        f"Call-ID: {call_id}\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def response(branch=f"z9hG4bK{TOKEN}-1") -> bytes:
    return (
        f"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch={branch}\r\n"
        "From: <sip:us@127.0.0.1>;tag=u\r\nTo: <sip:worker@127.0.0.1>;tag=w\r\n"
        "Call-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def test_requests_of_the_worker_reach_the_leg_that_their_uri_names(board, worker, leg):
    board.add(TOKEN, leg.ref, worker.address)
    worker.send(board, request())
    came = leg.next(WorkerRequest)
    assert (came.request.method, came.flow.remote) == ("INVITE", worker.address)
    assert came.request.via.rport == worker.address[1]


def test_what_is_sent_on_the_flow_of_a_request_reaches_the_worker(board, worker, leg):
    board.add(TOKEN, leg.ref, worker.address)
    worker.send(board, request())
    board.send(response(), leg.next(WorkerRequest).flow)
    assert worker.receive().status == 200
    board.send(response(), board.flow_to(worker.address))
    assert worker.receive().status == 200


def test_responses_reach_the_leg_that_their_branch_names(board, worker, leg):
    board.add(TOKEN, leg.ref, worker.address)
    worker.send(board, response())
    assert leg.next(WorkerResponse).response.status == 200


@pytest.mark.parametrize("data", [request(), request("BYE", tag=";tag=u"), response()])
def test_nobody_else_can_speak_for_the_worker(board, worker, stranger, leg, data):
    board.add(TOKEN, leg.ref, worker.address)
    stranger.send(board, data)
    worker.send(board, request(call_id="marker"))
    assert leg.next(WorkerRequest, WorkerResponse).request.call_id == "marker"
    assert board.dropped == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (request("BYE", tag=";tag=u"), 200),
        (request("CANCEL"), 481),
        (request("INVITE", tag=";tag=u"), 481),
        (request("INVITE"), 403),
        (request("OPTIONS", token="nobody"), 403),
    ],
)
def test_requests_for_nobody_are_answered_without_state(board, worker, data, status):
    worker.send(board, data)
    first = worker.receive()
    worker.send(board, data)
    again = worker.receive()
    assert (first.status, bytes(first)) == (status, bytes(again))


def test_a_leg_that_ended_or_was_forgotten_is_nobody(board, worker, leg):
    board.add(TOKEN, leg.ref, worker.address)
    leg.end()
    worker.send(board, request("BYE", tag=";tag=u"))
    assert worker.receive().status == 200
    board.forget(TOKEN)
    board.forget(TOKEN)
    assert len(board) == 0


def test_garbage_acks_and_unknown_responses_are_dropped(board, worker, leg):
    board.add(TOKEN, leg.ref, worker.address)
    for junk in (
        b"\0" * 100,
        b"INVITE",
        request("ACK", token="nobody"),
        response("z9hG4bKother"),
        response("x"),
        request(token="\udcff".encode("utf-8", "surrogateescape").decode("latin-1")),
    ):
        worker.send(board, junk)
    worker.send(board, request(call_id="marker"))
    assert leg.next(WorkerRequest).request.call_id == "marker"


def test_what_cannot_be_sent_is_not_raised(board, worker):
    board.close()
    board.send(response(), board.flow_to(worker.address))


def test_a_killed_reader_goes_on(board, worker, leg, system):
    board.add(TOKEN, leg.ref, worker.address)
    system.root.child("media").child("switchboard").child("reader").kill()
    worker.send(board, request())
    assert leg.next(WorkerRequest).request.method == "INVITE"


def test_the_trace_sees_both_directions(board, worker, leg):
    seen = []
    board.trace = lambda received, data, flow: seen.append((received, flow.remote))
    worker.send(board, request("BYE", tag=";tag=u"))
    worker.receive()
    assert seen == [(True, worker.address), (False, worker.address)]


def test_a_token_has_its_length(board, leg):
    with pytest.raises(ValueError, match="16 characters"):
        board.add("short", leg.ref, ("127.0.0.1", 1))
