"""RFC 3261 18.1.1 over real sockets: too big for UDP goes by TCP, and by UDP to who has no TCP."""

from __future__ import annotations

import pytest

from sipsimple.core import Engine
from sipsimple.protocols.sip.message import Request, parse
from tests.endpoints import deliver, established, hang_up, running

WORDY = "x" * 1300
"""A name that makes every request too big."""


def ways(watch, method):
    """By which transports a request was sent."""
    sent = [each.data for each in watch.seen if each.name == "SCEngineSIPTrace" and not each.data.received]
    messages = [(each.transport, parse(each.data.encode())) for each in sent]
    return [way for way, each in messages if isinstance(each, Request) and each.method == method]


@pytest.mark.parametrize("has_tcp", [True, False])
def test_every_request_of_a_call_prefers_tcp_and_falls_back_to_udp(has_tcp):
    same = {"local_tcp_port": 0} if has_tcp else {"local_tcp_port": None}
    with running(user_agent=WORDY, trace_sip=True, **same) as watch:
        if has_tcp:
            move_tcp_to_the_udp_port()
        call = established(watch)
        deliver(watch, call.caller, call.callee, "hello")
        call.callee.hold()
        watch.wait_for("SCSessionGotHoldRequest", count=1)
        hang_up(watch, call)
        assert set(ways(watch, "INVITE")) == ({"tcp"} if has_tcp else {"tcp", "udp"})
        assert ways(watch, "BYE") == ["tcp" if has_tcp else "udp"]  # by then it is known what works
        assert watch.count("SCSessionDidFail") == 0


def move_tcp_to_the_udp_port():
    """Listen for TCP where UDP is: a request that changes its transport keeps its target."""
    core = Engine().core
    core.system.call(core.transports.listen, "tcp", core.host, core.options.local_udp_port)
