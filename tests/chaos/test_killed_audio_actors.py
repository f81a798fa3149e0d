"""Actors of the audio side that are killed: calls go on, or end in the ordinary way; nothing is left."""

from __future__ import annotations

import wave

import pytest

from sipsimple.core import Engine, WaveFile
from tests.chaos.audio_parties import (
    RESTART,
    Party,
    crew,
    engine,
    hear,
    kill_worker,
    nothing_is_held,
    pids,
    pool,
    talking,
    telephones,
    unharmed,
)
from tests.chaos.test_killed_actors import actors, kill
from tests.endpoints import port
from tests.interop.audio_calls import OURS, both_ways, call, incoming, needs_audio, start_call
from tests.media import tones

pytestmark = [needs_audio, pytest.mark.slow]


@pytest.fixture
def scene():
    """The engine, and a telephone."""
    with telephones(1) as (peer,), engine(crashes=True) as watch:
        yield watch, peer


def found(path):
    """The actor at a path below the root."""
    return next(ref for name, ref in sorted(actors().items()) if name.startswith(path))


@both_ways
def test_a_killed_leg_costs_a_running_call_nothing(meet):
    with talking(1, meet, crashes=True) as (watch, (party,)):
        kill(watch, party.leg)
        party.hear()
        party.session.send_dtmf("3")
        party.peer.rtp.wait_for_digits("3")
        assert watch.count(RESTART) == 0
        unharmed(watch, [party])


def test_a_leg_that_is_killed_while_its_worker_is_asked_for_comes_to_its_line(scene):
    watch, peer = scene
    peer.on_invite = peer.accept
    party = Party(peer, start_call(peer))
    leg = watch.until(lambda: party.session.audio_transport and party.leg, "a leg")
    leg.kill()
    watch.wait_for("SCSessionDidStart", party.session)
    party.echo()


def test_a_leg_that_is_killed_while_the_call_rings_is_heard_when_it_is_answered(scene):
    watch, peer = scene
    peer.on_invite = lambda _: peer.ring()
    party = Party(peer, start_call(peer))
    watch.wait_for("SCSessionGotRingIndication", party.session)
    kill(watch, party.leg)
    peer.accept()
    watch.wait_for("SCSessionDidStart", party.session)
    party.echo()


def test_a_leg_that_is_killed_while_it_moves_arrives():
    with talking(crashes=True) as (watch, (party,)):
        party.hold_answers()
        kill_again = party.leg
        pid = party.pid
        crew_link(pid).process.kill()
        party.peer.wait_for_request("INVITE", 2)
        kill(watch, kill_again)
        party.answer_now(2)
        watch.wait_for(RESTART, party.session)
        party.hear()
        unharmed(watch, [party])


def crew_link(pid):
    return next(link for link in crew().links.values() if link.ready is not None and link.ready.pid == pid)


def test_a_leg_that_is_killed_on_hold_stays_silent_until_unhold():
    with talking(crashes=True) as (watch, (party,)):
        party.session.hold()
        watch.until(lambda: party.session.on_hold_by_local, "the hold")
        party.peer.rtp.wait_for_quiet()
        kill(watch, party.leg)
        party.peer.rtp.forget()
        party.peer.rtp.wait_for_quiet()
        party.session.unhold()
        party.hear()


def test_a_leg_that_is_killed_while_it_records_closes_the_file(tmp_path):
    with talking(crashes=True) as (watch, (party,)):
        session = party.session
        session.start_recording_audio(tmp_path, "a.wav")
        watch.wait_for("SCSessionDidStartRecordingAudio", session)
        kill(watch, party.leg)
        session.stop_recording_audio()
        watch.wait_for("SCSessionDidStopRecordingAudio", session)
        with wave.open(str(tmp_path / "a.wav")) as read:
            assert read.getframerate() == 8000


@pytest.mark.parametrize("is_recording", [False, True])
def test_a_leg_that_is_killed_as_the_call_ends_gives_everything_back(is_recording, tmp_path):
    with talking(crashes=True) as (watch, (party,)):
        leg = party.leg
        if is_recording:
            party.session.start_recording_audio(tmp_path, "a.wav")
            watch.wait_for("SCSessionDidStartRecordingAudio", party.session)
        party.session.terminate()
        leg.kill()
        watch.wait_for("SCSessionDidEnd", party.session)
        nothing_is_held(watch)
        assert watch.count("SCSessionDidStopRecordingAudio") == int(is_recording)


@pytest.mark.parametrize("is_recording", [False, True])
def test_beyond_its_budget_a_leg_ends_the_call_by_bye_and_gives_everything_back(is_recording, tmp_path):
    with talking(crashes=True) as (watch, (party,)):
        session = party.session
        if is_recording:
            session.start_recording_audio(tmp_path, "a.wav")
            watch.wait_for("SCSessionDidStartRecordingAudio", session)
        leg = party.leg
        kill(watch, leg)
        leg.kill()
        watch.wait_for("SCSessionDidEnd", session)
        party.peer.wait_for_request("BYE")
        failure = watch.data("SCSessionDidFail", session)
        assert (failure["originator"], failure["code"]) == ("local", 0)
        assert "audio crashed too often" in failure["reason"]
        assert watch.count("SCSessionDidStopRecordingAudio", session) == int(is_recording)
        assert (session.has_audio, session.audio_transport) == (False, None)
        nothing_is_held(watch)


