"""Calls over a network that loses one message in ten, copies, delays and reorders: none hangs, and nothing is left."""

from __future__ import annotations

import pytest

from sipsimple.core import SIPURI, Engine
from sipsimple.session import Session
from tests.endpoints import alice, running, wait_until_forgotten
from tests.network.udp_faults import HOST, Faults, FaultyNetwork

CALLS = 60
AT_ONCE = 20
LONG = 60.0
"""Seconds: 64*T1 is 6.4, and a call may need it once to begin and once to end."""


@pytest.mark.slow
def test_every_call_is_established_or_fails_with_a_reason_and_every_one_ends():
    with FaultyNetwork(Faults(), seed=7) as network:
        port = network.open()
        with running(sip_t1=0.1, advertised_host=HOST, advertised_udp_port=port) as watch:
            network.attach(port, Engine().local_udp_port)
            watch.on["SCSessionNewIncoming"] = lambda session: session.accept(chat=True)
            watch.on["SCSessionDidStart"] = lambda session: session.direction == "outgoing" and session.terminate()
            sessions = []
            for _ in range(CALLS):
                watch.until(lambda: len(sessions) < outcomes(watch, sessions) + AT_ONCE, "calls to end", LONG)
                session = Session()
                session.connect(SIPURI(HOST, "bob", port=port), alice(), chat=True)
                sessions.append(session)
            watch.until(lambda: outcomes(watch, sessions) == CALLS, "all callers to end", LONG)
            incoming = {each.sender for each in watch.seen if each.name == "SCSessionNewIncoming"}
            watch.until(lambda: all(each.state == "TERMINATED" for each in incoming), "all callees to end", LONG)
            wait_until_forgotten(watch)
            begun = [each for each in sessions if watch.count("SCSessionDidStart", each)]
            for each in (*sessions, *incoming):
                names = watch.names(each)
                assert names.count("SCSessionDidEnd") == 1
                assert names[-1] == "SCSessionDidEnd"
            for each in set(sessions).difference(begun):
                assert watch.data("SCSessionDidFail", each)["reason"]
            assert len(begun) >= 0.95 * CALLS, str(watch)
    assert network.counts.lost > 0
    assert network.counts.copied > 0
    assert network.counts.overtaken > 0


def outcomes(watch, sessions):
    """How many of these sessions are over."""
    return sum(each.state == "TERMINATED" for each in sessions)
