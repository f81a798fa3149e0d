"""SIPp calls our endpoint with audio, over UDP and TCP; SIPp is the judge of what it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.interop.audio_calls import needs_audio
from tests.interop.endpoint import listening
from tests.interop.scenario import Scenario, needs_sipp

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.interop, needs_sipp, needs_audio, pytest.mark.parametrize("transport", ["udp", "tcp"])]

ANYTHING = ("--accept", "audio,chat", "--no-msrp-tls")
AUDIO = ("--accept", "audio")


@pytest.mark.parametrize(
    ("name", "options", "has_chat"),
    [
        ("c_audio", ANYTHING, False),
        ("c_audio", AUDIO, False),
        ("c_audio_chat", ANYTHING, True),
        ("c_audio_mixed", ANYTHING, False),
        ("c_audio_late_offer", AUDIO, True),
    ],
)
def test_a_call_with_audio_is_accepted_and_ends_with_the_bye_of_the_caller(
    name: str, options: tuple[str, ...], has_chat: bool, transport: str, tmp_path: Path
) -> None:
    with listening(tmp_path, *options) as us:
        with Scenario(name, transport, tmp_path, calls=us.ports[transport]) as sipp:
            sipp.passes()
        assert us.wait_for("SCSessionDidEnd")["originator"] == "remote"
        incoming = us.wait_for("SCSessionNewIncoming")
    assert (incoming["has_audio"], incoming["has_chat"]) == (True, has_chat)
    names = [name for name in us.names() if name.startswith("SCSession") and name != "SCSessionChangedState"]
    assert names == ["SCSessionNewIncoming", "SCSessionWillStart", "SCSessionDidStart", "SCSessionDidEnd"]


@pytest.mark.parametrize("name", ["c_audio_hold", "c_audio_hold_zero"])
def test_a_hold_is_answered_and_told_and_so_is_its_end(name: str, transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, *ANYTHING) as us:
        with Scenario(name, transport, tmp_path, calls=us.ports[transport]) as sipp:
            sipp.passes()
        us.wait_for("SCSessionDidEnd")
    told = [(each["event"], each["originator"]) for each in us.events if "oldRequest" in each["event"]]
    assert told == [("SCSessionGotHoldRequest", "remote"), ("SCSessionGotUnholdRequest", "remote")]


def test_a_chat_is_added_to_an_audio_call(transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, *ANYTHING) as us:
        with Scenario("c_audio_add_chat", transport, tmp_path, calls=us.ports[transport]) as sipp:
            sipp.passes()
        us.wait_for("SCSessionDidEnd")
    proposal = us.wait_for("SCSessionGotStreamProposal")
    assert (proposal["proposer"], proposal["adds_audio"], proposal["adds_chat"]) == ("remote", False, True)
    states = [each["state"] for each in us.events if each["event"] == "SCSessionChangedState"]
    assert states[-4:-1] == ["ESTABLISHED", "PROPOSED", "ESTABLISHED"]
    assert us.wait_for("SCSessionAcceptedStreamProposal")["proposer"] == "remote"


def test_a_chat_is_removed_from_a_call_without_a_proposal(transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, *ANYTHING) as us:
        with Scenario("c_audio_remove_chat", transport, tmp_path, calls=us.ports[transport]) as sipp:
            sipp.passes()
        assert us.wait_for("SCSessionDidEnd")["originator"] == "remote"
    assert "SCSessionGotStreamProposal" not in us.names()


def test_audio_without_a_common_codec_is_refused_with_488(transport: str, tmp_path: Path) -> None:
    with listening(tmp_path, *ANYTHING) as us:
        with Scenario("c_audio_no_codec_488", transport, tmp_path, calls=us.ports[transport]) as sipp:
            sipp.passes()
        refusal = next(text for text in sipp.received() if text.startswith("SIP/2.0 488"))
    assert "Warning:" in refusal
    assert "SCSessionDidStart" not in us.names()
