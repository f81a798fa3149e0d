"""Answering Digest challenges; the vectors are facts of RFC 2617 section 3.5, RFC 7616 section 3.9 and FIPS 180."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols import challenge as texts
from sipsimple.protocols import digest
from sipsimple.protocols.digest import Challenge, Credentials

MUFASA = Credentials("Mufasa", "Circle of Life")
NONCE_7616 = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE_7616 = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def answered(challenge, credentials=MUFASA, cnonce="0a4f113b", **options):
    _, text = digest.answer(digest.log_in(challenge, credentials, cnonce), "GET", "/dir/index.html", **options)
    return texts.parse(text).parameters


def h(text, name="md5"):
    return hashlib.new(name, text.encode()).hexdigest()


def test_the_answer_of_rfc_2617():
    asked = Challenge(
        "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", digest.MD5, ("auth", "auth-int"), "5c"
    )
    got = answered(asked, Credentials("Mufasa", "Circle Of Life"))
    assert got["response"] == "6629fae49393a05397450978507c4ef1"
    assert (got["qop"], got["nc"], got["opaque"], got["uri"]) == ("auth", "00000001", "5c", "/dir/index.html")


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_answers_of_rfc_7616(algorithm, response):
    asked = Challenge("http-auth@example.org", NONCE_7616, algorithm, ("auth", "auth-int"))
    got = answered(asked, cnonce=CNONCE_7616)
    assert (got["response"], got["algorithm"]) == (response, algorithm)


def test_sha_512_256_is_the_hash_of_fips_180_and_not_a_cut_sha_512():
    """The second is the corrected userhash of RFC 7616 section 3.9.2; the RFC's own cut a SHA-512."""
    hashed = digest.hash_of(digest.SHA512_256)
    assert hashed("abc") == "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"
    userhash = "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"
    assert hashed("J\u00e4s\u00f8n Doe:api@example.org") == userhash


def test_without_qop_the_answer_is_that_of_rfc_2069():
    got = answered(Challenge("r", "n"), Credentials("u", "p"))
    assert got["response"] == h(f"{h('u:r:p')}:n:{h('GET:/dir/index.html')}")
    assert not {"qop", "nc", "cnonce"} & set(got)


def test_auth_int_counts_the_body_and_is_taken_when_auth_is_not_offered():
    got = answered(Challenge("r", "n", digest.MD5, ("auth-int",)), Credentials("u", "p"), body=b"hello")
    a2 = h(f"GET:/dir/index.html:{h('hello')}")
    assert got["response"] == h(f"{h('u:r:p')}:n:00000001:0a4f113b:auth-int:{a2}")


@pytest.mark.parametrize(("algorithm", "name"), [("MD5-sess", "md5"), ("SHA-256-sess", "sha256")])
def test_a_session_algorithm_binds_the_password_to_the_first_nonces(algorithm, name):
    got = answered(Challenge("r", "n", algorithm, ("auth",)), Credentials("u", "p"))
    ha1 = h(f"{h('u:r:p', name)}:n:0a4f113b", name)
    assert got["response"] == h(f"{ha1}:n:00000001:0a4f113b:auth:{h('GET:/dir/index.html', name)}", name)
    assert got["algorithm"] == algorithm


def test_a_session_algorithm_without_qop_says_its_cnonce():
    """Without it the other side could not compute the key (RFC 7616 section 3.4.2)."""
    assert answered(Challenge("r", "n", "MD5-sess"))["cnonce"] == "0a4f113b"


def test_each_answer_counts_one_more():
    login = digest.log_in(Challenge("r", "n", digest.SHA256, ("auth",)), MUFASA, "c")
    login, first = digest.answer(login, "AUTH", "msrp://r;tcp")
    login, second = digest.answer(login, "AUTH", "msrp://r;tcp")
    assert ("nc=00000001" in first, "nc=00000002" in second, login.count) == (True, True, 2)
    assert texts.parse(first).get("response") != texts.parse(second).get("response")


def test_a_nonce_is_not_counted_beyond_eight_digits():
    login = digest.log_in(Challenge("r", "n", digest.MD5, ("auth",)), MUFASA, "c")
    with pytest.raises(LocalProtocolError, match="too often"):
        digest.answer(digest.replace(login, count=0xFFFFFFFF), "AUTH", "x")


def test_an_answer_for_msrp_does_not_say_the_uri_but_counts_it():
    asked = Challenge("r", "n", digest.MD5, ("auth",))
    quiet, loud = answered(asked, with_uri=False), answered(asked)
    assert "uri" not in quiet
    assert quiet["response"] == loud["response"]


def test_a_name_is_composed_when_the_peer_says_utf_8():
    decomposed = Credentials("Ja\u0308son", "p\u00e4ss")
    got = answered(Challenge("r", "n", digest.MD5, ("auth",), None, False, "UTF-8"), decomposed)
    assert got["username"] == "J\u00e4son"
    assert (
        got["response"]
        == answered(Challenge("r", "n", digest.MD5, ("auth",)), Credentials("J\u00e4son", "p\u00e4ss"))["response"]
    )


def test_what_needs_escapes_is_escaped():
    got = answered(Challenge('a "b"', "n\\"), Credentials('u"', "p"))
    assert (got["realm"], got["nonce"], got["username"]) == ('a "b"', "n\\", 'u"')


