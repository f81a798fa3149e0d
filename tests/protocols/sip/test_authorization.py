"""How one user answers challenges, request after request."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipsimple.protocols import digest, digest_server
from sipsimple.protocols.sip import authorization
from sipsimple.protocols.sip.authorization import Account, Authorization, Why
from sipsimple.protocols.sip.message import Request, Response, parse

ALICE = Account("alice", "secret")
ENTROPY = "0123456789abcdef" * 2
URI = "sip:bob@example.org"
KEY = b"k" * 16


def request(*headers: tuple[str, str], body: bytes = b"") -> Request:
    """Return a request as it was sent."""
    lines = [("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"), ("Call-ID", "1"), ("CSeq", "1 INVITE"), *headers]
    return Request("INVITE", URI, lines, body)


def asked(realm: str = "one", nonce: str = "n1", more: str = ', algorithm=MD5, qop="auth"') -> tuple[str, str]:
    """Return what a user agent server asks."""
    return "WWW-Authenticate", f'Digest realm="{realm}", nonce="{nonce}"{more}'


def asked_by_proxy(realm: str = "one", nonce: str = "n1", more: str = "") -> tuple[str, str]:
    """Return what a proxy asks."""
    return "Proxy-Authenticate", asked(realm, nonce, more)[1]


def refusal(*headers: tuple[str, str], status: int = 401) -> Response:
    """Return a challenge."""
    return Response(status, None, headers)


def answers(sent: Request, header: str = "Authorization") -> list[digest_server.Answer]:
    """Return the credentials that a request bears, as a server reads them."""
    return [digest_server.parse_answer(each) for each in sent.get_all(header)]


def again(
    auth: Authorization, sent: Request, *headers: tuple[str, str], status: int = 401
) -> tuple[Authorization, Request]:
    """Answer a challenge to `sent`, which has to be possible."""
    auth, why = authorization.challenged(auth, sent, refusal(*headers, status=status), ENTROPY)
    assert why is None
    return authorization.authorized(auth, sent)


def why_not(auth: Authorization, sent: Request, *headers: tuple[str, str]) -> str:
    """Return why there is no use in another try."""
    after, why = authorization.challenged(auth, sent, refusal(*headers), ENTROPY)
    assert why is not None
    assert after == auth
    return why


def is_right(sent: Request, header: str = "Authorization", password: str = "secret") -> bool:
    """Check the one answer of a request as a server does."""
    [answer] = answers(sent, header)
    challenge = digest.Challenge(answer.realm, answer.nonce, answer.algorithm)
    ha1 = digest.user_hash(answer.algorithm, answer.username, answer.realm, password)
    bound = digest.session_hash(answer.algorithm, ha1, answer.nonce, answer.cnonce)
    due = digest.response_hash(challenge, bound, answer.cnonce, answer.nc, answer.qop, sent.method, sent.uri, sent.body)
    return due == answer.response and answer.uri == sent.uri


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256", "MD5-sess", "SHA-256-sess", "SHA-512-256-sess"])
@pytest.mark.parametrize("qop", [', qop="auth"', ', qop="auth-int"', ', qop="auth-int,auth"', ""])
def test_each_algorithm_is_answered_with_each_quality_of_protection(algorithm: str, qop: str) -> None:
    """The server comes to the same digest; without qop there is neither count nor, but for -sess, cnonce."""
    _, sent = again(Authorization((ALICE,)), request(body=b"v=0"), asked(more=f", algorithm={algorithm}{qop}"))
    [answer] = answers(sent)
    assert is_right(sent)
    assert answer.algorithm == algorithm
    assert answer.nc == ("00000001" if qop else "")
    assert answer.qop == (None if not qop else "auth-int" if qop == ', qop="auth-int"' else "auth")


def test_a_challenge_without_algorithm_is_one_for_md5() -> None:
    """RFC 7616 section 3.3."""
    _, sent = again(Authorization((ALICE,)), request(), asked(more=""))
    assert answers(sent)[0].algorithm == "MD5"
    assert is_right(sent)


def test_the_strongest_algorithm_of_a_realm_is_answered_whatever_the_order() -> None:
    """One answer to each realm, also when the offers stand in lines of their own."""
    offers = [asked(nonce=each, more=f", algorithm={each}") for each in ("MD5", "SHA-512-256", "SHA-256", "X-NEW")]
    _, sent = again(Authorization((ALICE,)), request(), *offers)
    assert [each.algorithm for each in answers(sent)] == ["SHA-512-256"]


def test_several_challenges_in_one_line_are_several() -> None:
    """A comma divides challenges as well as parameters."""
    line = f'{asked(more=", algorithm=MD5")[1]}, Digest realm="one", nonce="n2", algorithm=SHA-256, qop="auth"'
    _, sent = again(Authorization((ALICE,)), request(), ("WWW-Authenticate", line))
    assert [each.nonce for each in answers(sent)] == ["n2"]


def test_md5_is_refused_where_the_policy_says_so() -> None:
    """The stronger offer is taken; where there is none the reason says why."""
    strict = Authorization((ALICE,), refuse_md5=True)
    _, sent = again(strict, request(), asked(), asked(nonce="n2", more=", algorithm=SHA-256"))
    assert answers(sent)[0].algorithm == "SHA-256"
    assert why_not(strict, request(), asked()) == f"{Why.ONLY_MD5}: realm one"
    assert why_not(strict, request(), asked(more=", algorithm=MD5-sess")) == f"{Why.ONLY_MD5}: realm one"


def test_an_algorithm_or_protection_that_nobody_knows_is_no_use() -> None:
    """It is not answered with a guess."""
    auth = Authorization((ALICE,))
    assert why_not(auth, request(), asked(more=", algorithm=SHA-1024")) == f"{Why.UNKNOWN}: realm one"
    assert why_not(auth, request(), asked(more=', qop="auth-conf"')) == f"{Why.UNKNOWN}: realm one"


def test_each_realm_is_answered_with_its_own_account() -> None:
    """The exact realm wins over the account for any."""
    auth = Authorization((ALICE, Account("alice2", "other", "two")))
    _, sent = again(auth, request(), asked("one"), asked("two"))
    assert [(each.realm, each.username) for each in answers(sent)] == [("one", "alice"), ("two", "alice2")]


def test_what_has_an_account_is_answered_though_another_realm_has_none() -> None:
    """A forked request may be asked by strangers too."""
    auth = Authorization((Account("alice", "secret", "one"),))
    _, sent = again(auth, request(), asked("two"), asked("one"))
    assert [each.realm for each in answers(sent)] == ["one"]


def test_proxy_and_callee_are_answered_each_in_its_header() -> None:
    """Both may stand in one response, whatever its status."""
    _, sent = again(Authorization((ALICE,)), request(), asked("here"), asked_by_proxy("there"), status=407)
    assert [each.realm for each in answers(sent)] == ["here"]
    assert [each.realm for each in answers(sent, "Proxy-Authorization")] == ["there"]


def test_a_proxy_and_then_the_callee_are_both_answered_in_the_end() -> None:
    """The answer to the proxy goes along when the callee asks, counted up; the realm may be the same."""
    auth, sent = again(Authorization((ALICE,)), request(), asked_by_proxy("one", more=', qop="auth"'), status=407)
    auth, sent = again(auth, sent, asked("one"), status=401)
    assert [each.nc for each in answers(sent, "Proxy-Authorization")] == ["00000002"]
    assert [each.nc for each in answers(sent)] == ["00000001"]


def test_later_requests_bear_credentials_without_being_asked() -> None:
    """The count of the nonce grows, the digest is that of the request."""
    auth, _ = again(Authorization((ALICE,)), request(), asked())
    for count in (2, 3):
        auth, sent = authorization.authorized(auth, Request("BYE", "sip:bob@192.0.2.9", ()))
        assert answers(sent)[0].nc == f"{count:08x}"
        assert is_right(sent)


def test_a_user_whom_nobody_asked_sends_no_credentials() -> None:
    """The request stays as it is."""
    sent = request()
    assert authorization.authorized(Authorization((ALICE,)), sent)[1] is sent


def test_a_stale_nonce_is_answered_anew() -> None:
    """The password was right."""
    auth, sent = again(Authorization((ALICE,)), request(), asked())
    _, sent = again(auth, sent, asked(nonce="n2", more=", stale=TRUE"))
    assert [each.nonce for each in answers(sent)] == ["n2"]


def test_an_answer_that_is_refused_is_not_tried_again() -> None:
    """A fresh nonce does not make a wrong password right."""
    auth, sent = again(Authorization((ALICE,)), request(), asked())
    assert why_not(auth, sent, asked(nonce="n2")) == f"{Why.REFUSED}: realm one"


def test_one_realm_may_refuse_while_another_is_answered() -> None:
    """There is a use in another try as long as something is new in it."""
    auth, sent = again(Authorization((ALICE,)), request(), asked("one"))
    _, sent = again(auth, sent, asked("one", "n2"), asked("two"))
    assert [each.realm for each in answers(sent)] == ["one", "two"]


def test_a_nonce_that_has_worked_may_end_without_a_word() -> None:
    """A server that forgets to say stale is answered once more, and not a second time."""
    auth, _ = again(Authorization((ALICE,)), request(), asked())
    auth = authorization.accepted(auth, Response(200))
    auth, sent = authorization.authorized(auth, request())
    auth, sent = again(auth, sent, asked(nonce="n2"))
    assert why_not(auth, sent, asked(nonce="n3")).startswith(Why.REFUSED)


def test_two_requests_that_were_challenged_at_once_are_both_answered() -> None:
    """The second one bore no answer, or one to a nonce that was replaced since."""
    first, second = request(), request(("Subject", "second"))
    auth, answered_first = again(Authorization((ALICE,)), first, asked(nonce="n1"))
    auth, _ = again(auth, second, asked(nonce="n2"))
    _, sent = again(auth, answered_first, asked(nonce="n3"))
    assert answers(sent)[0].nonce == "n3"


def test_a_server_that_asks_for_ever_is_left_alone() -> None:
    """Neither stale nonces nor ever new realms make a loop."""
    for name in ("stale", "realm"):
        auth, sent = Authorization((ALICE,)), request()
        for count in range(authorization.MAX_TRIES):
            realm = f"r{count}" if name == "realm" else "one"
            auth, sent = again(auth, sent, asked(realm, f"n{count}", ", stale=true"))
        assert why_not(auth, sent, asked("last", "n", ", stale=true")) == f"{Why.TOO_OFTEN}: realm last"


@pytest.mark.parametrize("status", [200, 302, 486, 503])
def test_any_answer_that_is_no_challenge_ends_the_count_of_tries_and_has_taken_the_password(status: int) -> None:
    """A request that is refused for other reasons was not challenged too often; the next one may be asked anew."""
    auth, sent = again(Authorization((ALICE,)), request(), asked())
    after = authorization.accepted(auth, Response(status))
    assert (auth.tries, after.tries) == (1, 0)
    again(after, sent, asked(nonce="n2"))


def test_another_server_may_ask_anew_once() -> None:
    """The one before said nothing; this one does not know its nonce."""
    auth, sent = again(Authorization((ALICE,)), request(), asked())
    auth, sent = again(authorization.elsewhere(auth), sent, asked(nonce="n2"))
    assert why_not(auth, sent, asked(nonce="n3")).startswith(Why.REFUSED)
    nobody = Authorization((ALICE,))
    assert authorization.elsewhere(nobody) is nobody


def test_no_more_realms_are_remembered_than_there_are_in_earnest() -> None:
    """The oldest is forgotten."""
    auth = Authorization((ALICE,))
    for count in range(authorization.MAX_LOGINS + 1):
        auth, _ = again(auth, request(), asked(f"r{count}"))
        auth = authorization.accepted(auth, Response(200))
    _, sent = authorization.authorized(auth, request())
    assert [each.realm for each in answers(sent)] == [f"r{n}" for n in range(1, authorization.MAX_LOGINS + 1)]


def test_the_next_nonce_is_taken_over_where_the_server_names_one() -> None:
    """Its count begins anew."""
    auth, _ = again(Authorization((ALICE,)), request(), asked())
    auth = authorization.accepted(auth, Response(200, None, [("Authentication-Info", 'nextnonce="later"')]))
    _, sent = authorization.authorized(auth, request())
    assert [(each.nonce, each.nc) for each in answers(sent)] == [("later", "00000001")]
    assert is_right(sent)


def test_the_next_nonce_is_that_of_the_login_whose_cnonce_comes_with_it() -> None:
    """Authentication-Info names no realm; of several logins it is nobody's without a cnonce."""
    auth, sent = again(Authorization((ALICE,)), request(), asked("one"), asked("two"))
    shown = answers(sent)[1].cnonce
    assert shown != answers(sent)[0].cnonce
    for info, expected in ((f'nextnonce="x", cnonce="{shown}"', ["n1", "x"]), ('nextnonce="x"', ["n1", "n1"])):
        after = authorization.accepted(auth, Response(200, None, [("Authentication-Info", info)]))
        assert [each.digest.challenge.nonce for each in after.logins] == expected


