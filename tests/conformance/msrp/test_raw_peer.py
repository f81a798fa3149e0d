"""The suite judges a peer of a few lines as we know it to be: it says 200 to every SEND and looks at nothing.

So it proves that cases can fail, and fail for the peer's faults.
"""

from __future__ import annotations

from contextlib import closing, contextmanager

import pytest

from sipsimple.testing.msrp.case import Verdict
from sipsimple.testing.msrp.cases import CASES
from sipsimple.testing.msrp.connection import dial
from sipsimple.testing.msrp.session import Session
from sipsimple.testing.msrp.suite import Peer, run_one
from tests.interop.msrp_peer import PassivePeer

OWN = "msrp://127.0.0.1:9/conformance0123456789;tcp"
BY_ID = {each.id: each for each in CASES}


def ids(text):
    return text.split()


PASSES = ids("""
4975-9-tid-shortest 4975-9-tid-longest 4975-9-tid-characters 4975-9-header-order 4975-9-unknown-headers
4975-7.1-split-everywhere 4975-7.1-split-in-end-line 4975-7.1-pipelined 4975-7.1-every-octet 4975-7.1.1-empty-send
4975-7.1.1-keep-alives 4975-7.1.1-large-chunk 4975-7.1.1-range-all-open 4975-7.1.1-failure-yes 4975-7.2-stray-response
4975-7.1.2-report-unanswered 4975-7.2-response-paths 4975-5.4-data-first 4975-7.1.2-success-yes 4975-7.1.2-success-no
4975-7.1.2-order 4975-5.1-interleaved 4975-5.1-between-chunks
""")

FAILS = ids("""
4975-7.3-other-session 4975-7.3-path-too-long 4975-7.3-bad-path 4975-10-unacceptable-type 4975-7.1.1-failure-no
4975-7.1.1-failure-partial 4975-7.1.1-partial-error 4975-7.1.1-no-error 4975-7.2-response-one-hop
4975-6.1-session-id-case 4975-7.1-abort 4975-5.1-two-chunks 4975-7.3-unknown-method
""")

WARNS = ids("""
4975-9-tid-too-short 4975-9-tid-too-long 4975-7.3-stranger 4975-7.1.1-range-garbage 4975-7.1.1-range-from-zero
4975-7.1.1-range-huge 4975-7.1.1-no-content-type 4975-9-header-without-colon
""")

NOTICES = {
    **dict.fromkeys(
        ids("""
5438-7.2.1.1-delivery 5438-7.2.1.1-about 5438-6.2-prefix 5438-6.3-several 5438-7.2-back-to-the-sender
7701-7.1-answered 7701-7.1-session-goes-on
"""),
        Verdict.FAIL,
    ),
    **dict.fromkeys(
        ids("""
3994-3.1-idle 3994-3.1-unknown-state 3994-3-entities 5438-6.3-not-asked 5438-5-no-loop 5438-11-garbage
7701-7.1-no-name 7701-7.1-no-quotes
"""),
        Verdict.PASS,
    ),
    "3994-3-garbage": Verdict.WARN,
    "3862-3.2-transfer-encoding": Verdict.WARN,
}
"""What it makes of status documents, disposition notifications and nicknames: nothing."""

SKIPS = ["4975-5.1-reassembled", "4975-10-too-large", "6135-4.1-active", "4976-6.4-forwards"]


class AtPassivePeer:
    """Each case gets a peer of its own."""

    def __init__(self, directory):
        self.directory = directory

    def can(self, case):
        return case.role == "active" and "sip" not in case.needs

    @contextmanager
    def open(self, case, limit):
        with PassivePeer(self.directory) as peer:
            path = f"msrp://127.0.0.1:{peer.port}/abcdef0123456789;tcp"
            with closing(dial(path, limit)) as connection:
                yield Session({"to": path, "from": OWN}, connection)


@pytest.mark.parametrize(
    ("id_", "verdict"),
    [
        *((each, Verdict.PASS) for each in PASSES),
        *((each, Verdict.FAIL) for each in FAILS),
        *((each, Verdict.WARN) for each in WARNS),
        *((each, Verdict.SKIP) for each in SKIPS),
    ],
)
def test_the_verdict_about_a_careless_peer_is_known(id_, verdict, tmp_path):
    result = run_one(BY_ID[id_], Peer(AtPassivePeer(tmp_path), limit=15.0 if verdict is Verdict.PASS else 0.5))
    assert result.verdict is verdict, result.reason
    assert bool(result.reason) is (verdict is not Verdict.PASS)


@pytest.mark.parametrize(("id_", "verdict"), NOTICES.items())
def test_the_verdict_about_a_peer_that_knows_no_extension_is_known(id_, verdict, tmp_path):
    abilities = frozenset({"cpim", "imdn", "echo"})
    limit = 15.0 if verdict is Verdict.PASS else 0.5
    result = run_one(BY_ID[id_], Peer(AtPassivePeer(tmp_path), abilities, limit=limit))
    assert result.verdict is verdict, result.reason