def test_a_name_that_would_break_the_header_is_refused():
    with pytest.raises(LocalProtocolError):
        answered(Challenge("r", "n"), Credentials("u\r\nVia: x", "p"))


def test_a_password_is_never_printed():
    login = digest.log_in(Challenge("r", "n"), Credentials("u", "s3cret"), "c")
    assert "s3cret" not in repr(login)
    assert login.ha1 not in repr(login)


# Reading and choosing


def test_a_challenge_is_read_and_written():
    text = 'Digest realm="a", nonce="b", algorithm=SHA-256, qop="auth,auth-int", opaque="c", stale=true, charset=UTF-8'
    [read] = digest.parse_challenges([text])
    assert read == Challenge("a", "b", digest.SHA256, ("auth", "auth-int"), "c", True, "UTF-8")
    assert digest.parse_challenges([str(read)]) == (read,)


def test_letters_of_an_algorithm_do_not_count_and_none_means_md5():
    challenges = digest.parse_challenges(
        ['Digest realm=a, nonce=b, algorithm="sha-512-256-SESS"', "Digest realm=a, nonce=b"]
    )
    assert [each.algorithm for each in challenges] == ["SHA-512-256-sess", "MD5"]


def test_letters_of_a_quality_of_protection_do_not_count_nor_do_empty_places():
    (read,) = digest.parse_challenges(['Digest realm=a, nonce=b, qop="Auth, ,AUTH-INT"'])
    assert read.qop == ("auth", "auth-int")


@pytest.mark.parametrize("text", ["Digest nonce=a", "Digest realm=a"])
def test_a_challenge_without_realm_or_nonce_is_refused(text):
    with pytest.raises(RemoteProtocolError, match="without"):
        digest.parse_challenges([text])


def of(*algorithms, qop=("auth",)):
    return [Challenge("r", f"n{number}", each, qop) for number, each in enumerate(algorithms)]


def test_the_strongest_that_we_know_is_chosen_and_the_first_of_equals():
    assert digest.choose(of("MD5", "SHA-256", "SHA-3", "SHA-256")).nonce == "n1"
    assert digest.choose(of("MD5", "SHA-512-256-sess", "SHA-256")).algorithm == "SHA-512-256-sess"


def test_what_cannot_be_answered_is_not_chosen():
    assert digest.choose(of("SHA-3")) is None
    assert digest.choose(of("MD5", qop=("auth-conf",))) is None
    assert digest.choose([]) is None
    with pytest.raises(LocalProtocolError):
        digest.log_in(of("SHA-3")[0], MUFASA, "c")
    with pytest.raises(LocalProtocolError, match="cnonce"):
        digest.log_in(of("MD5")[0], MUFASA, "a b")


def test_md5_is_refused_by_policy():
    assert digest.choose(of("MD5", "MD5-sess"), refuse_md5=True) is None
    assert digest.choose(of("MD5", "SHA-256"), refuse_md5=True).algorithm == "SHA-256"


# One try after another


def test_refused_credentials_are_not_tried_again_but_stale_nonces_are():
    [asked] = of("MD5")
    tried = digest.next_login(None, [asked], MUFASA, "c")
    again = Challenge("r", "other", "MD5", ("auth",))
    assert digest.next_login(tried, [again], MUFASA, "d") is None
    assert digest.next_login(tried, [digest.replace(again, stale=True)], MUFASA, "d").challenge.nonce == "other"
    assert digest.next_login(digest.accepted(tried), [again], MUFASA, "d").challenge.nonce == "other"
    assert digest.next_login(tried, [digest.replace(again, realm="elsewhere")], MUFASA, "d") is not None
    assert digest.next_login(None, of("SHA-3"), MUFASA, "d") is None


def test_the_next_nonce_counts_from_one():
    [asked] = of("SHA-256")
    login, _ = digest.answer(digest.log_in(asked, MUFASA, "c"), "AUTH", "x")
    same, other = digest.accepted(login), digest.accepted(login, 'nextnonce="z", qop=auth')
    assert (same.count, same.challenge.nonce, other.count, other.challenge.nonce) == (1, "n0", 0, "z")
    assert same.is_proven
    assert other.is_proven


def test_the_peer_proves_that_it_knows_the_password_too():
    [asked] = of("MD5")
    login, _ = digest.answer(digest.log_in(asked, Credentials("u", "p"), "c"), "AUTH", "x")
    proof = h(f"{h('u:r:p')}:n0:00000001:c:auth:{h(':x')}")
    assert digest.is_genuine(login, f'rspauth="{proof}"', "x")
    assert not digest.is_genuine(login, f'rspauth="{proof[::-1]}"', "x")
    assert not digest.is_genuine(login, "qop=auth", "x")


@given(st.binary(max_size=120))
def test_any_bytes_as_a_challenge_are_read_or_refused(data):
    text, status = data.decode("utf-8", "surrogateescape"), 400
    for value in (text, f"Digest realm=a, nonce={text}"):
        try:
            for each in digest.parse_challenges([value]):
                assert each.strength < len(digest.STRENGTH)
        except RemoteProtocolError as error:
            status = error.status
    assert status == 400
