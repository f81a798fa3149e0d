"""Asking MSRP relays for a path: RFC 4976."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols import digest_server
from sipsimple.protocols.digest import MD5, SHA256, Credentials, log_in, parse_challenges, user_hash
from sipsimple.protocols.msrp.message import MSRPData
from sipsimple.protocols.msrp.outputs import Send
from sipsimple.protocols.msrp.relay import relay
from sipsimple.protocols.msrp.relay.exchange import MAX_TRIES, refresh_after
from sipsimple.protocols.msrp.relay.relay import Stimulus
from sipsimple.protocols.msrp.relay.state import (
    PathChanged,
    ReservationEnded,
    ReservationFailed,
    Reserved,
    State,
)
from sipsimple.protocols.outputs import StartTimer, StopTimer

OWN = "msrps://alice.example.com:9892/98cjs;tcp"
INNER, OUTER = "msrps://intra.example.com;tcp", "msrps://extra.example.com;tcp"
INNER_PATH = "msrps://intra.example.com:9000/jui787s2f;tcp"
BOTH = f"msrps://extra.example.com:9000/mywdEe1233;tcp {INNER_PATH}"
ALICE = Credentials("alice", "secret")
CHALLENGE = 'Digest realm="intra", nonce="abc", qop="auth", algorithm=SHA-256'


def reservation(*relays, **options):
    return relay.create(OWN, relays or (INNER,), (ALICE,), "seed", **options)


def asking(*relays, **options):
    """A reservation that has sent its first AUTH; also that AUTH."""
    value, _ = relay.start(reservation(*relays, **options))
    value, outputs = relay.connected(value)
    return value, sent(outputs)


def sent(outputs):
    [request] = [each.data for each in outputs if isinstance(each, Send)]
    return request


def answer(value, code, comment=None, cnonce="c0ffee", **headers):
    """Answer the AUTH that was sent last."""
    fields = {name.replace("_", "-"): text for name, text in headers.items()}
    identifier = f"seed{value.counter - 1:x}"
    return relay.receive(value, MSRPData(identifier, None, code, comment, fields=fields), cnonce)


def challenged(value, text=CHALLENGE):
    return answer(value, 401, WWW_Authenticate=text)


def granted(value, path=INNER_PATH, **headers):
    return answer(value, 200, Use_Path=path, **headers)


def reserved(*relays, **options):
    value, _ = asking(*relays, **options)
    value, _ = challenged(value)
    value, _ = granted(value, Expires="900")
    assert value.state is State.RESERVED
    return value


def failure(outputs):
    assert outputs[-1] == ReservationEnded()
    assert {StopTimer("connect"), StopTimer("response"), StopTimer("refresh")} <= set(outputs)
    [failed] = [each for each in outputs if isinstance(each, ReservationFailed)]
    return failed


# The exchange


def test_the_first_auth_bears_the_paths_and_no_credentials():
    value, request = asking()
    assert (request.method, request.transaction_id) == ("AUTH", "seed0")
    assert request.fields == {"To-Path": INNER, "From-Path": OWN}
    assert value.state is State.AUTHENTICATING


def test_a_challenge_is_answered_so_that_the_relay_accepts_it():
    """RFC 4976 section 9.1: the digest is about the relay's URI, which is not repeated in it."""
    value, _ = asking()
    asked = digest_server.make_challenge("intra", b"k" * 16, 10.0, "0" * 16)
    value, outputs = challenged(value, str(asked))
    request = sent(outputs)
    given_answer = digest_server.parse_answer(request.fields["Authorization"])
    assert (request.transaction_id, given_answer.uri) == ("seed1", None)
    ha1 = user_hash(SHA256, "alice", "intra", "secret")
    checked = (given_answer, asked, ha1, "AUTH", INNER, b"", b"k" * 16, 11.0, digest_server.Replays())
    assert digest_server.verify(*checked)[1] is digest_server.Verdict.ACCEPTED


def test_a_grant_tells_the_path_and_when_to_refresh_it():
    value, _ = asking()
    value, _ = challenged(value)
    value, outputs = granted(value, Expires="900")
    assert outputs == (StopTimer("response"), StartTimer("refresh", 840.0), Reserved((INNER_PATH,), 900))
    assert (value.state, value.path) == (State.RESERVED, (INNER_PATH,))


def test_a_relay_may_ask_for_no_credentials_and_name_no_time():
    value, _ = asking()
    _, outputs = granted(value)
    assert outputs == (StopTimer("response"), Reserved((INNER_PATH,), None))


def test_the_second_relay_is_asked_through_the_first():
    """RFC 4976 section 5.1: Use-Path is in the order of a=path, To-Path the other way round."""
    value, _ = asking(INNER, OUTER)
    value, outputs = granted(value, Expires="900")
    assert sent(outputs).fields == {"To-Path": f"{INNER_PATH} {OUTER}", "From-Path": OWN}
    value, outputs = challenged(value)
    assert "Authorization" in sent(outputs).fields
    value, outputs = granted(value, BOTH, Expires="300")
    assert outputs[-1] == Reserved(tuple(BOTH.split(" ")), 300)


