"""Offer and answer: every order that RFC 3264 allows, and what it forbids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, RemoteProtocolError, SessionStateError, SIPSimpleError
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sdp.capability import rejected
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.media import Media
from sipsimple.protocols.sdp.negotiation import Negotiation, State

AUDIO = Media("audio", 6000, "RTP/AVP", ("0",))
CHAT = Media("message", 2855, "TCP/MSRP", ("*",))


def body(*media: Media, version: int = 7, times: str = "0 0") -> bytes:
    return bytes(SessionDescription.create(7, "192.0.2.9", "-", media, version=version).with_(times=times))


@pytest.fixture
def fresh() -> Negotiation:
    return offer_answer.start(100, "192.0.2.1", "test")


@pytest.fixture
def agreed(fresh) -> Negotiation:
    sent, _ = offer_answer.offer(fresh, [AUDIO])
    return offer_answer.receive_answer(sent, body(AUDIO))[0]


def version(document: SessionDescription) -> int:
    return document.origin.session_version


def test_an_answer_settles_our_offer(fresh):
    sent, ours = offer_answer.offer(fresh, [AUDIO, CHAT])
    settled, theirs = offer_answer.receive_answer(sent, body(AUDIO, rejected(CHAT)))

    assert (sent.state, settled.state) == (State.OFFER_SENT, State.STABLE)
    assert version(ours) == ours.origin.session_id == 100
    assert (settled.local, settled.remote, settled.pending) == (bytes(ours), bytes(theirs), b"")
    assert settled.local_description == ours
    assert settled.remote_description == theirs


def test_our_answer_settles_an_offer_even_a_late_one_in_a_2xx(fresh):
    came, theirs = offer_answer.receive_offer(fresh, body(AUDIO, CHAT, times="5 6"))
    settled, ours = offer_answer.answer(came, [AUDIO, rejected(CHAT)])

    assert came.offered == theirs
    assert (came.state, settled.state) == (State.OFFER_RECEIVED, State.STABLE)
    assert ours.times == "5 6"
    assert (settled.local, settled.remote) == (bytes(ours), bytes(theirs))


def test_the_same_offer_again_is_the_same_document(agreed):
    _, again = offer_answer.offer(agreed, [AUDIO])

    assert bytes(again) == agreed.local


def test_any_change_is_one_version_up(agreed):
    _, changed = offer_answer.offer(agreed, [AUDIO.with_direction("sendonly")])
    _, answered = offer_answer.answer(offer_answer.receive_offer(agreed, body(AUDIO, CHAT))[0], [AUDIO, CHAT])

    assert (version(changed), version(answered)) == (101, 101)


def test_an_answer_that_changes_nothing_keeps_its_version(agreed):
    came, _ = offer_answer.receive_offer(agreed, body(AUDIO))

    assert version(offer_answer.answer(came, [AUDIO])[1]) == 100


def test_what_was_agreed_holds_when_a_new_offer_fails(agreed):
    ours, _ = offer_answer.offer(agreed, [AUDIO, CHAT])
    theirs, _ = offer_answer.receive_offer(agreed, body(AUDIO, CHAT))
    withdrawn = offer_answer.withdraw(ours)

    assert (withdrawn.state, withdrawn.local, withdrawn.remote) == (State.STABLE, agreed.local, agreed.remote)
    assert withdrawn.pending == b""
    assert offer_answer.reject(theirs) == agreed


def test_the_version_of_a_withdrawn_offer_is_used_up(agreed):
    """The peer saw version 101 with other content; what it sees next must not bear that number."""
    withdrawn = offer_answer.withdraw(offer_answer.offer(agreed, [AUDIO, CHAT])[0])

    assert version(offer_answer.offer(withdrawn, [AUDIO])[1]) == 102


def test_a_first_offer_that_fails_leaves_nothing(fresh):
    assert offer_answer.withdraw(offer_answer.offer(fresh, [AUDIO])[0]) == fresh
    assert offer_answer.reject(offer_answer.receive_offer(fresh, body(AUDIO))[0]) == fresh


def test_each_fork_of_an_invite_may_answer(fresh):
    sent, _ = offer_answer.offer(fresh, [AUDIO])
    one, _ = offer_answer.receive_answer(sent, body(AUDIO))
    other, _ = offer_answer.receive_answer(sent, body(AUDIO, version=9))

    assert one.remote != other.remote
    assert one.local == other.local


def test_early_media_is_read_without_settling_the_offer(fresh):
    sent, _ = offer_answer.offer(fresh, [AUDIO])

    assert offer_answer.preview_answer(sent, body(AUDIO)) == SessionDescription.parse(body(AUDIO))
    assert offer_answer.receive_answer(sent, body(AUDIO, version=8))[0].remote == body(AUDIO, version=8)


def test_once_answered_later_answers_are_not_looked_at(agreed):
    """RFC 3261 §13.2.1: the 2xx may repeat what a reliable 183 carried."""
    first = SessionDescription.parse(agreed.remote)

    assert offer_answer.receive_answer(agreed, b"garbage") == (agreed, first)
    assert offer_answer.preview_answer(agreed, b"garbage") == first


@pytest.mark.parametrize("answer", [[AUDIO, CHAT], [], [CHAT], [AUDIO.with_(protocol="RTP/SAVP")]])
def test_an_answer_whose_lines_differ_is_refused_and_the_offer_still_waits(fresh, answer):
    sent, _ = offer_answer.offer(fresh, [AUDIO])

    for read in (offer_answer.receive_answer, offer_answer.preview_answer):
        with pytest.raises(RemoteProtocolError) as caught:
            read(sent, body(*answer))
        assert caught.value.status == 488
    assert offer_answer.withdraw(sent) == fresh


@pytest.mark.parametrize("answer", [[AUDIO, CHAT], [], [CHAT]])
def test_we_do_not_answer_with_other_lines(fresh, answer):
    came, _ = offer_answer.receive_offer(fresh, body(AUDIO))

    with pytest.raises(LocalProtocolError):
        offer_answer.answer(came, answer)


def test_nobody_drops_a_line(agreed):
    with pytest.raises(LocalProtocolError):
        offer_answer.offer(agreed, [])
    with pytest.raises(RemoteProtocolError) as caught:
        offer_answer.receive_offer(agreed, body())
    assert caught.value.status == 488


def test_a_stopped_stream_comes_back_in_its_line(agreed):
    stopped, _ = offer_answer.offer(agreed, [rejected(AUDIO)])
    stopped, _ = offer_answer.receive_answer(stopped, body(rejected(AUDIO)))
    again, document = offer_answer.offer(stopped, [AUDIO])

    assert again.state is State.OFFER_SENT
    assert version(document) == 102


def test_offers_that_cross_are_glare(fresh):
    sent, _ = offer_answer.offer(fresh, [AUDIO])
    with pytest.raises(RemoteProtocolError) as caught:
        offer_answer.receive_offer(sent, body(AUDIO))

    assert caught.value.status == 491


def test_a_second_offer_before_our_answer_is_put_off(fresh):
    came, _ = offer_answer.receive_offer(fresh, body(AUDIO))
    with pytest.raises(RemoteProtocolError) as caught:
        offer_answer.receive_offer(came, body(AUDIO))

    assert (caught.value.status, caught.value.header) == (500, ("Retry-After", "5"))


def test_garbage_is_answered_400_and_changes_nothing(fresh):
    with pytest.raises(RemoteProtocolError) as caught:
        offer_answer.receive_offer(fresh, b"garbage")

    assert caught.value.status == 400


def test_an_answer_to_nothing_is_refused(fresh):
    came, _ = offer_answer.receive_offer(fresh, body(AUDIO))

    for negotiation in (fresh, came):
        with pytest.raises(RemoteProtocolError) as caught:
            offer_answer.receive_answer(negotiation, body(AUDIO))
        assert caught.value.status == 488


def test_misuse_names_the_states_that_allow_it(fresh):
    for misuse in (lambda: offer_answer.answer(fresh, [AUDIO]), lambda: offer_answer.withdraw(fresh)):
        with pytest.raises(SessionStateError) as caught:
            misuse()
        assert caught.value.state == "none"
    assert caught.value.allowed == ("offer sent",)


MOVES = {
    "offer": lambda n: offer_answer.offer(n, [AUDIO, CHAT])[0],
    "receive offer": lambda n: offer_answer.receive_offer(n, body(AUDIO, CHAT))[0],
    "answer": lambda n: offer_answer.answer(n, [AUDIO, rejected(CHAT)])[0],
    "receive answer": lambda n: offer_answer.receive_answer(n, body(AUDIO, CHAT, version=8))[0],
    "withdraw": offer_answer.withdraw,
    "reject": offer_answer.reject,
}


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=12))
def test_any_sequence_keeps_the_descriptions_in_step_and_versions_never_fall(moves):
    negotiation = offer_answer.start(100, "192.0.2.1")
    for move in moves:
        before = negotiation
        try:
            negotiation = MOVES[move](before)
        except SIPSimpleError:
            assert negotiation is before
        assert negotiation.version >= before.version
        assert bool(negotiation.local) == bool(negotiation.remote)
        assert bool(negotiation.pending) == (negotiation.state in (State.OFFER_SENT, State.OFFER_RECEIVED))
        assert bool(negotiation.local) or negotiation.state is not State.STABLE


def test_an_offer_of_the_same_may_be_given_a_new_version(agreed):
    """RFC 3264 8: a hold of a chat changes nothing else."""
    lines = agreed.local_description.media
    _, same = offer_answer.offer(agreed, lines)
    _, new = offer_answer.offer(agreed, lines, is_new=True)
    assert bytes(same) == agreed.local
    assert new.origin.session_version == same.origin.session_version + 1
    assert new.media == same.media
