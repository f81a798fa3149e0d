"""Audio processes that are killed or hang in the middle of calls: no call is lost, and each is heard again."""

from __future__ import annotations

import random
import signal
import wave
from pathlib import Path

import pytest

from sipsimple.core import Engine
from sipsimple.media.settings import PORTS_PER_WORKER, PoolSettings
from tests.chaos.audio_parties import (
    RESTART,
    Party,
    crew,
    engine,
    hear,
    kill,
    kill_worker,
    pids,
    spares,
    talking,
    telephones,
    unharmed,
)
from tests.interop.audio_calls import LOUD, OTHERS, OURS, THEIRS, both_ways, call, encrypting, needs_audio
from tests.interop.audio_peer import AudioPeer
from tests.media import tones

pytestmark = [needs_audio, pytest.mark.slow]

CALLS = 12


@pytest.fixture
def tone(tmp_path):
    return str(tones.write_tone(tmp_path / "ours.wav", OURS, 2.0))


def test_the_death_of_each_worker_in_turn_costs_no_call():
    with talking(CALLS) as (watch, parties):
        hits = dict.fromkeys(range(CALLS), 0)
        for pid in sorted({each.pid for each in parties}):
            hit = [number for number, each in enumerate(parties) if each.pid == pid]
            kill_worker(watch, *[parties[number] for number in hit])
            hear(parties)
            for number in hit:
                hits[number] += 1
        for number, each in enumerate(parties):
            assert each.restarts(watch) == hits[number] > 0, "told once for each loss"
        unharmed(watch, parties)
        for each in watch.seen:
            if each.name == RESTART:
                assert (each.data.stream, each.data.recording_file_name) == ("audio", None)
                assert each.data.reason == "the process ended"
                assert 0 <= each.data.duration_ms < 5000


def test_a_worker_that_hangs_is_found_out_and_costs_no_call():
    with talking(4) as (watch, parties):
        pid = parties[0].pid
        hit = [each for each in parties if each.pid == pid]
        kill_worker(watch, *hit, how=signal.SIGSTOP)
        for each in hit:
            each.peer.rtp.wait_for_packets(5)
            gap = max(gap.seconds for gap in each.peer.rtp.gaps)
            assert gap < 2 * (PoolSettings().ping_limit + 1)
        hear(parties)
        for each in parties:
            assert each.restarts(watch) == int(each in hit)
        unharmed(watch, parties)
        assert "hangs" in watch.data(RESTART)["reason"]
        watch.until(lambda: pid not in pids(), "the hanging process to be killed")


@pytest.mark.parametrize("what", ["zygote", "spare"])
def test_the_death_of_what_has_no_call_is_not_noticed(what):
    with telephones(1) as (another,), talking(3) as (watch, parties):
        pid = crew().zygote.process.pid if what == "zygote" else watch.until(spares, "a spare worker")[0]
        kill(pid)
        watch.until(lambda: crew().zygote and crew().zygote.process.pid != pid and not crew().zygote.lost, "a zygote")
        watch.until(lambda: [each for each in spares() if each != pid], "another spare worker")
        hear(parties)
        assert watch.count(RESTART) == 0
        kill_worker(watch, parties[0])
        parties[0].hear()
        Party(another, call(watch, another)).echo()
        unharmed(watch, parties)


def test_the_death_of_all_processes_at_once_costs_no_call():
    with talking(6) as (watch, parties):
        for pid in (crew().zygote.process.pid, *pids()):
            kill(pid)
        for each in parties:
            watch.wait_for(RESTART, each.session)
        hear(parties)
        unharmed(watch, parties)
        assert watch.count(RESTART) == len(parties)


def test_at_the_ceiling_and_in_the_smallest_port_range_there_is_room_to_move():
    first = random.randrange(20000, 30000, 2)
    last = first + 2 * PORTS_PER_WORKER - 1
    with talking(5, max_audio_calls=5, rtp_port_range=(first, last)) as (watch, parties):
        for _ in range(2):
            kill_worker(watch, *[each for each in parties if each.pid == parties[0].pid])
            hear(parties)
            for each in parties:
                assert first <= each.session.audio_local_rtp_port <= last
        unharmed(watch, parties)


