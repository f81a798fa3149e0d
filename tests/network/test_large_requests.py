"""RFC 3261 18.1.1 over real sockets: too big for UDP goes by TCP, and by UDP to who has no TCP."""

from __future__ import annotations

import contextlib
import socket

import pytest

from sipsimple.protocols.sip.message import Request, parse
from tests.endpoints import LOOPBACK, deliver, established, hang_up, running

WORDY = "x" * 1300
"""A name that makes every request too big."""


def ways(watch, method):
    """By which transports a request was sent."""
    sent = [each.data for each in watch.seen if each.name == "SCEngineSIPTrace" and not each.data.received]
    messages = [(each.transport, parse(each.data.encode())) for each in sent]
    return [way for way, each in messages if isinstance(each, Request) and each.method == method]


@pytest.mark.parametrize("has_tcp", [True, False])
def test_every_request_of_a_call_prefers_tcp_and_falls_back_to_udp(has_tcp):
    port = port_for_both()  # a request that changes its transport keeps its target
    with running(
        user_agent=WORDY, trace_sip=True, local_udp_port=port, local_tcp_port=port if has_tcp else None
    ) as watch:
        call = established(watch)
        deliver(watch, call.caller, call.callee, "hello")
        call.callee.hold()
        watch.wait_for("SCSessionGotHoldRequest", count=1)
        hang_up(watch, call)
        assert set(ways(watch, "INVITE")) == ({"tcp"} if has_tcp else {"tcp", "udp"})
        assert ways(watch, "BYE") == ["tcp" if has_tcp else "udp"]  # by then it is known what works
        assert watch.count("SCSessionDidFail") == 0


def port_for_both():
    """Name a port that nobody holds now, neither over UDP nor over TCP."""
    while True:
        with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind((LOOPBACK, 0))
            with contextlib.suppress(OSError):
                tcp.bind(udp.getsockname())
                return udp.getsockname()[1]
