"""Our engine calls SIPp with audio, over UDP and TCP; SIPp is the judge of what it gets."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from sipsimple.core import SIPURI
from sipsimple.session import Session
from tests.endpoints import LOOPBACK, alice
from tests.interop.audio_calls import needs_audio, talking
from tests.interop.msrp_peer import PassivePeer
from tests.interop.scenario import Scenario, needs_sipp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.watch import Watch

pytestmark = [pytest.mark.interop, needs_sipp, needs_audio, pytest.mark.parametrize("transport", ["udp", "tcp"])]

SOON = 5.0


@contextlib.contextmanager
def calling(
    name: str, transport: str, directory: Path, *, chat: bool = False
) -> Iterator[tuple[Watch, Session, Scenario]]:
    """Call a scenario with audio; after the block hang up, and prove that all of it was played."""
    with (
        PassivePeer(directory) as peer,
        Scenario(name, transport, directory, msrp_port=peer.port) as sipp,
        talking() as watch,
    ):
        session = Session()
        parameters = {"transport": "tcp"} if transport == "tcp" else None
        target = SIPURI(LOOPBACK, "sipp", port=sipp.port, parameters=parameters)
        session.connect(target, alice(), audio=True, chat=chat)
        watch.wait_for("SCSessionDidStart", session)
        yield watch, session, sipp
        session.terminate()
        watch.wait_for("SCSessionDidEnd", session)
        sipp.passes(SOON)


def test_a_call_with_audio_rings_is_answered_and_ended(transport: str, tmp_path: Path) -> None:
    with calling("s_audio", transport, tmp_path) as (watch, session, _):
        assert watch.count("SCSessionGotRingIndication", session) == 1
        assert (session.has_audio, session.has_chat) == (True, False)
        assert session.audio_codec == "PCMU"


def test_audio_and_chat_are_offered_in_this_order(transport: str, tmp_path: Path) -> None:
    with calling("s_audio_chat", transport, tmp_path, chat=True) as (watch, session, _):
        watch.wait_for("MSRPChatDidStart", session.chat_transport)
        assert (session.has_audio, session.has_chat) == (True, True)


def test_a_call_goes_on_without_the_chat_that_was_refused(transport: str, tmp_path: Path) -> None:
    with calling("s_audio_refuses_chat", transport, tmp_path, chat=True) as (_, session, _sipp):
        assert (session.has_audio, session.has_chat) == (True, False)


def test_early_media_and_the_answer_that_repeats_them_are_one_call(transport: str, tmp_path: Path) -> None:
    with calling("s_audio_early", transport, tmp_path) as (watch, session, _):
        assert watch.count("SCSessionGotRingIndication", session) == 0
        assert session.audio_codec == "PCMU"


def test_a_hold_is_sendonly_and_its_end_is_not(transport: str, tmp_path: Path) -> None:
    with calling("s_audio_hold", transport, tmp_path) as (watch, session, sipp):
        session.hold()
        session.unhold()
        watch.until(lambda: sum(text.startswith("ACK") for text in sipp.received()) == 3, "three ACKs")
        assert not session.on_hold
        assert [name for name in watch.names(session) if "oldRequest" in name] == [
            "SCSessionGotHoldRequest",
            "SCSessionGotUnholdRequest",
        ]


def test_a_chat_is_added_to_the_call(transport: str, tmp_path: Path) -> None:
    with calling("s_audio_add_chat", transport, tmp_path) as (watch, session, _):
        session.add_chat()
        assert watch.wait_for("SCSessionAcceptedStreamProposal", session).data.proposer == "local"
        assert session.has_chat
        watch.wait_for("MSRPChatDidStart", session.chat_transport)


def test_a_refused_reinvite_leaves_the_call_as_it_was(transport: str, tmp_path: Path) -> None:
    with calling("s_audio_reinvite_488", transport, tmp_path) as (watch, session, _):
        session.hold()
        watch.wait_for("SCSessionGotUnholdRequest", session)
        assert (session.state, session.on_hold) == ("ESTABLISHED", False)