def test_a_call_that_must_be_encrypted_stays_so():
    encrypting(forced=True)  # the engine's end takes it back
    with AudioPeer(srtp="forced") as peer, engine() as watch:
        peer.rtp.play(THEIRS)
        party = Party(peer, call(watch, peer)).echo()
        kill_worker(watch, party)
        party.hear()
        assert party.session.audio_srtp_active
        assert peer.rtp.refused == 0
        unharmed(watch, [party])


@both_ways
def test_a_call_survives_two_workers_and_ends_in_the_ordinary_way_with_the_third(meet):
    with talking(1, meet, trace_sip=True) as (watch, (party,)):
        for _ in range(2):
            kill_worker(watch, party)
            party.hear()
        kill(party.pid)
        watch.wait_for("SCSessionDidEnd", party.session)
        party.peer.wait_for_request("BYE")
        failure = watch.data("SCSessionDidFail", party.session)
        assert (failure["originator"], failure["code"]) == ("local", 0)
        assert "3 audio workers were lost" in failure["reason"]
        told = watch.names(party.session)
        assert told[-3:] == ["ESTABLISHED>TERMINATED", "SCSessionDidFail", "SCSessionDidEnd"]
        assert party.restarts(watch) == 2
        sent = [each.data.data for each in watch.seen if each.name == "SCEngineSIPTrace" and not each.data.received]
        assert len([each for each in sent if each.startswith("BYE ")]) == 1


def test_a_worker_that_dies_as_the_call_ends_changes_nothing_of_the_end():
    with talking(2) as (watch, (one, two)):
        kill(one.pid)
        one.session.terminate()
        two.peer.hang_up()
        if two.pid is not None:
            kill(two.pid)
        for each, originator in ((one, "local"), (two, "remote")):
            watch.wait_for("SCSessionDidEnd", each.session)
            assert watch.data("SCSessionDidEnd", each.session) == {"originator": originator}
        assert watch.count("SCSessionDidFail") == 0


@pytest.mark.parametrize("holder", ["local", "remote", "both"])
def test_on_hold_nothing_is_heard_of_the_new_worker_until_unhold(holder, tone):
    with talking() as (watch, (party,)):
        session, peer = party.session, party.peer
        session.start_playing(tone, loop_count=0)
        party.hear(OURS)
        if holder != "local":
            peer.hold()
            watch.until(lambda: session.on_hold_by_remote, "the peer's hold")
        if holder != "remote":
            session.hold()
            watch.until(lambda: session.on_hold_by_local, "our hold")
        peer.rtp.wait_for_quiet()
        kill_worker(watch, party)
        peer.rtp.forget()
        peer.rtp.wait_for_quiet()
        if holder != "local":
            assert peer.rtp.packets == 0
            assert peer.unhold().status == 200
        if holder == "both":
            watch.until(lambda: not session.on_hold_by_remote, "the peer's unhold")
            peer.rtp.wait_for_quiet()
        if holder != "remote":
            session.unhold()
        party.hear(OURS)
        party.hear(THEIRS)
        assert not session.on_hold
        assert party.restarts(watch) == 1


def test_a_recording_goes_on_in_a_second_file_and_the_first_can_be_read(tmp_path):
    with talking() as (watch, (party,)):
        session = party.session
        session.start_recording_audio(tmp_path, "call.wav")
        watch.wait_for("SCSessionDidStartRecordingAudio", session)
        first, second = str(tmp_path / "call.wav"), str(tmp_path / "call-2.wav")
        watch.until(lambda: size(first) > 8000, "half a second in the file")
        kill_worker(watch, party)
        assert watch.data(RESTART, session)["recording_file_name"] == second
        assert session.audio_recording_file_name == second
        assert is_heard(first)
        watch.until(lambda: size(second) > 8000, "half a second in the next")
        session.stop_recording_audio()
        stopped = watch.wait_for("SCSessionDidStopRecordingAudio", session).data
        assert (stopped.file_name, stopped.error) == (second, None)
        assert is_heard(second)
        assert [name for name in watch.names(session) if "Recording" in name] == [
            f"SCSession{each}RecordingAudio" for each in ("WillStart", "DidStart", "WillStop", "DidStop")
        ]


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False


