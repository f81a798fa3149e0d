"""Who hears whom: digits, bridges, echoes, holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.media import wire
from tests.media import tones
from tests.media.worker.engine_side import Line

if TYPE_CHECKING:
    from pathlib import Path

    from tests.media.worker.process import Worker

LOUD = tones.LOUD


def test_digits_are_sent(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        for digit in "1D#*":
            worker.send(wire.SendDigit(line.token, digit))
        line.peer.wait_for_digits("1D#*")
        assert worker.refusal(wire.SendDigit(line.token, "x")) == "not a digit: 'x'"
        assert "not a digit" in worker.refusal(wire.SendDigit(line.token, "12"))


def test_digits_that_overtake_the_answer_are_sent_when_there_are_media(worker: Worker) -> None:
    """Commands and SIP come by two ways: what the engine sends first need not come first."""
    with Line(worker) as line:
        invite = line.open()
        for digit in "1#":
            worker.send(wire.SendDigit(line.token, digit))
        worker.ping()
        line.respond(invite, "200 OK", line.line())
        line.flowing()
        line.peer.wait_for_digits("1#")


def test_a_digit_in_a_call_on_hold_is_refused(worker: Worker) -> None:
    with Line(worker) as line:
        invite = line.open()
        line.respond(invite, "200 OK", line.line("inactive"))
        line.flowing()
        assert worker.refusal(wire.SendDigit(line.token, "1"))


def test_a_digit_to_a_peer_without_telephone_events_is_refused(worker: Worker) -> None:
    with Line(worker) as line:
        invite = line.open()
        line.respond(invite, "200 OK", line.line(formats="0"))
        line.flowing()
        assert worker.refusal(wire.SendDigit(line.token, "1"))


def test_digits_are_told_once_each(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish(with_offer=False)
        line.peer.play_silence()
        for digit in "19A*#":
            line.peer.send_digit(digit)
        assert "".join(worker.wait_for(wire.GotDigit).digit for _ in range(5)) == "19A*#"
        line.peer.wait_for_packets(10)
        worker.ping()
        assert not worker.events


def test_a_digit_that_goes_on_over_a_reinvite_is_told_once_and_the_next_one_again(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish(with_offer=False)
        line.peer.play_silence()
        line.peer.send_digit("5", milliseconds=400)
        assert worker.wait_for(wire.GotDigit).digit == "5"
        assert line.reinvite(line.line("sendonly")).status == 200
        line.flowing()
        line.peer.wait_until(lambda peer: not peer.is_sending_digits)
        line.peer.send_digit("5")
        assert worker.wait_for(wire.GotDigit).digit == "5"
        line.peer.wait_until(lambda peer: not peer.is_sending_digits)
        worker.ping()
        assert not worker.events


def test_bridged_legs_hear_each_other_and_not_themselves(worker: Worker) -> None:
    with Line(worker) as one, Line(worker, codec="PCMA") as two:
        one.establish()
        two.establish(with_offer=False)
        one.peer.play(440)
        two.peer.play(700)
        worker.send(wire.Bridge(one.token, two.token), wire.Bridge(two.token, one.token))
        one.peer.wait_to_hear(700)
        two.peer.wait_to_hear(440)
        assert one.peer.amplitude(440) < 100 > two.peer.amplitude(700)
        worker.send(wire.Hold(two.token, is_held=True))
        one.peer.wait_for_quiet()
        two.peer.wait_for_quiet()
        worker.send(wire.Hold(two.token, is_held=False))
        two.reinvite(two.line())
        one.peer.wait_to_hear(700)
        two.peer.wait_to_hear(440)
        worker.send(wire.Unbridge(two.token, one.token), wire.Unbridge(two.token, one.token))
        one.peer.wait_for_quiet()
        two.peer.wait_for_quiet()


def test_a_bridge_may_be_wanted_before_there_is_audio_and_ends_with_a_leg(worker: Worker) -> None:
    with Line(worker) as one:
        one.establish()
        with Line(worker) as two:
            invite = two.open()
            worker.send(wire.Bridge(one.token, two.token))
            two.peer.play(700)
            two.respond(invite, "200 OK", two.line())
            one.peer.wait_to_hear(700)
            two.request("BYE")
            worker.wait_for(wire.Closed)
            one.peer.wait_for_quiet()
        assert worker.refusal(wire.Bridge(one.token, two.token)) == "unknown leg"
        assert "itself" in worker.refusal(wire.Bridge(one.token, one.token))


def test_the_peer_hears_itself_only_while_echo_is_on(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        line.peer.play(440)
        for is_on in (True, False, True):
            worker.send(wire.Echo(line.token, is_on), wire.Echo(line.token, is_on))
            if is_on:
                line.peer.wait_to_hear(440)
            else:
                line.peer.wait_for_quiet()


def test_what_was_said_before_anybody_listened_is_not_heard_late(worker: Worker) -> None:
    with Line(worker) as line:
        line.establish()
        line.peer.play(440)
        line.peer.wait_for_packets(40)
        line.peer.play(700)
        line.peer.wait_for_packets(20)
        worker.send(wire.Echo(line.token, is_on=True))
        line.peer.wait_to_hear(700)
        assert line.peer.amplitude(440, 2.0) < 100


def test_a_held_leg_is_heard_by_nobody_and_what_plays_into_it_waits(worker: Worker, wave: Path) -> None:
    with Line(worker) as line:
        line.establish()
        worker.send(wire.Hold(line.token, is_held=True), wire.Play(line.token, 1, str(wave)))
        line.peer.wait_for_packets(40)
        worker.ping()
        assert not worker.events
        worker.send(wire.Hold(line.token, is_held=False))
        line.peer.wait_to_hear(600)
        worker.wait_for(wire.PlayingEnded)
