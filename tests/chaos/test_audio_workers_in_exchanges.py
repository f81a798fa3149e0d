"""Audio processes that die while the call is being set up or renegotiated: it comes about, and is heard."""

from __future__ import annotations

import signal

import gevent
import pytest

from tests.chaos.audio_parties import (
    RESTART,
    Party,
    engine,
    kill,
    kill_worker,
    nothing_is_held,
    spares,
    talking,
    telephones,
    unharmed,
)
from tests.endpoints import port
from tests.interop.audio_calls import both_ways, called, incoming, needs_audio, start_call
from tests.interop.sip_peer import chat_line

pytestmark = [needs_audio, pytest.mark.slow]


@pytest.fixture
def scene():
    """The engine, and a telephone."""
    with telephones(1) as (peer,), engine() as watch:
        yield watch, peer


def lose(watch, party):
    """Kill the worker that a call has, and wait for the death to be seen."""
    pid = party.pid
    kill(pid)
    watch.until(lambda: party.pid != pid, "the loss")


def finish(watch, party):
    """Show that the call came about, is heard, and ends as it should."""
    watch.wait_for("SCSessionDidStart", party.session)
    party.echo()
    assert party.session.state == "ESTABLISHED"
    party.session.terminate()
    watch.wait_for("SCSessionDidEnd", party.session)
    assert watch.count("SCSessionDidFail") == 0
    assert party.peer.has_ended
    nothing_is_held(watch)


def test_while_it_rings(scene):
    watch, peer = scene
    peer.on_invite = lambda _: peer.ring()
    party = Party(peer, start_call(peer))
    watch.wait_for("SCSessionGotRingIndication", party.session)
    lose_candidate(watch, party)
    peer.accept()
    finish(watch, party)
    assert party.restarts(watch) == 0, "nothing had been heard that could come back"


def test_while_early_media_are_heard(scene):
    watch, peer = scene
    peer.on_invite = lambda _: peer.ring_with_media()
    party = Party(peer, start_call(peer))
    peer.rtp.wait_for_packets(5)
    lose(watch, party)
    peer.accept()
    finish(watch, party)


def test_before_an_incoming_call_is_accepted(scene):
    watch, peer = scene
    first = peer.start_call(port())
    session = incoming(watch, peer)
    session.accept(audio=True)
    assert first.get(timeout=10).status == 200
    finish(watch, Party(peer, session))
    with telephones(1) as (another,):
        calling = another.start_call(port())
        session = incoming(watch, another)
        kill(watch.until(spares, "a spare worker")[0])
        session.accept(audio=True)
        assert calling.get(timeout=10).status == 200
        watch.wait_for("SCSessionDidStart", session)
        finish(watch, Party(another, session))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_while_an_incoming_call_is_being_accepted(how, scene):
    """The worker that gets the call hangs already, and is killed, or found out, while the answer is waited for."""
    watch, peer = scene
    with telephones(1) as (another,):
        Party(another, called(watch, another)).session.terminate()
        watch.wait_for("SCSessionDidEnd")
    for pid in watch.until(lambda: len(found := spares()) == 2 and found, "two workers without calls"):
        kill(pid, signal.SIGSTOP)
    calling = peer.start_call(port())
    session = incoming(watch, peer)
    session.accept(audio=True)
    if how is signal.SIGKILL:
        kill(watch.until(lambda: asked(session), "a worker"))
    assert calling.get(timeout=10).status == 200
    watch.wait_for("SCSessionDidStart", session)
    Party(peer, session).echo()
    assert watch.count("SCSessionDidFail") == 0


def asked(session):
    """The worker that is to make the line of a call; None until there is one."""
    audio = session.audio_transport
    candidate = audio.ref.state.candidate if audio else None
    return candidate.link.ready.pid if candidate and candidate.link else None


def test_while_the_answer_to_a_late_offer_is_awaited(scene):
    watch, peer = scene
    final, may_go_on = peer._final, gevent.event.Event()

    def slow(invite):
        response = final(invite)
        assert may_go_on.wait(10)
        return response

    peer._final = slow
    calling = peer.start_call(port(), late=True)
    session = incoming(watch, peer)
    session.accept(audio=True)
    party = Party(peer, session)
    peer.wait_for(lambda message: message.status == 200, "the offer")
    lose_candidate(watch, party)
    may_go_on.set()
    assert calling.get(timeout=10).status == 200
    finish(watch, party)


def lose_candidate(watch, party):
    """Kill the worker whose line was told but is not agreed, and wait for the death to be seen."""
    leg = party.session.audio_transport.ref
    candidate = leg.state.candidate
    kill(candidate.link.ready.pid)
    watch.until(lambda: leg.state.candidate is not None and leg.state.candidate.token != candidate.token, "the loss")


