"""The conformance suite against `sipsimple listen`, which takes every call and echoes; each case is a test."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import pytest

from sipsimple.testing.msrp.calls import Calls
from sipsimple.testing.msrp.case import Role, Verdict
from sipsimple.testing.msrp.cases import CASES
from sipsimple.testing.msrp.suite import GRAMMAR, Peer, run, run_one
from tests.interop.endpoint import listening

ABILITIES = frozenset({"cpim", "echo", "max_size", "imdn", "cema"})
OURS = [each for each in CASES if each.role is not Role.RELAY]

KNOWN: dict[str, tuple[Verdict, str]] = {}
"""What our endpoint is known to do wrong. A case that begins to pass has to leave this table."""

TLS_TOO = (
    "4975-7.1-split-everywhere",
    "4975-7.1-pipelined",
    "4975-7.1.1-large-chunk",
    "4975-5.1-echo-large",
    "3862-in-chunks",
)


@contextmanager
def calls(directory, *options, **how):
    """Our endpoint, and what calls it. What it prints is read all the while, or it would wait for that."""
    with listening(directory, "--accept", "chat", *options) as us:
        reading = threading.Thread(target=lambda: all(iter(lambda: us._read(time.monotonic() + 600), False)))
        reading.start()
        try:
            yield Calls(f"sip:bob@127.0.0.1:{us.ports['udp']}", **how)
        finally:
            us.terminate()
            reading.join()


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    with calls(tmp_path_factory.mktemp("plain"), "--no-msrp-tls") as source:
        yield source


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory):
    with calls(tmp_path_factory.mktemp("tls"), tls=True) as source:
        yield source


@pytest.mark.parametrize("case", OURS, ids=lambda case: case.id)
def test_our_endpoint_keeps_the_rule(plain, case):
    verdict, why = KNOWN.get(case.id, (Verdict.PASS, ""))
    # what is known to come in vain is not waited for as long
    result = run_one(case, Peer(plain, ABILITIES, limit=1.0 if why else 15.0))
    assert (result.verdict, result.faults if case.is_judged else ()) == (verdict, ()), result.reason


@pytest.mark.parametrize("case", [each for each in CASES if each.id in TLS_TOO], ids=lambda case: case.id)
def test_our_endpoint_keeps_the_rule_over_tls(encrypted, case):
    result = run_one(case, Peer(encrypted, ABILITIES, limit=15.0))
    assert result.verdict is Verdict.PASS, result.reason


def test_the_whole_suite_ends_with_the_judgement_of_the_grammar(plain):
    results = list(run([OURS[0]], Peer(plain, ABILITIES)))
    assert [(each.case.id, each.verdict) for each in results] == [
        (OURS[0].id, Verdict.PASS),
        (GRAMMAR.id, Verdict.PASS),
    ]


def test_a_peer_that_does_not_answer_the_call_is_no_verdict(tmp_path):
    with listening(tmp_path, "--reject", "486") as us:
        source = Calls(f"sip:bob@127.0.0.1:{us.ports['udp']}")
        result = run_one(OURS[0], Peer(source, ABILITIES))
    assert (result.verdict, "486" in result.reason) == (Verdict.ERROR, True)
