"""Messages over a network that loses one datagram in ten, copies, delays and reorders: each arrives once, in order."""

from __future__ import annotations

import pytest

from sipsimple.core import SIPURI, Engine, send_message
from tests.endpoints import alice, running
from tests.network.udp_faults import HOST, Faults, FaultyNetwork

MESSAGES = 60


@pytest.mark.slow
def test_every_message_arrives_once_and_in_order():
    with FaultyNetwork(Faults(), seed=3) as network:
        port = network.open()
        with running(sip_t1=0.1, advertised_host=HOST, advertised_udp_port=port) as watch:
            network.attach(port, Engine().local_udp_port)
            ids = [
                send_message(alice(), SIPURI(HOST, "bob", port=port), "text", "plain", str(number))
                for number in range(MESSAGES)
            ]
            watch.wait_for("SCEngineGotMessageResponse", count=MESSAGES, seconds=60)
            told = [each.data for each in watch.seen if each.name == "SCEngineGotMessageResponse"]
            got = [each.data.body for each in watch.seen if each.name == "SCEngineGotMessage"]

            assert [each.message_id for each in told] == ids
            assert {each.code for each in told} == {200}
            assert got == [str(number) for number in range(MESSAGES)]
    assert network.counts.lost > 0
    assert network.counts.copied > 0
