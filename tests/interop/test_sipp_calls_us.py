"""SIPp calls our endpoint, over UDP and TCP; SIPp is the judge of what it gets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.interop.endpoint import listening
from tests.interop.msrp_peer import Chunk, connected
from tests.interop.scenario import Scenario, needs_sipp

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.interop, needs_sipp, pytest.mark.parametrize("transport", ["udp", "tcp"])]

CHAT = ("--accept", "chat")
QUICK_T1 = 0.05
SEES_REPEATS = ("-nr",)


@pytest.mark.parametrize(
    "name", ["c_options_200", "c_unknown_method_405", "c_bye_unknown_481", "c_no_common_media_488"]
)
def test_a_request_that_starts_no_call_gets_its_final_response(name: str, transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, *CHAT) as us, Scenario(name, transport, tmp_path, calls=us.ports[transport]) as sipp:
        sipp.passes()
    assert "SCSessionDidStart" not in us.names()


def test_a_chat_call_is_accepted_and_ends_with_the_bye_of_the_caller(transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, *CHAT) as us:
        with Scenario("c_msrp_only", transport, tmp_path, calls=us.ports[transport]) as sipp:
            sipp.passes()
        assert us.wait_for("SCSessionDidEnd")["originator"] == "remote"
    names = [name for name in us.names() if name.startswith("SCSession") and name != "SCSessionChangedState"]
    assert names == ["SCSessionNewIncoming", "SCSessionWillStart", "SCSessionDidStart", "SCSessionDidEnd"]


def test_repeated_requests_make_one_call(transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, *CHAT) as us:
        with Scenario(
            "c_dup_invite_chat", transport, tmp_path, calls=us.ports[transport], options=SEES_REPEATS
        ) as sipp:
            sipp.passes()
        us.wait_for("SCSessionDidEnd")
    assert us.names().count("SCSessionNewIncoming") == 1
    assert us.names().count("SCSessionDidEnd") == 1


def test_a_lost_ack_brings_the_same_200_again(transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, *CHAT, "--t1", "0.1") as us:
        port = us.ports[transport]
        with Scenario("c_retransmit", transport, tmp_path, calls=port, options=SEES_REPEATS) as sipp:
            sipp.passes()
    answers = [text for text in sipp.received() if text.startswith("SIP/2.0 200") and "INVITE" in text]
    assert len(answers) == 2
    assert len(set(answers)) == 1


def test_a_call_that_nobody_acknowledges_ends_with_our_bye(transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, *CHAT, "--t1", str(QUICK_T1)) as us:
        port = us.ports[transport]
        with Scenario("c_lost_ack_chat", transport, tmp_path, calls=port, options=SEES_REPEATS) as sipp:
            sipp.passes()
        failure = us.wait_for("SCSessionDidFail")
    assert (failure["originator"], failure["code"]) == ("local", 408)


def test_a_rejected_call_gets_the_code_once_it_is_acknowledged_no_more(transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, "--reject", "486", "--t1", "0.1") as us:
        port = us.ports[transport]
        with Scenario("c_reject_486", transport, tmp_path, calls=port, options=SEES_REPEATS) as sipp:
            sipp.passes()
        assert us.wait_for("SCSessionDidEnd")["originator"] == "local"
    assert "SCSessionDidFail" not in us.names()


def test_a_call_cancelled_while_it_rings_fails_with_487(transport: str, tmp_path: Path) -> None:
    with listening(tmp_path) as us:
        with Scenario("c_cancel_chat", transport, tmp_path, calls=us.ports[transport]) as sipp:
            sipp.passes()
        failure = us.wait_for("SCSessionDidFail")
    assert (failure["originator"], failure["code"]) == ("remote", 487)


def test_an_endpoint_that_is_told_to_end_hangs_up_first(transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, *CHAT) as us:
        with Scenario("c_gets_bye_chat", transport, tmp_path, calls=us.ports[transport]) as sipp:
            us.wait_for("SCSessionDidStart")
            us.terminate()
            sipp.passes()
        us.finish()
    assert us.names()[-1] != "SCSessionDidStart"
    assert "SCSessionDidEnd" in us.names()


def test_a_chat_peer_that_connects_is_bound_by_its_empty_send_and_gets_its_echo(transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, *CHAT) as us:
        with Scenario("c_gets_bye_chat", transport, tmp_path, calls=us.ports[transport]) as sipp:
            theirs = _path(sipp.wait_for("SIP/2.0 200"))
            with connected(_path(sipp.sent()[0]), theirs) as peer:
                peer.send(None)
                assert peer.read().start.startswith("200")
                peer.send(b"is anybody there?")
                answered, reported, echoed = _by_kind([peer.read(), peer.read(), peer.read()])
                assert answered.start.startswith("200")
                assert reported.headers["Status"].startswith("000 200")
                assert b"is anybody there?" in echoed.body
                us.terminate()
                sipp.passes()
        us.finish()
    assert "SCSessionGotMessage" in us.names()


def _path(message: str) -> str:
    found = re.search(r"^a=path:(\S+)", message, re.MULTILINE)
    assert found, message
    return found.group(1)


def _by_kind(chunks: list[Chunk]) -> list[Chunk]:
    """Put the response first, then the report, then the echo, which comes when it likes."""
    order = {"REPORT": 1, "SEND": 2}
    return sorted(chunks, key=lambda chunk: order.get(chunk.start, 0))
