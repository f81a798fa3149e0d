"""A worker calls, is called again, and ends calls."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING

import pytest

from sipsimple.media import wire
from tests.media.worker.engine_side import LOOPBACK, Line, Message

if TYPE_CHECKING:
    from tests.media.worker.process import Worker


def test_it_offers_and_audio_flows_both_ways(worker: Worker) -> None:
    with Line(worker) as line:
        event = line.establish()
        assert "telephone-event" in line.offer
        assert (event.codec, event.clock_rate, event.direction) == ("PCMU", 8000, "sendrecv")
        assert event.remote == f"127.0.0.1:{line.peer.port}"
        line.peer.play(440)
        worker.send(wire.Echo(line.token, is_on=True))
        line.peer.wait_to_hear(440)
        [figures] = worker.ping().statistics
        assert figures.packets_received > 0 < figures.packets_sent
        assert (figures.leg, figures.remote, figures.codec) == (line.token, event.remote, "PCMU")


def test_it_answers_an_offer_in_the_ack(worker: Worker) -> None:
    with Line(worker) as line:
        invite = line.open(with_offer=False)
        assert not invite.body
        line.respond(invite, "200 OK", line.line(formats="8 101"))
        assert "RTP/AVP 8 101" in line.take("ACK").body
        assert line.flowing().codec == "PCMA"


def test_audio_is_sent_while_nobody_speaks(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        line.peer.wait_for_packets(10)


def test_early_media_flows_before_the_call_is_answered(worker: Worker) -> None:
    with Line(worker) as line:
        invite = line.open()
        line.respond(invite, "183 Session Progress", line.line())
        assert line.flowing().direction == "sendrecv"
        line.peer.play(440)
        worker.send(wire.Echo(line.token, is_on=True))
        line.peer.wait_to_hear(440)
        line.respond(invite, "200 OK", line.line())
        line.take("ACK")
        line.peer.forget()
        line.peer.wait_to_hear(440)


@pytest.mark.parametrize(
    ("offered", "answered"),
    [("sendonly", "recvonly"), ("recvonly", "sendonly"), ("inactive", "inactive"), ("sendrecv", "sendrecv")],
)
def test_a_re_invite_is_answered_with_the_mirrored_direction(worker: Worker, offered: str, answered: str) -> None:
    with Line(worker) as line:
        local = line.establish().local
        response = line.reinvite(line.line(offered))
        assert response.status == 200
        assert f"a={answered}\r\n" in response.body
        event = line.flowing()
        assert (event.direction, event.local) == (answered, local)


def test_what_goes_into_a_leg_is_connected_again_after_a_re_invite(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        line.peer.play(440)
        worker.send(wire.Echo(line.token, is_on=True))
        line.peer.wait_to_hear(440)
        for direction in ("inactive", "sendrecv"):
            line.reinvite(line.line(direction))
            line.flowing()
        line.peer.forget()
        line.peer.wait_to_hear(440)


def test_a_new_codec_is_told(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        line.reinvite(line.line(formats="8 101"))
        assert line.flowing().codec == "PCMA"


def test_a_refused_re_invite_leaves_the_call_as_it_was(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        line.peer.play(440)
        worker.send(wire.Echo(line.token, is_on=True))
        assert line.reinvite(line.line(formats="97", extra="a=rtpmap:97 opus/48000/2\r\n")).status in (488, 500)
        line.peer.forget()
        line.peer.wait_to_hear(440)


def test_a_new_offer_of_the_worker_is_a_re_invite(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        line.reinvite(line.line("sendonly"))
        assert line.flowing().direction == "recvonly"
        worker.send(wire.Offer(line.token))
        again = line.take("INVITE")
        assert "a=sendrecv" in again.body
        line.respond(again, "200 OK", line.line())
        line.take("ACK")
        assert line.flowing().direction == "sendrecv"


def test_an_offer_that_was_refused_leaves_the_call_as_it_was(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        line.peer.play(440)
        worker.send(wire.Echo(line.token, is_on=True), wire.Offer(line.token))
        line.respond(line.take("INVITE"), "488 Not Acceptable Here")
        line.take("ACK")
        line.peer.forget()
        line.peer.wait_to_hear(440)
        worker.send(wire.Offer(line.token))
        line.respond(line.take("INVITE"), "200 OK", line.line())
        line.take("ACK")
        line.flowing()


@pytest.mark.parametrize("status", ["200 OK", "488 Not Acceptable Here"])
def test_an_offer_that_overtakes_the_answer_to_the_one_before_waits_for_it(worker: Worker, status: str) -> None:
    """Commands and SIP come by different ways: who has answered, and then asks anew, is not refused."""
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Offer(line.token))
        pending = line.take("INVITE")
        worker.send(wire.Offer(line.token))
        worker.ping()
        line.respond(pending, status, line.line() if status.startswith("2") else "")
        line.take("ACK")
        line.respond(line.take("INVITE"), "200 OK", line.line())
        line.take("ACK")
        assert not [each for each in worker.events if isinstance(each, (wire.Refused, wire.Said))]


def test_an_offer_that_overtakes_an_ack_waits_for_it(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        with line.unacknowledged(line.line("sendonly")):
            worker.send(wire.Offer(line.token))
            worker.ping()
        line.respond(line.take("INVITE"), "200 OK", line.line())
        line.take("ACK")
        assert not [each for each in worker.events if isinstance(each, (wire.Refused, wire.Said))]


def test_an_offer_while_another_is_never_answered_is_refused(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Offer(line.token))
        pending = line.take("INVITE")
        assert worker.refusal(wire.Offer(line.token)) == "an INVITE before is not finished"
        line.respond(pending, "200 OK", line.line())
        line.take("ACK")


def test_of_an_offer_that_waits_for_an_answer_nothing_is_left_when_the_leg_is_closed(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Offer(line.token))
        line.take("INVITE")
        worker.send(wire.Offer(line.token), wire.Close(line.token))
        with Line(worker) as other:
            other.establish()
        assert not [each for each in worker.events if isinstance(each, (wire.Refused, wire.Said))]


def test_the_end_of_a_call_by_the_engine_is_told(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        assert line.request("BYE").status == 200
        assert worker.wait_for(wire.Closed).leg == line.token
        assert worker.refusal(wire.Offer(line.token)) == "unknown leg"


def test_a_refused_call_is_told_with_its_status(worker: Worker) -> None:
    with Line(worker) as line:
        invite = line.open()
        line.respond(invite, "488 Not Acceptable Here")
        line.take("ACK")
        assert worker.wait_for(wire.Closed) == wire.Closed(line.token, "488 Not Acceptable Here")


def test_close_of_an_answered_call_is_a_bye_and_not_told(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Close(line.token))
        line.respond(line.take("BYE"), "200 OK")
        assert worker.ping().statistics == ()
        assert not worker.events


def test_close_of_a_ringing_call_is_a_cancel(worker: Worker) -> None:
    with Line(worker) as line:
        invite = line.open()
        line.respond(invite, "180 Ringing")
        worker.ping()
        worker.send(wire.Close(line.token))
        line.respond(line.take("CANCEL"), "200 OK")
        line.respond(invite, "487 Request Terminated")
        line.take("ACK")


@pytest.mark.parametrize("progress", ["", "180 Ringing"])
def test_a_closed_call_gives_its_place_back_though_its_invite_is_never_answered(worker: Worker, progress: str) -> None:
    lines = [Line(worker) for _ in range(worker.ready.capacity)]
    for line in lines:
        invite = line.open()
        if progress:
            line.respond(invite, progress)
    worker.ping()
    worker.send(*(wire.Close(line.token) for line in lines))
    with Line(worker) as line:
        line.establish()
    for line in lines:
        line.__exit__()


def test_a_leg_waits_while_the_calls_of_closed_legs_have_not_ended(worker: Worker) -> None:
    lines = [Line(worker) for _ in range(worker.ready.capacity)]
    for line in lines:
        line.establish()
    worker.send(*(wire.Close(line.token) for line in lines))
    byes = [line.take("BYE") for line in lines]
    with Line(worker) as line:
        worker.send(wire.Open(line.token, line.port, with_offer=True, address=LOOPBACK))
        worker.ping()
        lines[0].respond(byes[0], "200 OK")
        invite = line.take("INVITE")
        line.respond(invite, "200 OK", line.line())
        line.flowing()
        for other, bye in zip(lines[1:], byes[1:], strict=True):
            other.respond(bye, "200 OK")
    for line in lines:
        line.__exit__()


def test_no_more_legs_than_calls(worker: Worker) -> None:
    lines = [Line(worker) for _ in range(worker.ready.capacity)]
    for line in lines:
        line.establish()
    reason = worker.refusal(wire.Open("more", 5060, with_offer=True))
    assert reason == f"all {worker.ready.capacity} calls are in use"
    for line in lines:
        line.__exit__()
    with Line(worker) as line:
        line.establish()


def test_a_token_is_free_again_after_close(worker: Worker) -> None:
    for _ in range(2):
        with Line(worker, token="same") as line:
            line.establish()
            assert worker.refusal(wire.Open("same", 5060, with_offer=True)) == "the leg is open"


def test_calls_from_outside_are_refused(worker: Worker) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        caller.bind((LOOPBACK, 0))
        caller.settimeout(5)
        port = caller.getsockname()[1]
        head = (
            f"INVITE sip:{LOOPBACK}:{worker.ready.sip_port} SIP/2.0\r\nVia: SIP/2.0/UDP {LOOPBACK}:{port};"
            f"branch=z9hG4bKx\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\n"
            f"CSeq: 1 INVITE\r\nContact: <sip:a@{LOOPBACK}:{port}>\r\nContent-Length: 0\r\n\r\n"
        )
        caller.sendto(head.encode(), (LOOPBACK, worker.ready.sip_port))
        status = 100
        while status < 200:
            response = Message.parse(caller.recv(65536))
            status = response.status
        assert status == 403
        ack = head.replace("INVITE", "ACK").replace("To: <sip:c@d>", f"To: {response.headers['To']}")
        caller.sendto(ack.encode(), (LOOPBACK, worker.ready.sip_port))
    with Line(worker) as line:
        line.establish()


def test_another_address_can_be_shown(worker: Worker) -> None:
    with Line(worker) as line:
        line.open(public_address="192.0.2.7")
        assert "c=IN IP4 192.0.2.7" in line.offer


ODD = {
    "no description": lambda line: "",
    "garbage": lambda line: "garbage",
    "no audio": lambda line: line.split("m=audio")[0],
    "refused audio": lambda line: re.sub(r"m=audio \d+", "m=audio 0", line),
    "video": lambda line: line.replace("m=audio", "m=video"),
    "unknown codec": lambda line: re.sub(r"RTP/AVP .*", "RTP/AVP 99", line),
    "IPv6": lambda line: line.replace("IP4 127.0.0.1", "IP6 ::1"),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("with_offer", [True, False])
def test_an_odd_description_harms_no_other_call(worker: Worker, odd: str, with_offer: bool) -> None:
    with Line(worker) as line, Line(worker) as other:
        other.establish()
        invite = line.open(with_offer=with_offer)
        line.respond(invite, "200 OK", ODD[odd](line.line()))
        line.take("ACK")
        other.peer.forget()
        other.peer.wait_for_packets(5)
    with Line(worker) as line:
        line.establish()
