"""The door before the endpoint: what it lets through, what it answers, what it tells the log."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors.sip.admission import Admission
from sipsimple.actors.sip.load import FRESH, JUMP, Load
from sipsimple.actors.sip.router import Router, Unmatched
from sipsimple.actors.wire.udp import BATCH
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.admission.limits import AdmissionLimits, Manners
from sipsimple.protocols.sip.admission.throttle import Patience
from sipsimple.protocols.sip.message import parse
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage.events import RequestArrived
from tests.protocols.sip.transaction.messages import request

TOKEN = "0123456789abcdef"
UDP = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.2", 5060))
TCP = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.2", 41000), 7)


class Log:
    """Keeps what is logged."""

    def __init__(self):
        self.lines = []

    def warning(self, event, **data):
        self.lines.append((event, data))

    debug = warning


class Told(list):
    """Stands for a ref."""

    is_alive = True

    def tell(self, message):
        self.append(message)
        return self.is_alive


class Door:
    """A router with an admission whose clock stands, and what comes out of it."""

    def __init__(self, manners=None, **limits):
        self.time = 100.0
        self.log = Log()
        self.admission = Admission(self.log, AdmissionLimits(**limits), manners, lambda: self.time)
        self.router = Router(self.log, self.admission)
        self.router.endpoint = self.endpoint = Told()
        self.sent = []
        self.admission.send = lambda data, flow: self.sent.append((parse(data), flow))

    def comes(self, method="INVITE", branch="z9hG4bK1", flow=UDP, **more):
        self.router.receive(request(method, branch, **more), flow)

    @property
    def statuses(self):
        return [response.status for response, _ in self.sent]


def test_a_stranger_who_asks_for_little_is_left_to_the_endpoint():
    door = Door()
    door.comes()
    door.comes("OPTIONS", "z9hG4bK2")

    assert [type(each) for each in door.endpoint] == [Unmatched, Unmatched]
    assert door.endpoint[0].arrived == 100.0
    assert door.sent == door.log.lines == []


def test_one_call_too_many_is_503_with_retry_after_and_never_reaches_the_endpoint():
    door = Door(calls_per_second=1, retry_after=7)
    for number in range(3):
        door.comes(branch=f"z9hG4bK{number}")

    assert (len(door.endpoint), door.statuses) == (1, [503, 503])
    assert (door.sent[0][0].retry_after, door.sent[0][1]) == (7, UDP)
    assert door.log.lines == [("requests.refused", {"call_rate": 1})]
    door.time += 1.0
    door.comes(branch="z9hG4bK2")
    assert (len(door.endpoint), door.statuses) == (1, [503] * 3)
    assert door.log.lines[1:] == [("requests.refused", {"call_rate": 1, "repeated": 1})]


@pytest.mark.parametrize(("method", "statuses"), [("OPTIONS", [503]), ("BYE", []), ("CANCEL", []), ("DANCE", [])])
def test_too_many_other_requests_are_503_where_somebody_may_mean_them_else_silence(method, statuses):
    door = Door(requests_per_second=1)
    door.comes(method, "z9hG4bK1")
    door.comes(method, "z9hG4bK2")

    assert (len(door.endpoint), door.statuses) == (1, statuses)


def test_requests_of_a_call_are_never_counted():
    door = Door(requests_per_second=1, calls_per_second=1)
    call = Told()
    door.router.add(TOKEN, call)
    for number in range(5):
        door.comes("INFO", f"z9hG4bK{number}", to=f"<sip:b@h>;tag={TOKEN}")

    assert [type(each) for each in call] == [RequestArrived] * 5
    assert door.sent == door.endpoint == []


def test_a_call_is_pending_until_its_ack_and_counts_until_it_is_handed_over():
    door = Door(pending_calls=1, calls=2)
    call, keeper = Told(), Told()
    door.router.add(TOKEN, call)
    door.router.add_invite(request(), TOKEN)
    door.comes(branch="z9hG4bK2")
    assert door.statuses == [503]
    door.comes("ACK", "z9hG4bK3", to=f"<sip:b@h>;tag={TOKEN}")
    door.comes(branch="z9hG4bK4")
    assert door.statuses == [503, 503], "it is for the call to tell which ACK that was"
    door.router.begun(TOKEN)
    door.comes(branch="z9hG4bK5")
    assert (len(door.endpoint), len(door.admission.gate)) == (1, 1)
    door.router.add(TOKEN, keeper)
    assert len(door.admission.gate) == 0
    door.router.forget(TOKEN)
    assert len(door.router) == 0


def test_an_ack_for_no_call_wakes_nobody():
    door = Door()
    door.comes("ACK")

    assert door.endpoint == door.sent == []
    assert door.log.lines[0][1]["why"] == "no call"


def test_what_cannot_be_read_is_answered_at_once_and_too_much_of_it_neither_answered_nor_logged():
    door = Door(malformed_per_second_per_source=2)
    data, error = bytes(request()), RemoteProtocolError("bad")
    for _ in range(5):
        door.router.malformed(data, error, TCP)
    door.router.malformed(data, error, Flow("udp", UDP.local, ("2001:db8::1", 5060)))

    assert door.statuses == [400, 400, 400]
    events = [event for event, _ in door.log.lines]
    assert events == ["message.rejected", "message.rejected", "requests.refused", "message.rejected"]


def test_a_message_beyond_the_size_is_refused_with_513():
    door = Door(message_bytes=1000)
    door.comes(headers=(("Subject", "x" * 1000),))

    assert (door.endpoint, door.statuses) == ([], [513])


def test_a_whole_ipv6_network_is_one_source():
    door = Door(calls_per_second_per_source=1)
    for host in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", "2001:db8:1:3::1"):
        door.comes(branch=f"z9hG4bK{host[-9:]}", flow=Flow("udp", UDP.local, (host, 5060)))

    assert (len(door.endpoint), door.statuses) == (2, [503])


def test_responses_go_to_the_source_whatever_maddr_says_unless_that_is_wanted():
    invite = request("OPTIONS").replacing({"Via": "SIP/2.0/UDP 192.0.2.2;maddr=203.0.113.9;branch=z9hG4bKm"})
    for manners, host in ((None, "192.0.2.2"), (Manners(follows_maddr=True), "203.0.113.9")):
        door = Door(manners)
        door.router.receive(invite, UDP)
        assert door.endpoint[0].flow.remote == (host, 5060)


def test_a_request_with_a_branch_of_ours_is_known_to_have_looped():
    door = Door()
    door.router.add(TOKEN, Told())
    ours = request().replacing({"Via": ["SIP/2.0/UDP p;branch=z9hG4bKp", f"SIP/2.0/UDP us;branch=z9hG4bK{TOKEN}3"]})

    assert door.router.is_looped(ours)
    assert not door.router.is_looped(request())


def test_overload_is_told_when_it_begins_and_when_it_ends():
    door = Door(patience=Patience(burst=0.25))
    for number in range(300):
        door.comes(branch=f"z9hG4bK{number}")
    assert len(door.endpoint) == 252  # 250 take as long as any may wait
    assert set(door.statuses) == {503}
    assert door.log.lines[0] == ("overload.begun", {"calls_per_second": 10})
    for event in door.endpoint:
        door.admission.begin(event.request, event.arrived)
        door.time += 0.001
    for late in (0.1, 1.0):
        door.time += late
        door.comes(branch=f"z9hG4bKlate{late}")
    assert len(door.endpoint) == 254
    assert door.log.lines[-1] == ("overload.ended", {})


# The sign of an overload


@pytest.fixture
def clock():
    return [10.0]


@pytest.fixture
def load(clock):
    return Load(lambda: clock[0])


def test_a_wait_that_was_told_counts_while_it_is_fresh(load, clock):
    assert load.wait(10.0) == 0.0
    load.let_in()
    load.begin(9.97)
    assert load.wait(10.0 + FRESH / 2) == pytest.approx(0.03)
    assert load.wait(10.0 + FRESH) == 0.0


def test_a_call_that_a_pause_has_caught_says_little_and_a_queue_of_them_all(load, clock):
    load.begin(9.55)
    assert load.wait(10.0) == JUMP
    for _ in range(8):
        load.begin(9.55)
    assert load.wait(10.0) == pytest.approx(0.45)
    load.begin(9.99)
    assert load.wait(10.0) == pytest.approx(0.01)


def test_how_long_a_call_takes_is_measured_while_others_wait(load, clock):
    for _ in range(200):
        load.let_in()
    assert load.ahead == pytest.approx(0.2)
    for _ in range(100):
        load.begin(10.0)
        clock[0] += 0.004
    assert load.cost == pytest.approx(0.004, rel=0.05)
    assert load.ahead == pytest.approx(0.4, rel=0.05)
    for _ in range(100):
        load.begin(10.0)
    clock[0] += 60.0
    load.let_in()
    load.begin(clock[0])
    assert load.ahead == 0.0
    assert load.cost < 0.004


def test_a_pause_of_the_process_does_not_pass_for_the_time_that_a_call_takes(load, clock):
    for _ in range(3):
        load.let_in()
    load.begin(10.0)
    clock[0] += 2.0
    load.begin(10.0)
    assert load.cost == pytest.approx(0.0011)


def test_full_batches_of_datagrams_say_since_when_the_port_is_behind(load, clock):
    for _ in range(3):
        for _ in range(BATCH):
            load.datagram()
        gevent.sleep(0)
        clock[0] += 0.1
    assert load.wait(clock[0]) == pytest.approx(0.3)
    load.datagram()
    gevent.sleep(0)
    assert load.wait(clock[0]) == 0.0


def test_calls_that_reach_nobody_do_not_count_as_waiting():
    door = Door()
    door.comes(branch="z9hG4bK1")
    assert door.admission.load.waiting == 1
    door.endpoint.is_alive = False
    for number in range(2, 9):
        door.comes(branch=f"z9hG4bK{number}")
    assert door.admission.load.waiting == 1