@both_ways
def test_a_killed_session_costs_the_audio_nothing(meet):
    with talking(1, meet, crashes=True) as (watch, (party,)):
        kill(watch, party.session.ref)
        party.hear()
        kill_worker(watch, party)
        party.hear()
        unharmed(watch, [party])


def test_a_session_that_is_killed_while_the_audio_moves_lets_it_arrive():
    with talking(crashes=True) as (watch, (party,)):
        party.hold_answers()
        crew_link(party.pid).process.kill()
        party.peer.wait_for_request("INVITE", 2)
        kill(watch, party.session.ref)
        party.answer_now(2)
        watch.wait_for(RESTART, party.session)
        party.hear()
        unharmed(watch, [party])


def test_beyond_its_budget_a_session_ends_with_its_audio():
    with talking(crashes=True) as (watch, (party,)):
        ref = party.session.ref
        kill(watch, ref)
        ref.kill()
        watch.wait_for("SCSessionDidEnd", party.session)
        party.peer.wait_for_request("BYE")
        nothing_is_held(watch)


def test_a_session_that_is_killed_while_it_accepts_audio_is_accepted(scene):
    watch, peer = scene
    calling = peer.start_call(port())
    session = incoming(watch, peer)
    session.accept(audio=True)
    watch.until(lambda: session.audio_transport, "a leg")
    session.ref.kill()
    assert calling.get(timeout=10).status == 200
    watch.wait_for("SCSessionDidStart", session)
    Party(peer, session).echo()


@pytest.mark.parametrize("path", ["media/pool/pool", "media/switchboard", "media/sound", "transports/udp"])
def test_calls_and_their_survival_do_not_hang_on_one_actor(path):
    with telephones(1) as (another,), talking(2, crashes=True) as (watch, parties):
        kill(watch, found(path))
        hear(parties)
        kill_worker(watch, *[each for each in parties if each.pid == parties[0].pid])
        hear(parties)
        later = Party(another, call(watch, another)).echo()
        later.session.terminate()
        watch.wait_for("SCSessionDidEnd", later.session)
        assert all(each.session.state == "ESTABLISHED" and not each.peer.has_ended for each in parties)


@pytest.mark.parametrize("path", ["media/pool/workers/worker-{number}", "media/pool/workers/zygote"])
def test_a_killed_reader_of_a_process_goes_on_reading(path):
    with talking(2, crashes=True) as (watch, parties):
        pid = parties[0].pid
        for _ in range(3):
            kill(watch, found(path.format(number=crew_link(pid).number)))
        parties[0].session.send_dtmf("9")
        parties[0].peer.rtp.wait_for_digits("9")
        parties[0].peer.rtp.send_digit("1")
        assert watch.wait_for("SCSessionGotDTMF").data.digit == "1"
        assert watch.count(RESTART) == 0
        kill_worker(watch, *[each for each in parties if each.pid == pid])
        hear(parties)
        unharmed(watch, parties)


@pytest.mark.parametrize("path", ["media/pool/pool", "media/sound/actor"])
def test_what_crashes_twice_in_a_row_costs_no_call(path):
    with telephones(1) as (another,), talking(2, crashes=True) as (watch, parties):
        ref = found(path)
        above = Engine().core.system.root.child("media").child(path.split("/")[1])
        while above.restarts == 0:  # the second time, or later if it handles something in between
            before = ref.restarts
            ref.kill()
            watch.until(lambda before=before: above.restarts or ref.restarts > before, "somebody to begin anew")
        watch.until(lambda: ref.is_alive, "the actor of the new supervisor")
        hear(parties)
        for each in parties:
            watch.until(lambda each=each: each.pid in pids(), "a living worker")
        reasons = {each.data.reason for each in watch.seen if each.name == RESTART}
        assert reasons == ({"the pool of workers was stopped"} if "pool" in path else set())
        Party(another, call(watch, another)).echo()
        kill_worker(watch, *[each for each in parties if each.pid == parties[0].pid])
        unharmed(watch, parties)


def test_where_the_readers_cannot_be_kept_up_every_worker_is_replaced_and_no_call_lost():
    with talking(2, crashes=True) as (watch, parties):
        before = pids()
        ref = found(f"media/pool/workers/worker-{crew_link(parties[0].pid).number}")
        watch.until(lambda: not ref.kill() and not ref.is_alive and parties[0].pid not in before, "the last straw")
        for each in parties:
            watch.wait_for(RESTART, each.session)
        hear(parties)
        unharmed(watch, parties)


def test_the_pool_that_is_killed_while_workers_die_hears_of_it():
    with talking(3, crashes=True) as (watch, parties):
        ref = pool()
        crew_link(parties[0].pid).process.kill()
        ref.kill()
        hear(parties)
        for each in parties:
            watch.until(lambda each=each: each.pid in pids(), "a living worker")
        unharmed(watch, parties)


def test_the_sound_device_is_killed_and_what_is_played_here_ends_as_told(tmp_path):
    path = str(tones.write_tone(tmp_path / "ours.wav", OURS, 0.3))
    with engine(crashes=True) as watch:
        file = WaveFile(path)
        file.start()
        device = watch.until(lambda: Engine().core.sound._found, "the sound device")
        kill(watch, device)
        watch.wait_for("SCWaveFileDidEnd", file)
        again = WaveFile(path)
        again.start(loop_count=0)
        link = watch.until(lambda: device.state.link, "a worker")
        link.process.kill()
        again.stop()
        watch.wait_for("SCWaveFileDidEnd", again)
