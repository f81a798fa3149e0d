"""The cases for relays, against the relay of our tests."""

from __future__ import annotations

import pytest

from sipsimple.testing.msrp.case import Role, Verdict
from sipsimple.testing.msrp.cases import CASES
from sipsimple.testing.msrp.session import AtRelay
from sipsimple.testing.msrp.suite import Peer, run_one
from tests.interop.msrp_relay import Relay, Rules

RELAYS = [each for each in CASES if each.role is Role.RELAY]
USERS = (("alice", "secret"), ("bob", "secret"))


def judged(case, rules, users=USERS):
    with Relay(rules) as relay:
        return run_one(case, Peer(AtRelay(relay.uri), frozenset({"relay"}), limit=15.0, users=users))


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("case", RELAYS, ids=lambda case: case.id)
def test_our_relay_keeps_the_rule(case, algorithm):
    result = judged(case, Rules(algorithm=algorithm, max_expires=3600))
    assert (result.verdict, result.faults) == (Verdict.PASS, ()), result.reason


@pytest.mark.parametrize(
    ("id_", "rules"),
    [
        ("4976-9.1-challenge", Rules(users=None)),
        ("4976-9.1-wrong-password", Rules(users={"alice": "not the password", "bob": "secret"})),
        ("4976-6.3-grant", Rules(refuse="403 Forbidden")),
    ],
)
def test_a_relay_that_does_otherwise_fails(id_, rules):
    [case] = [each for each in RELAYS if each.id == id_]
    assert judged(case, rules).verdict is Verdict.FAIL
