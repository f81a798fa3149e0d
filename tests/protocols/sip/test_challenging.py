"""What strangers are asked, and what their answers are worth."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols import digest
from sipsimple.protocols.digest_server import LIFETIME
from sipsimple.protocols.sip import authorization
from sipsimple.protocols.sip.admission.guesses import BURST
from sipsimple.protocols.sip.authorization import Account, Authorization
from sipsimple.protocols.sip.challenging import HA1, REPEAT_SECONDS, Admitted, Asked, Challenger, Turn
from sipsimple.protocols.sip.message import Request, Response
from sipsimple.protocols.values import replace

KEY = b"k" * 32
URI = "sip:bob@192.0.2.1"
TURN = Turn("192.0.2.9", 1000.0, "0123456789abcdef", "here")
ALICE = Account("alice", "s3cret")


def request(cseq: int = 1, uri: str = URI, *headers: tuple[str, str], body: bytes = b"") -> Request:
    """Return an INVITE of a stranger."""
    via = ("Via", f"SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{cseq}")
    return Request("INVITE", uri, [via, ("Call-ID", "1"), ("CSeq", f"{cseq} INVITE"), *headers], body)


def answered(asked: Asked, account: Account = ALICE, sent: Request | None = None) -> Request:
    """Return the request again, with the answer that a user agent gives."""
    sent = sent or request()
    auth = Authorization((account,))
    auth, why = authorization.challenged(auth, sent, Response(asked.status, None, asked.headers), "c" * 32)
    assert why is None
    _, again = authorization.authorized(auth, sent.replacing({"CSeq": "2 INVITE"}))
    return again


def judged(
    challenger: Challenger, sent: Request, secret: str | HA1 | None = "s3cret", turn: Turn = TURN
) -> Admitted | Asked:
    """Return what the answer in a request is worth."""
    answer = challenger.answer_in(sent, turn)
    assert answer is not None
    return challenger.judge(sent, answer, secret, turn)


def offers(asked: Asked) -> list[digest.Challenge]:
    """Return the challenges that somebody gets."""
    return list(digest.parse_challenges([line for _, line in asked.headers]))


def test_the_strongest_algorithm_stands_first_whatever_the_order_given() -> None:
    """RFC 8760 section 2.4."""
    asked = Challenger(KEY, ("MD5", "SHA-512-256", "SHA-256")).ask(TURN, "new")
    assert [each.algorithm for each in offers(asked)] == ["SHA-512-256", "SHA-256", "MD5"]
    assert (asked.status, asked.headers[0][0]) == (401, "WWW-Authenticate")


def test_one_that_speaks_for_others_asks_as_a_proxy_does_and_reads_what_a_proxy_reads() -> None:
    """Neither reads the answer to the other."""
    turn = replace(TURN, status=407)
    challenger = Challenger(KEY)
    asked = challenger.ask(turn, "new")
    assert (asked.status, asked.headers[0][0]) == (407, "Proxy-Authenticate")
    again = answered(asked)
    assert judged(challenger, again, turn=turn) == Admitted("alice", "here")
    assert challenger.answer_in(again, TURN) is None


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
@pytest.mark.parametrize("hashed", [False, True])
def test_a_right_answer_is_admitted_by_password_and_by_ha1(algorithm: str, hashed: bool) -> None:
    """For each algorithm."""
    challenger = Challenger(KEY, (algorithm,))
    secret = HA1(digest.user_hash(algorithm, "alice", "here", "s3cret").upper()) if hashed else "s3cret"
    assert judged(challenger, answered(challenger.ask(TURN, "new")), secret) == Admitted("alice", "here")


@pytest.mark.parametrize("secret", ["guess", None, HA1("0" * 64), HA1("nonsense"), ""])
def test_a_wrong_password_and_a_user_that_there_is_not_are_answered_alike(secret: str | HA1 | None) -> None:
    """A fresh challenge that is not stale, and nothing that tells the two apart."""
    challenger = Challenger(KEY)
    outcome = judged(challenger, answered(challenger.ask(TURN, "new")), secret)
    assert isinstance(outcome, Asked)
    assert (outcome.status, outcome.why) == (401, "wrong password or no such user")
    assert [each.stale for each in offers(outcome)] == [False, False]


def test_an_algorithm_that_was_not_offered_is_no_answer_and_no_guess() -> None:
    """MD5 is off by policy, whatever the sender wants."""
    asked = Challenger(KEY, ("MD5",)).ask(TURN, "new")
    strict = Challenger(KEY, ("SHA-256",))
    outcome = judged(strict, answered(asked))
    assert isinstance(outcome, Asked)
    assert outcome.why == "not an answer to the question"
    assert len(strict.guesses) == 0


def test_an_answer_counts_once_but_the_same_request_may_come_again() -> None:
    """A repeat over UDP is no replay; the same answer in another request is."""
    challenger = Challenger(KEY)
    again = answered(challenger.ask(TURN, "new"))
    assert isinstance(judged(challenger, again), Admitted)
    assert challenger.is_repeated(again)
    forged = again.replacing({}, body=b"another")
    assert not challenger.is_repeated(forged)
    outcome = judged(challenger, forged)
    assert isinstance(outcome, Asked)
    assert all(each.stale for each in offers(outcome))
    assert not challenger.is_repeated(forged)


def test_a_right_answer_is_forgotten_some_time_after_its_repeats_may_come() -> None:
    """By two turns of the memory."""
    challenger = Challenger(KEY)
    first = answered(challenger.ask(TURN, "new"))
    judged(challenger, first)
    for count in (1, 2):
        turn = replace(TURN, now=TURN.now + count * (REPEAT_SECONDS + 1), entropy=f"{count:016x}")
        judged(challenger, answered(challenger.ask(turn, "new")), turn=turn)
    assert not challenger.is_repeated(first)


def test_an_old_nonce_is_stale_for_who_knows_the_password_and_for_nobody_else() -> None:
    """A stale challenge to a wrong answer would tell that the user exists."""
    challenger = Challenger(KEY)
    again = answered(challenger.ask(TURN, "new"))
    later = replace(TURN, now=TURN.now + LIFETIME + 1)
    for secret, is_stale in (("s3cret", True), ("guess", False), (None, False)):
        outcome = judged(challenger, again, secret, later)
        assert isinstance(outcome, Asked)
        assert [each.stale for each in offers(outcome)] == [is_stale, is_stale]


def test_a_nonce_is_good_for_the_source_that_asked_for_it() -> None:
    """Another one is asked anew, and has not guessed: so nobody is wrong in the name of others."""
    challenger = Challenger(KEY)
    again = answered(challenger.ask(TURN, "new"), Account("alice", "guess"))
    outcome = judged(challenger, again, turn=replace(TURN, source="192.0.2.66"))
    assert isinstance(outcome, Asked)
    assert all(each.stale for each in offers(outcome))
    assert len(challenger.guesses) == 0


def test_a_nonce_of_another_endpoint_is_worth_nothing() -> None:
    """The key makes it ours; one of before a restart is stale."""
    outcome = judged(Challenger(KEY), answered(Challenger(b"x" * 32).ask(TURN, "new")))
    assert isinstance(outcome, Asked)
    assert all(each.stale for each in offers(outcome))


def test_wrong_answers_are_counted_and_right_ones_are_not() -> None:
    """The limit is asked before the password is looked at."""
    challenger = Challenger(KEY)
    for count in range(int(BURST)):
        assert challenger.guesses.may_try(TURN.source, "alice", TURN.now)
        turn = replace(TURN, entropy=f"{count:016x}")
        judged(challenger, answered(challenger.ask(turn, "new")), "guess", turn)
        judged(challenger, answered(challenger.ask(turn, "new"), Account("bob", "s3cret")), turn=turn)
    assert not challenger.guesses.may_try(TURN.source, "alice", TURN.now)
    assert challenger.guesses.may_try(TURN.source, "bob", TURN.now)


@pytest.mark.parametrize(
    ("uri", "sent_to", "vias", "is_taken"),
    [
        ("sip:bob@192.0.2.1", "sip:bob@192.0.2.1", 1, True),
        ("sip:bob@192.0.2.1:5060", "sip:carol@192.0.2.1:5060", 1, False),
        ("sip:bob@EXAMPLE.com;transport=tcp", "sip:bob@example.com;transport=tcp", 1, True),
        ("sip:192.0.2.1:5060", "sip:bob@192.0.2.1:5060", 1, True),
        ("sip:192.0.2.2:5060", "sip:bob@192.0.2.1:5060", 1, False),
        ("sip:bob@example.com", "sip:f00@192.0.2.1:5060", 2, True),
        ("no uri at all", "sip:bob@192.0.2.1", 1, False),
    ],
)
def test_an_answer_is_about_its_request_unless_a_proxy_has_sent_it_on(
    uri: str, sent_to: str, vias: int, is_taken: bool
) -> None:
    """Some senders leave out the user."""
    challenger = Challenger(KEY)
    again = answered(challenger.ask(TURN, "new"), sent=request(uri="sip:x@y"))
    auth = Authorization((ALICE,), logins=())
    auth, _ = authorization.challenged(
        auth,
        again.replacing({"Authorization": None}),
        Response(401, None, challenger.ask(TURN, "new").headers),
        "c" * 32,
    )
    _, [(_, line)] = authorization.credentials(auth, "INVITE", uri, b"")
    way = [f"SIP/2.0/UDP 192.0.2.{n};branch=z9hG4bK{n}" for n in range(vias)]
    sent = request(2, sent_to).replacing({"Authorization": line, "Via": way})
    assert isinstance(judged(challenger, sent), Admitted) is is_taken


def test_the_answer_is_found_among_those_for_other_realms() -> None:
    """One that cannot be read is passed over."""
    challenger = Challenger(KEY)
    again = answered(challenger.ask(TURN, "new"))
    line = again.get("authorization") or ""
    others = ["Basic abc", "Digest", line.replace('realm="here"', 'realm="there"')]
    answer = challenger.answer_in(again.replacing({"Authorization": [*others, line]}), TURN)
    assert answer is not None
    assert answer.realm == "here"
    assert challenger.answer_in(again.replacing({"Authorization": others}), TURN) is None


def test_a_realm_that_cannot_be_written_is_refused() -> None:
    """It would end the header."""
    with pytest.raises(LocalProtocolError):
        Challenger(KEY).ask(replace(TURN, realm="a\r\nb"), "new")


def test_what_is_kept_of_a_password_is_not_shown() -> None:
    """Nor is it comparable by its text."""
    assert "abcdef" not in repr(HA1("abcdef"))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=80))
@settings(max_examples=150, deadline=None)
def test_no_text_of_a_stranger_is_admitted_or_breaks_anything(text: str) -> None:
    """Whatever stands in Authorization."""
    challenger = Challenger(KEY)
    for line in (
        text,
        f'Digest username="{text}", realm="here", nonce="{text}", response="{text}", uri="{text}", nc={text}',
    ):
        sent = request(1, URI, ("Authorization", line))
        answer = challenger.answer_in(sent, TURN)
        assert answer is None or isinstance(challenger.judge(sent, answer, "s3cret", TURN), Asked)