@both_ways
def test_while_the_peer_thinks_about_our_hold(meet):
    with talking(1, meet) as (watch, (party,)):
        count = 1 + sum(each.method == "INVITE" for each in party.peer.received)
        party.hold_answers()
        party.session.hold()
        party.peer.wait_for_request("INVITE", count)
        lose(watch, party)
        party.answer_now(count)
        watch.wait_for(RESTART, party.session)
        party.peer.rtp.forget()
        party.peer.rtp.wait_for_quiet()
        party.session.unhold()
        party.hear()
        assert party.restarts(watch) == 1
        unharmed(watch, [party])


@pytest.mark.parametrize("answer", [488, 491, 500])
def test_while_the_peer_refuses_our_hold(answer):
    with talking() as (watch, (party,)):
        party.hold_answers()
        party.session.hold()
        party.peer.wait_for_request("INVITE", 2)
        lose(watch, party)
        party.answer_now(2, party.peer.refusing(answer, "No"))
        watch.wait_for(RESTART, party.session)
        if answer == 491:
            watch.until(lambda: party.session.on_hold_by_local, "the hold, tried again")
            party.session.unhold()
        party.hear()
        unharmed(watch, [party])


@both_ways
def test_as_the_peer_renegotiates(meet):
    with talking(1, meet) as (watch, (party,)):
        kill(party.pid)
        party.peer.move()
        status = party.peer.reinvite().status
        while status == 491:
            status = party.peer.reinvite().status
        assert status in (200, 488, 500)
        watch.wait_for(RESTART, party.session)
        party.hear()
        assert party.restarts(watch) == 1
        unharmed(watch, [party])


@both_ways
def test_while_a_chat_is_proposed_by_us(meet):
    with talking(1, meet) as (watch, (party,)):
        count = 1 + sum(each.method == "INVITE" for each in party.peer.received)
        party.hold_answers()
        party.session.add_chat()
        party.peer.wait_for_request("INVITE", count)
        lose(watch, party)
        party.answer_now(count, party.peer.refusing(488, "Not Acceptable Here"))
        watch.wait_for("SCSessionRejectedStreamProposal", party.session)
        watch.wait_for(RESTART, party.session)
        party.hear()
        assert party.restarts(watch) == 1
        unharmed(watch, [party])


@both_ways
def test_while_a_chat_is_proposed_by_the_peer(meet):
    with talking(1, meet) as (watch, (party,)):
        peer = party.peer
        peer.others = [chat_line("msrp://127.0.0.1:7777/abc;tcp")]
        proposing = gevent.spawn(peer.reinvite)
        watch.wait_for("SCSessionGotStreamProposal", party.session)
        lose(watch, party)
        party.session.reject_proposal()
        assert proposing.get(timeout=10).status == 488
        watch.wait_for(RESTART, party.session)
        party.hear()
        assert party.restarts(watch) == 1
        unharmed(watch, [party])


def test_while_the_new_address_is_not_answered_yet():
    """Its second worker dies while the peer thinks about its address."""
    with talking() as (watch, (party,)):
        party.hold_answers()
        pid = party.pid
        kill(pid)
        party.peer.wait_for_request("INVITE", 2)
        lose_candidate(watch, party)
        party.answer_now(2)
        watch.wait_for(RESTART, party.session)
        party.hear()
        assert party.restarts(watch) == 1
        unharmed(watch, [party])


@pytest.mark.parametrize("originator", ["local", "remote"])
def test_as_the_call_ends_while_the_new_address_is_not_answered(originator):
    with talking() as (watch, (party,)):
        party.hold_answers()
        kill(party.pid)
        party.peer.wait_for_request("INVITE", 2)
        if originator == "local":
            party.session.terminate()
        else:
            party.peer.hang_up()
        watch.wait_for("SCSessionDidEnd", party.session)
        assert watch.data("SCSessionDidEnd", party.session) == {"originator": originator}
        assert watch.count("SCSessionDidFail") == 0
        nothing_is_held(watch)


def test_as_a_call_that_rings_is_cancelled(scene):
    watch, peer = scene
    peer.on_invite = lambda _: peer.ring()
    party = Party(peer, start_call(peer))
    watch.wait_for("SCSessionGotRingIndication", party.session)
    kill(asked(party.session))
    party.session.terminate()
    watch.wait_for("SCSessionDidEnd", party.session)
    peer.wait_for_request("CANCEL")
    nothing_is_held(watch)


def test_where_the_peer_refuses_the_new_address_at_first():
    with talking() as (watch, (party,)):
        answers = [party.peer.refusing(500, "Not Now", "Retry-After: 0"), party.peer.accept]
        party.peer.on_reinvite = lambda request: answers.pop(0)(request)
        kill_worker(watch, party)
        party.hear()
        unharmed(watch, [party])