@pytest.mark.parametrize("info", ['nextnonce="', "Digest nextnonce=x", 'nextnonce="a\x01b"', ""])
def test_an_authentication_info_that_cannot_be_read_changes_no_nonce(info: str) -> None:
    """The login is proven all the same."""
    auth, _ = again(Authorization((ALICE,)), request(), asked())
    [login] = authorization.accepted(auth, Response(200, None, [("Authentication-Info", info)])).logins
    assert login.digest.is_proven
    assert login.digest.challenge.nonce == "n1"


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ([], Why.UNREADABLE),
        ([("WWW-Authenticate", "")], Why.UNREADABLE),
        ([("WWW-Authenticate", "Basic realm=x")], Why.UNREADABLE),
        ([("WWW-Authenticate", 'Digest realm="one"')], Why.UNREADABLE),
        ([("WWW-Authenticate", 'Digest realm="one')], Why.UNREADABLE),
        ([("WWW-Authenticate", 'Digest realm="one", nonce="a\x02b"')], Why.UNREADABLE),
        ([("WWW-Authenticate", 'Digest realm="one", nonce="a", opaque="\x7f"')], Why.UNREADABLE),
    ],
)
def test_a_challenge_that_cannot_be_read_is_a_reason(headers: list[tuple[str, str]], why: Why) -> None:
    """It raises nothing."""
    assert why_not(Authorization((ALICE,)), request(), *headers).partition(":")[0] == why


