"""Whatever is challenged, whenever and however often: the call keeps its rules, its numbers grow, and it ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sip.authorization import Account
from sipsimple.protocols.sip.message import Request, response_to
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.within.credentials import of_caller
from tests.fuzz.test_call import HAPPENINGS, STARTS, happen
from tests.protocols.sip.usage.party import TAG, Party
from tests.protocols.sip.usage.scenes import TERMS

ACCOUNTS = (Account("alice", "s3cret", "one"), Account("bob", "s3cret"))
LINES = st.sampled_from(
    [
        ("WWW-Authenticate", 'Digest realm="one", nonce="n", qop="auth", algorithm=SHA-256'),
        ("WWW-Authenticate", 'Digest realm="one", nonce="m", qop="auth", stale=true'),
        ("WWW-Authenticate", "Digest"),
        ("Proxy-Authenticate", 'Digest realm="two", nonce="n"'),
        ("Proxy-Authenticate", 'Digest realm="two", nonce="x", algorithm=MD5-sess, qop="auth-int"'),
        ("Authentication-Info", 'nextnonce="later"'),
    ]
)
CHALLENGES = st.tuples(
    st.just("challenge"), st.integers(0, 9), st.sampled_from([401, 407, 200]), st.lists(LINES, max_size=3)
)


def go(party: Party, kind: str, *how) -> None:
    """Let one thing happen; a challenge to any request of ours, or an answer that names the next nonce."""
    if kind != "challenge":
        happen(party, kind, *how)
        return
    index, status, headers = how
    ours = [each for each in party.sent if isinstance(each, Request) and each.method != "ACK"]
    if ours:
        party.receive(response_to(ours[-1 - index % len(ours)], status, to_tag=TAG, headers=headers))


def check(party: Party) -> None:
    """Numbers of distinct requests grow within a dialog, each request has a branch of its own, no secret is told."""
    names = party.names
    assert names.count("SCSessionDidEnd") == (party.state is State.TERMINATED)
    numbers: dict[str | None, int] = {}
    branches: dict[str | None, str] = {}
    for each in party.sent:
        if not isinstance(each, Request) or each.method in ("ACK", "CANCEL"):
            continue
        branch, name = each.via.branch, str(each.cseq)
        if branch in branches:
            assert branches[branch] == name, "two requests with one branch"
            continue
        branches[branch] = name
        assert each.cseq.number > numbers.get(each.to.tag, 0)
        numbers[each.to.tag] = each.cseq.number
    assert "s3cret" not in repr(party.call) + repr(party.notes) + repr(party.told)


def authenticated(start) -> Party:
    """Return a call with passwords after `start`."""
    party = Party(audio=TERMS)
    for happening in start:
        happen(party, *happening)
    party.call = of_caller(party.call, ACCOUNTS)
    return party


@given(STARTS, st.lists(st.one_of(HAPPENINGS, CHALLENGES, CHALLENGES), max_size=20))
def test_any_sequence_of_challenges_keeps_the_rules_of_a_call(start, happenings):
    party = authenticated(start)
    for happening in happenings:
        go(party, *happening)
        check(party)


@given(STARTS, st.lists(st.one_of(HAPPENINGS, CHALLENGES, CHALLENGES), max_size=12))
def test_a_challenged_call_that_is_told_to_end_ends_by_its_timers_alone(start, happenings):
    party = authenticated(start)
    for happening in happenings:
        go(party, *happening)
    if party.state is not State.NULL:
        party.do(events.Terminate())
        party.run_down()
        assert party.names[-1] == "SCSessionDidEnd"