def size(path):
    return Path(path).stat().st_size if Path(path).exists() else 0


def is_heard(path):
    """Tell whether the telephone's tone is in a file that any reader can read."""
    with wave.open(path) as read:
        assert read.getnframes() > 2000
    samples, rate = tones.read_wave(Path(path))
    part = rate // 10  # a busy telephone has gaps
    starts = range(0, len(samples) - part, part)
    return max(tones.amplitude(samples[at : at + part], THEIRS, rate) for at in starts) > LOUD


def test_what_is_played_goes_on_and_its_end_is_told_once(tone, tmp_path):
    short = str(tones.write_tone(tmp_path / "short.wav", OURS, 0.3))
    with talking() as (watch, (party,)):
        session = party.session
        session.echo_audio(False)
        endless, once = session.start_playing(tone, loop_count=0), session.start_playing(short, loop_count=3)
        party.hear(OURS)
        kill_worker(watch, party)
        party.hear(OURS)
        ended = watch.wait_for("SCSessionDidEndPlaying", session).data
        assert (ended.player, ended.error) == (once, None)
        session.stop_playing(endless)
        party.peer.rtp.wait_for_quiet()
        assert watch.count("SCSessionDidEndPlaying", session) == 1


@pytest.mark.parametrize("where", ["one worker", "two workers"])
def test_a_bridge_outlives_its_worker(where):
    with talking(2 if where == "one worker" else 6) as (watch, parties):
        one, two = parties[0], parties[-1]
        two.peer.rtp.play(OTHERS)
        for each in (one, two):
            each.session.echo_audio(False)
        two.session.bridge(one.session)
        one.hear(OTHERS)
        two.hear(THEIRS)
        assert watch.count(RESTART) == 0
        assert one.pid == two.pid
        kill_worker(watch, one, two)
        one.hear(OTHERS)
        two.hear(THEIRS)
        assert one.restarts(watch) == two.restarts(watch) == 1
        unharmed(watch, parties)
        one.session.unbridge()
        one.peer.rtp.wait_for_quiet()


def test_digits_go_both_ways_after_the_worker_has_changed():
    with talking() as (watch, (party,)):
        kill_worker(watch, party)
        party.hear()
        party.session.send_dtmf("5")
        party.peer.rtp.wait_for_digits("5")
        party.peer.rtp.send_digit("7")
        assert watch.wait_for("SCSessionGotDTMF", party.session).data.digit == "7"


def test_the_end_of_the_engine_closes_every_recording_and_every_process(tmp_path):
    with telephones(20) as peers, engine() as watch:
        parties = [Party(peer, call(watch, peer)) for peer in peers]
        recorded = parties[::3]
        for number, each in enumerate(recorded):
            each.session.start_recording_audio(tmp_path, f"{number}.wav")
        for number in range(len(recorded)):
            watch.until(lambda number=number: size(tmp_path / f"{number}.wav") > 4000, "a quarter of a second")
        processes = {crew().zygote.process.pid, *pids()}
        assert len(processes) >= 6
        Engine().stop()
        assert not [each for each in processes if lives(each)]
        for each in parties:
            assert watch.data("SCSessionDidEnd", each.session) == {"originator": "local"}
            assert each.peer.has_ended
        for number, each in enumerate(recorded):
            assert is_heard(str(tmp_path / f"{number}.wav"))
            told = watch.names(each.session)
            assert told[-4:-2] == ["SCSessionWillStopRecordingAudio", "SCSessionDidStopRecordingAudio"]
            assert told[-1] == "SCSessionDidEnd"
        assert watch.count("SCSessionDidFail") == 0
