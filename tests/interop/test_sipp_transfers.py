"""Transfers, Replaces, INFO and redirection with SIPp, over UDP and TCP; SIPp is the judge of what it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sipsimple.api.engine import running as lives
from sipsimple.core import SIPURI
from sipsimple.session import Session
from tests.endpoints import LOOPBACK, alice, port, running
from tests.interop.msrp_peer import PassivePeer
from tests.interop.scenario import Scenario, needs_sipp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.watch import Watch

pytestmark = [pytest.mark.interop, needs_sipp, pytest.mark.parametrize("transport", ["udp", "tcp"])]

SOON = 5.0
CAROL = SIPURI("example.org", "carol")


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """The engine, watched."""
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    with running(hub="own") as watch:
        yield watch


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[PassivePeer]:
    """Whom the chats of those who are called connect to."""
    with PassivePeer(tmp_path) as peer:
        yield peer


def key(name: str, value: object) -> tuple[str, str, str]:
    return "-key", name, str(value)


def callee(peer: Scenario) -> SIPURI:
    parameters = None if peer.transport == "udp" else {"transport": peer.transport}
    return SIPURI(LOOPBACK, "sipp", port=peer.port, parameters=parameters)


def call(watch: Watch, peer: Scenario, **options: Any) -> Session:
    session = Session()
    session.connect(callee(peer), alice(), chat=True, **options)
    watch.wait_for("SCSessionDidStart", session)
    return session


def called(watch: Watch, count: int = 1) -> Any:
    session = watch.wait_for("SCSessionNewIncoming", count=count).sender
    session.accept(chat=True)
    watch.wait_for("SCSessionDidStart", session)
    return session


def test_who_transfers_blindly_hears_how_it_goes_and_hangs_up(
    transport: str, watch: Watch, chats: PassivePeer, tmp_path: Path
) -> None:
    with Scenario("s_refer", transport, tmp_path, msrp_port=chats.port) as sipp:
        session = call(watch, sipp)
        session.transfer(CAROL)
        sipp.passes()
        watch.wait_for("SCSessionDidEnd", session)
    codes = [each.data.code for each in watch.of(session) if each.name == "SCSessionTransferGotProgress"]
    assert codes == [100, 180]
    assert watch.count("SCSessionTransferDidEnd", session) == 1
    assert watch.count("SCSessionTransferDidFail", session) == 0


@pytest.mark.parametrize(("name", "code"), [("s_refer_403", 403), ("s_refer_486", 486)])
def test_a_transfer_that_fails_leaves_the_call(
    name: str, code: int, transport: str, watch: Watch, chats: PassivePeer, tmp_path: Path
) -> None:
    with Scenario(name, transport, tmp_path, msrp_port=chats.port) as sipp:
        session = call(watch, sipp)
        session.transfer(CAROL)
        assert watch.wait_for("SCSessionTransferDidFail", session).data.code == code
        assert session.state == "ESTABLISHED"
        session.terminate()
        sipp.passes()
        watch.wait_for("SCSessionDidEnd", session)


def test_who_transfers_to_the_peer_of_another_session_names_its_dialog(
    transport: str, watch: Watch, chats: PassivePeer, tmp_path: Path
) -> None:
    with (
        Scenario("s_refer_attended", transport, tmp_path, msrp_port=chats.port) as sipp,
        PassivePeer(tmp_path) as others,
        Scenario("s_msrp_only", transport, tmp_path, msrp_port=others.port) as carol,
    ):
        session, other = call(watch, sipp), call(watch, carol)
        session.transfer(other)
        sipp.passes()
        watch.wait_for("SCSessionTransferDidEnd", session)
        other.terminate()  # what nobody replaces stays
        carol.passes(SOON)


@pytest.mark.parametrize(("name", "third"), [("c_refer", "s_referred"), ("c_refer_attended", "s_replaced")])
def test_who_is_transferred_calls_the_third_and_tells_how_it_goes(
    name: str, third: str, transport: str, watch: Watch, chats: PassivePeer, tmp_path: Path
) -> None:
    with Scenario(third, transport, tmp_path, msrp_port=chats.port) as carol:
        options = key("carol_port", carol.port)
        with Scenario(name, transport, tmp_path, calls=port(transport), options=options) as sipp:
            session = called(watch)
            told = watch.wait_for("SCSessionTransferNewIncoming", session).data
            assert told.is_attended == (name == "c_refer_attended")
            new = session.accept_transfer()
            sipp.passes()
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.count("SCSessionTransferDidEnd", session) == 1
        new.terminate()
        carol.passes(SOON)
        watch.wait_for("SCSessionDidEnd", new)


def test_a_refer_or_notify_that_cannot_be_taken_is_refused_with_its_status(
    transport: str, watch: Watch, tmp_path: Path
) -> None:
    with Scenario("c_refer_wrong", transport, tmp_path, calls=port(transport)) as sipp:
        session = called(watch)
        sipp.passes()
        watch.wait_for("SCSessionDidEnd", session)
    assert watch.count("SCSessionTransferNewIncoming") == 0


def test_a_call_takes_the_place_of_another_one(transport: str, watch: Watch, tmp_path: Path) -> None:
    with Scenario("c_gets_bye_chat", transport, tmp_path, calls=port(transport)) as first:
        old = called(watch)
        dialog = old.call.dialog
        value = f"{dialog.call_id};to-tag={dialog.local_tag};from-tag={dialog.remote_tag}"
        with Scenario(
            "c_replaces", transport, tmp_path, calls=port(transport), options=key("replaces", value)
        ) as second:
            new = watch.wait_for("SCSessionNewIncoming", count=2).sender
            assert new.replaces is old
            first.passes()
            watch.wait_for("SCSessionDidEnd", old)
            second.passes()
            watch.wait_for("SCSessionDidEnd", new)


def test_what_is_not_there_is_not_replaced(transport: str, watch: Watch, tmp_path: Path) -> None:
    value = "nothing@nowhere;to-tag=1;from-tag=2"
    with Scenario("c_replaces_481", transport, tmp_path, calls=port(transport), options=key("replaces", value)) as sipp:
        sipp.passes()
    assert watch.count("SCSessionNewIncoming") == 0


def test_digits_and_content_come_by_info_and_the_end_says_why(transport: str, watch: Watch, tmp_path: Path) -> None:
    with Scenario("c_info", transport, tmp_path, calls=port(transport)) as sipp:
        session = called(watch)
        sipp.passes()
        ended = watch.wait_for("SCSessionDidEnd", session).data
    assert [each.data.digit for each in watch.of(session) if each.name == "SCSessionGotDTMF"] == ["5", "7"]
    assert watch.data("SCSessionGotInfo", session)["body"].strip() == b"hello"
    assert (ended.cause, ended.protocol, ended.reason) == (16, "Q.850", "Terminated")


def test_digits_and_content_go_by_info_and_the_end_says_why(
    transport: str, watch: Watch, chats: PassivePeer, tmp_path: Path
) -> None:
    with Scenario("s_info", transport, tmp_path, msrp_port=chats.port) as sipp:
        session = call(watch, sipp)
        session.send_dtmf("5", method="info")
        refused = session.send_info("text/x-own", "hello")
        failed = watch.wait_for("SCSessionInfoDidFail", session).data
        assert (failed.info_id, failed.code) == (refused, 415)
        assert watch.count("SCSessionInfoDidSucceed", session) == 1
        session.terminate("Call completed elsewhere", 200)
        sipp.passes()
        watch.wait_for("SCSessionDidEnd", session)


def test_a_redirection_is_followed_when_it_is_allowed(
    transport: str, watch: Watch, chats: PassivePeer, tmp_path: Path
) -> None:
    with Scenario("s_msrp_only", transport, tmp_path, msrp_port=chats.port) as carol:
        with Scenario("s_redirect_to", transport, tmp_path, options=key("carol_port", carol.port)) as sipp:
            session = call(watch, sipp, follow_redirects=1)
            sipp.passes(SOON)
        session.terminate()
        carol.passes(SOON)
        watch.wait_for("SCSessionDidEnd", session)
    assert watch.data("SCSessionGotRedirect", session)["code"] == 302
    invite = carol.wait_for("INVITE")
    assert "CSeq: 2 INVITE" in invite
