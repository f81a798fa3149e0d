"""Challenging, and checking what comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols import digest
from sipsimple.protocols import digest_server as server
from sipsimple.protocols.digest_server import Replays, Verdict
from sipsimple.protocols.values import replace

KEY, ENTROPY, URI = b"k" * 16, "0123456789abcdef", "sip:a@b"
ALGORITHMS = [name + suffix for name in digest.STRENGTH for suffix in ("", "-sess")]


def challenge(algorithm=digest.SHA256, qop=("auth",), now=1000.0):
    return server.make_challenge("realm", KEY, now, ENTROPY, algorithm, qop)


def answer(asked, password="secret", **options):
    login = digest.log_in(asked, digest.Credentials("alice", password), "c0ffee")
    return digest.answer(login, "REGISTER", URI, **options)[1]


def check(text, asked, now=1001.0, replays=None, uri=URI, body=b"", key=KEY):
    ha1 = digest.user_hash(asked.algorithm, "alice", "realm", "secret")
    given = server.parse_answer(text)
    return server.verify(given, asked, ha1, "REGISTER", uri, body, key, now, replays or Replays())


@pytest.mark.parametrize("qop", [(), ("auth",), ("auth-int",)])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_right_answer_is_accepted_and_a_wrong_one_refused(algorithm, qop):
    asked = digest.parse_challenges([str(challenge(algorithm, qop))])[0]
    assert check(answer(asked, body=b"x"), asked, body=b"x")[1] is Verdict.ACCEPTED
    assert check(answer(asked, "guess", body=b"x"), asked, body=b"x")[1] is Verdict.REFUSED


def test_an_answer_is_good_once_and_its_count_must_grow():
    asked = challenge()
    login = digest.log_in(asked, digest.Credentials("alice", "secret"), "c0ffee")
    login, first = digest.answer(login, "REGISTER", URI)
    login, second = digest.answer(login, "REGISTER", URI)
    replays, verdict = check(second, asked)
    assert verdict is Verdict.ACCEPTED
    assert check(second, asked, replays=replays)[1] is Verdict.STALE
    assert check(first, asked, replays=replays)[1] is Verdict.STALE
    _, third = digest.answer(login, "REGISTER", URI)
    assert check(third, asked, replays=replays)[1] is Verdict.ACCEPTED


def test_an_answer_without_a_count_is_good_once():
    asked = challenge(digest.MD5, ())
    replays, verdict = check(answer(asked), asked)
    assert (verdict, check(answer(asked), asked, replays=replays)[1]) == (Verdict.ACCEPTED, Verdict.STALE)


def test_a_nonce_has_its_time():
    asked = challenge()
    assert check(answer(asked), asked, 1000.0 + server.LIFETIME)[1] is Verdict.ACCEPTED
    assert check(answer(asked), asked, 1001.0 + server.LIFETIME)[1] is Verdict.STALE
    assert check(answer(asked), asked, 999.0)[1] is Verdict.STALE


def test_a_nonce_of_another_server_or_a_forged_one_is_stale():
    asked = challenge()
    assert check(answer(asked), asked, key=b"other")[1] is Verdict.STALE
    forged = digest.replace(asked, nonce="f" + asked.nonce[1:])
    assert check(answer(forged), asked)[1] is Verdict.STALE
    assert check(answer(digest.replace(asked, nonce="dcd98b")), asked)[1] is Verdict.STALE


def test_a_stale_nonce_says_nothing_about_a_wrong_password():
    """A guess does not learn that the nonce was the trouble: RFC 7616 section 3.3, stale."""
    asked = challenge()
    assert check(answer(asked, "guess"), asked, 9999.0)[1] is Verdict.REFUSED


@pytest.mark.parametrize(
    "change",
    [{"algorithm": digest.MD5}, {"qop": ()}, {"qop": ("auth-int",)}, {"realm": "other"}],
    ids=["algorithm", "no qop", "other qop", "realm"],
)
def test_an_answer_to_another_kind_of_challenge_is_refused(change):
    """A weaker algorithm or no qop must not be taken from who was offered more."""
    asked = challenge()
    assert check(answer(digest.replace(asked, **change)), asked)[1] is Verdict.REFUSED


def test_an_answer_with_a_quality_of_protection_that_was_not_asked_for_is_refused():
    plain = challenge(qop=())
    assert check(answer(replace(plain, qop=("auth",))), plain)[1] is Verdict.REFUSED


def test_a_session_algorithm_needs_the_nonce_of_the_client_also_without_a_quality_of_protection():
    """It is part of what the password is hashed with."""
    asked = challenge("MD5-sess", qop=())
    text = answer(asked)
    assert 'cnonce="c0ffee"' in text
    assert check(text, asked)[1] is Verdict.ACCEPTED
    assert check(text.replace('cnonce="c0ffee"', 'cnonce=""'), asked)[1] is Verdict.REFUSED


def test_an_answer_about_another_uri_is_refused():
    asked = challenge()
    assert check(answer(asked), asked, uri="sip:c@d")[1] is Verdict.REFUSED
    assert check(answer(asked, with_uri=False), asked)[1] is Verdict.ACCEPTED


def test_a_full_memory_of_nonces_forgets_those_that_are_stale(monkeypatch):
    monkeypatch.setattr(server, "MAX_REMEMBERED", 1)
    old, new = challenge(), challenge(now=1000.0 + 2 * server.LIFETIME)
    replays, _ = check(answer(old), old)
    late, verdict = check(answer(new), new, 1001.0 + 2 * server.LIFETIME, replays)
    assert (verdict, list(late.counts)) == (Verdict.ACCEPTED, [new.nonce])
    assert check(answer(challenge(now=1001.0)), challenge(), 1002.0, replays)[1] is Verdict.STALE


def test_the_server_proves_itself():
    asked = challenge()
    login, _ = digest.answer(digest.log_in(asked, digest.Credentials("alice", "secret"), "c"), "AUTH", URI)
    info = server.authentication_info(login, URI, next_nonce="z")
    assert digest.is_genuine(login, info, URI)
    assert digest.accepted(login, info).challenge.nonce == "z"


def test_a_name_may_come_in_the_extended_notation():
    text = "Digest username*=UTF-8''J%C3%A4s, realm=r, nonce=n, response=AB"
    assert (server.parse_answer(text).username, server.parse_answer(text).response) == ("J\u00e4s", "ab")


@pytest.mark.parametrize(
    "text",
    [
        "Basic abc",
        "Bearer username=a, realm=r, nonce=n, response=a",
        "Digest username=a, realm=r, nonce=n",
        "Digest realm=r, nonce=n, response=a",
        "Digest username*=x",
    ],
)
def test_what_is_no_answer_is_refused(text):
    with pytest.raises(RemoteProtocolError):
        server.parse_answer(text)


@given(
    st.sampled_from(ALGORITHMS),
    st.sampled_from([(), ("auth",), ("auth-int", "auth"), ("auth-int",)]),
    st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable()),
    st.binary(max_size=20),
)
def test_whatever_we_answer_we_accept(algorithm, qop, username, body):
    asked = digest.parse_challenges([str(challenge(algorithm, qop))])[0]
    login = digest.log_in(asked, digest.Credentials(username, "p"), "c0ffee")
    _, text = digest.answer(login, "INVITE", URI, body)
    given = server.parse_answer(text)
    ha1 = digest.user_hash(algorithm, given.username, "realm", "p")
    _, verdict = server.verify(given, asked, ha1, "INVITE", URI, body, KEY, 1001.0, Replays())
    assert verdict is Verdict.ACCEPTED