def test_an_unreadable_line_does_not_hide_a_good_one() -> None:
    """Each line is read by itself."""
    _, sent = again(Authorization((ALICE,)), request(), ("WWW-Authenticate", "Digest ="), asked())
    assert is_right(sent)


def test_without_a_password_nothing_is_attempted() -> None:
    """Nor with one for another realm."""
    for auth in (authorization.NOBODY, Authorization((Account("alice", "secret", "two"),))):
        assert why_not(auth, request(), asked()) == f"{Why.NO_ACCOUNT}: realm one"


def test_the_repeat_has_no_credentials_of_before() -> None:
    """What a login replaces is gone from the request; the rest of it stays."""
    auth, sent = again(Authorization((ALICE,)), request(("Subject", "x")), asked_by_proxy(), status=407)
    auth, sent = again(auth, sent, asked_by_proxy(nonce="n2", more=", stale=true"), status=407)
    assert [each.nonce for each in answers(sent, "Proxy-Authorization")] == ["n2"]
    assert sent.get("subject") == "x"
    assert bytes(parse(bytes(sent))) == bytes(sent)


def test_what_is_kept_shows_no_secret() -> None:
    """Neither password nor digest, nonce or cnonce stands in the text of a value."""
    auth, sent = again(Authorization((ALICE,)), request(), asked(nonce="not-to-be-seen"))
    text = repr(auth)
    assert "secret" not in text
    assert "not-to-be-seen" not in text
    assert answers(sent)[0].cnonce not in text
    assert auth.logins[0].digest.ha1 not in text


def test_the_realms_that_ask_can_be_named() -> None:
    """Each once; an unreadable one is left out."""
    offers = [
        asked("one"),
        asked("one", more=", algorithm=SHA-256"),
        asked_by_proxy("two"),
        ("WWW-Authenticate", "Digest"),
    ]
    assert authorization.realms(refusal(*offers)) == ("one", "two")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_of_a_peer_breaks_anything(text: str) -> None:
    """A challenge is answered or is a reason, and what is answered can be sent."""
    for line in (text, f"Digest {text}", f'Digest realm="{text}", nonce="{text}", {text}'):
        auth, why = authorization.challenged(
            Authorization((ALICE,)), request(), refusal(("WWW-Authenticate", line)), ENTROPY
        )
        assert (why is None) == bool(auth.logins)
        auth = authorization.accepted(auth, Response(200, None, [("Authentication-Info", line)]))
        assert bytes(authorization.authorized(auth, request())[1])