def test_each_relay_has_its_own_credentials():
    value = relay.create(OWN, (INNER, OUTER), (ALICE, Credentials("bob", "b")), "seed")
    value, _ = relay.start(value)
    value, _ = relay.connected(value)
    value, outputs = challenged(value)
    assert 'username="alice"' in sent(outputs).fields["Authorization"]
    value, _ = granted(value)
    value, outputs = challenged(value)
    assert 'username="bob"' in sent(outputs).fields["Authorization"]


def test_the_wanted_time_is_asked_for_and_changed_within_the_bounds():
    value, request = asking(expires=10)
    assert request.fields["Expires"] == "10"
    value, outputs = answer(value, 423, Min_Expires="60")
    assert sent(outputs).fields["Expires"] == "60"
    _, outputs = answer(value, 423, Max_Expires="30")
    assert sent(outputs).fields["Expires"] == "30"


def test_bounds_without_a_wish_are_taken():
    value, _ = asking()
    _, outputs = answer(value, 423, Max_Expires="600")
    assert sent(outputs).fields["Expires"] == "600"


@pytest.mark.parametrize("headers", [{}, {"Min_Expires": "10"}, {"Min_Expires": "ten"}, {"Max_Expires": "1" * 11}])
def test_bounds_that_help_nobody_are_a_failure(headers):
    value, _ = asking(expires=10)
    assert failure(answer(value, 423, **headers)[1]).code == 423


def test_a_relay_that_sends_us_from_bound_to_bound_is_left():
    value, _ = asking(expires=10)
    for number in range(MAX_TRIES):
        value, outputs = answer(value, 423, Min_Expires=str(60 + number))
    assert "end" in failure(outputs).reason


# Refusals


def test_refused_credentials_are_not_tried_again():
    value, _ = asking()
    value, _ = challenged(value)
    value, outputs = challenged(value)
    assert (failure(outputs).code, failure(outputs).reason) == (401, "the credentials were refused")
    assert value.state is State.CLOSED


def test_a_stale_nonce_is_not_a_refusal():
    value, _ = asking()
    value, _ = challenged(value)
    value, outputs = challenged(value, CHALLENGE.replace("abc", "def") + ", stale=true")
    assert 'nonce="def"' in sent(outputs).fields["Authorization"]


def test_md5_is_refused_by_policy():
    weak = CHALLENGE.replace("SHA-256", MD5)
    value, _ = asking(refuse_md5=True)
    assert "no challenge" in failure(challenged(value, weak)[1]).reason
    value, _ = asking()
    assert "Authorization" in sent(challenged(value, weak)[1]).fields


@pytest.mark.parametrize("text", ['Digest realm="', "", "Basic realm=x", "Digest realm=x"])
def test_a_challenge_that_cannot_be_read_is_a_failure(text):
    value, _ = asking()
    assert failure(challenged(value, text)[1]).code == 401


@pytest.mark.parametrize(
    "headers",
    [{}, {"Use_Path": "sip:a"}, {"Use_Path": INNER_PATH, "Expires": "soon"}, {"Use_Path": " ".join([INNER_PATH] * 17)}],
)
def test_a_grant_that_cannot_be_used_is_a_failure(headers):
    value, _ = asking()
    value, outputs = answer(value, 200, **headers)
    assert failure(outputs).code == 200
    assert value.state is State.CLOSED


def test_another_answer_is_a_refusal_with_its_code_and_comment():
    value, _ = asking()
    failed = failure(answer(value, 403, "Not for you")[1])
    assert (failed.code, failed.reason, failed.message.code) == (403, "Not for you", 403)
    assert failure(answer(value, 481)[1]).reason == "No Such Session"
    assert failure(answer(value, 599)[1]).reason == "refused by the relay"


def test_no_answer_and_no_connection_are_failures():
    value, _ = asking()
    assert failure(relay.timer_fired(value, "response")[1]).code == 408
    assert failure(relay.connection_lost(value, "reset")[1]).reason == "reset"
    connecting, _ = relay.start(reservation())
    assert failure(relay.timer_fired(connecting, "connect")[1]).code == 408
    assert failure(relay.connection_lost(connecting, "refused")[1]).code == 0


def test_a_relay_that_pretends_to_know_the_password_is_left():
    value, _ = asking()
    value, _ = challenged(value)
    assert "password" in failure(granted(value, Authentication_Info='rspauth="00"')[1]).reason


def test_a_relay_that_proves_itself_and_names_the_next_nonce_is_answered_with_it():
    value, _ = asking()
    value, _ = challenged(value)
    info = digest_server.authentication_info(value.login, INNER, next_nonce="next")
    value, _ = granted(value, Expires="900", Authentication_Info=info)
    _, outputs = relay.timer_fired(value, "refresh")
    assert 'nonce="next"' in sent(outputs).fields["Authorization"]


def test_other_messages_are_not_taken_for_the_answer():
    value, _ = asking()
    for other in (MSRPData("other", None, 200), MSRPData("seed0", "SEND")):
        assert not relay.awaits(value, other)
        assert relay.receive(value, other, "c") == (value, ())
    settled = reserved()
    assert not relay.awaits(settled, MSRPData("seed1", None, 200))


