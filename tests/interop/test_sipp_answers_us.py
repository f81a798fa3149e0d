"""Our endpoint calls SIPp, over UDP and TCP, and a plain MSRP peer takes the message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.interop.endpoint import chat
from tests.interop.msrp_peer import PassivePeer
from tests.interop.scenario import Scenario, needs_sipp

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.interop, needs_sipp, pytest.mark.parametrize("transport", ["udp", "tcp"])]

# Our side has ended by then; SIPp only has to notice.
SOON = 5.0


@pytest.mark.parametrize(("name", "rings"), [("s_msrp_only", 0), ("s_uas_basic_chat", 1), ("s_late_200", 2)])
def test_a_message_is_delivered_to_a_peer_that_answers(name: str, rings: int, transport: str, tmp_path: Path) -> None:
    with PassivePeer(tmp_path) as peer, Scenario(name, transport, tmp_path, msrp_port=peer.port) as sipp:
        call = chat(sipp.port, transport, message="good morning")
        sipp.passes(SOON)
    assert call.delivered, call.output
    assert call.count("SCSessionGotRingIndication") == rings
    assert call.first("SCSessionDidEnd")["originator"] == "local"
    opening, message = peer.requests
    assert opening.body == b""
    assert b"good morning" in message.body


@pytest.mark.parametrize(
    ("name", "code"), [("s_inv_486", 486), ("s_inv_503", 503), ("s_inv_603", 603), ("s_redirect_302", 302)]
)
def test_a_refusal_is_acknowledged_and_told_with_its_code(name: str, code: int, transport: str, tmp_path: Path) -> None:
    with Scenario(name, transport, tmp_path) as sipp:
        call = chat(sipp.port, transport)
        sipp.passes(SOON)
    assert not call.delivered
    failure = call.first("SCSessionDidFail")
    assert (failure["originator"], failure["code"]) == ("remote", code)
    assert call.events.index(failure) < call.events.index(call.first("SCSessionDidEnd"))


@pytest.mark.parametrize("name", ["s_cancel_487", "s_cancel_crossing"])
def test_a_call_that_we_cancel_ends_even_when_the_answer_crosses(name: str, transport: str, tmp_path: Path) -> None:
    with Scenario(name, transport, tmp_path) as sipp:
        call = chat(sipp.port, transport, "--cancel-after", "0.2")
        sipp.passes(SOON)
    assert not call.delivered
    assert call.count("SCSessionDidFail") == 0
    assert call.first("SCSessionDidEnd")["originator"] == "local"