# The refresh


def test_a_refresh_begins_with_the_known_nonce_and_tells_nothing_when_nothing_changed():
    value, outputs = relay.timer_fired(reserved(), "refresh")
    assert "nc=00000002" in sent(outputs).fields["Authorization"]
    assert value.state is State.REFRESHING
    value, outputs = granted(value, Expires="100")
    assert outputs == (StopTimer("response"), StartTimer("refresh", 80.0))
    assert value.state is State.RESERVED


def test_a_refresh_of_several_relays_goes_the_same_way_again():
    value, _ = asking(INNER, OUTER)
    value, _ = granted(value, Expires="900")
    value, _ = granted(value, BOTH, Expires="900")
    value, outputs = relay.timer_fired(value, "refresh")
    assert sent(outputs).fields["To-Path"] == INNER
    value, outputs = granted(value, Expires="900")
    assert sent(outputs).fields["To-Path"] == f"{INNER_PATH} {OUTER}"
    value, outputs = granted(value, BOTH, Expires="900")
    assert outputs == (StopTimer("response"), StartTimer("refresh", 840.0))


def test_a_refresh_that_is_challenged_anew_is_answered():
    value, _ = relay.timer_fired(reserved(), "refresh")
    value, outputs = challenged(value, CHALLENGE.replace("abc", "def"))
    assert 'nonce="def"' in sent(outputs).fields["Authorization"]


def test_another_path_after_a_refresh_is_told():
    value, _ = relay.timer_fired(reserved(), "refresh")
    value, outputs = granted(value, "msrps://other.example.com:1/x;tcp", Expires="900")
    assert outputs[-1] == PathChanged(("msrps://other.example.com:1/x;tcp",))
    assert value.path == outputs[-1].path


def test_a_refresh_that_is_refused_ends_the_reservation():
    value, _ = relay.timer_fired(reserved(), "refresh")
    value, outputs = answer(value, 403)
    assert (failure(outputs).code, value.state) == (403, State.CLOSED)


@given(st.integers(0, 2**32 - 1))
def test_a_refresh_is_due_before_the_end(expires):
    assert 1.0 <= refresh_after(expires) <= max(1.0, expires)


# Use and misuse


def test_the_end_is_told_once():
    value, outputs = relay.end(reserved())
    assert (value.state, outputs[-1]) == (State.CLOSED, ReservationEnded())
    assert relay.end(value) == (value, ())


@pytest.mark.parametrize(
    ("relays", "credentials", "seed"),
    [((), (ALICE,), "seed"), ((INNER,), (), "seed"), ((INNER,), (ALICE, ALICE), "seed"), ((INNER,), (ALICE,), "a b c")],
)
def test_a_reservation_that_cannot_be_is_refused_at_once(relays, credentials, seed):
    with pytest.raises(LocalProtocolError):
        relay.create(OWN, relays, credentials, seed)


def test_it_is_started_once():
    value, _ = relay.start(reservation())
    with pytest.raises(SessionStateError):
        relay.start(value)


def test_no_secret_is_printed():
    value, _ = asking()
    value, _ = challenged(value)
    assert "secret" not in repr(value)
    assert log_in(parse_challenges([CHALLENGE])[0], ALICE, "c0ffee").ha1 not in repr(value)


def test_every_cell_of_the_table_is_a_row_or_ignored_for_a_reason():
    assert set(relay.TRANSITIONS) == set(State)
    for state, rows in relay.TRANSITIONS.items():
        assert all(each in rows or relay.IGNORED[each] for each in Stimulus), state


EVENTS = st.sampled_from(
    [
        ("connected",),
        ("challenge", CHALLENGE),
        ("challenge", CHALLENGE + ", stale=true"),
        ("challenge", "?"),
        ("grant", INNER_PATH),
        ("grant", ""),
        ("bounds", "60"),
        ("bounds", "61"),
        ("refuse",),
        ("timer", "connect"),
        ("timer", "response"),
        ("timer", "refresh"),
        ("lost",),
        ("end",),
    ]
)


@given(st.lists(EVENTS, max_size=25), st.booleans())
def test_whatever_happens_it_ends_at_most_once_and_never_without_being_over(events, two):
    value, _ = relay.start(reservation(INNER, OUTER) if two else reservation())
    outputs = []
    for name, *detail in events:
        match name:
            case "connected":
                value, more = relay.connected(value)
            case "challenge":
                value, more = challenged(value, *detail)
            case "grant":
                value, more = granted(value, *detail, Expires="900")
            case "bounds":
                value, more = answer(value, 423, Min_Expires=detail[0])
            case "refuse":
                value, more = answer(value, 403)
            case "timer":
                value, more = relay.timer_fired(value, *detail)
            case "lost":
                value, more = relay.connection_lost(value, "gone")
            case "end":
                value, more = relay.end(value)
        outputs += more
    assert outputs.count(ReservationEnded()) == (value.state is State.CLOSED)
    assert sum(isinstance(each, Reserved) for each in outputs) <= 1
    assert bool(value.path) == any(isinstance(each, Reserved) for each in outputs)
