"""Session timers, reliable provisional responses and UPDATE with SIPp, over UDP and TCP; SIPp is the judge.

The engine runs in this process, with intervals that no real call would have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sipsimple.core import SIPURI, Route
from sipsimple.session import Session
from tests.endpoints import LOOPBACK, alice, port, running
from tests.interop.audio_calls import needs_audio
from tests.interop.msrp_peer import PassivePeer
from tests.interop.scenario import Scenario, needs_sipp

if TYPE_CHECKING:
    from pathlib import Path

    from tests.watch import Watch

pytestmark = [pytest.mark.interop, needs_sipp, pytest.mark.parametrize("transport", ["udp", "tcp"])]

QUICK: dict[str, Any] = {"session_expires": 4, "min_session_expires": 2}
NO_REPEATS = ("-nr",)


def call(watch: Watch, sipp: Scenario, transport: str) -> Session:
    """Call SIPp and wait until the session has started."""
    session = Session()
    session.connect(SIPURI(LOOPBACK, "bob"), alice(), Route(LOOPBACK, sipp.port, transport), chat=True)
    watch.wait_for("SCSessionDidStart", session)
    return session


def incoming(watch: Watch) -> Session:
    """Wait for the call of SIPp."""
    watch.wait_for("SCSessionNewIncoming")
    session: Session = next(each.sender for each in watch.seen if each.name == "SCSessionNewIncoming")
    return session


def hang_up(watch: Watch, session: Session) -> None:
    session.terminate()
    watch.wait_for("SCSessionDidEnd", session)


def failure(watch: Watch, session: Session) -> tuple[str, int, str]:
    """Wait for the end of a session that fails."""
    watch.wait_for("SCSessionDidEnd", session)
    (data,) = [each.data for each in watch.seen if each.name == "SCSessionDidFail" and each.sender is session]
    return data.originator, data.code, data.reason


# ------------------------------------------------------------- reliable provisional responses


@pytest.mark.parametrize("at_once", [True, False])
def test_a_caller_who_requires_100rel_gets_it(at_once: bool, transport: str, tmp_path: Path) -> None:
    with running(hub="own") as watch:
        if at_once:
            watch.on["SCSessionNewIncoming"] = lambda session: session.accept(chat=True)
        with Scenario("c_prack_chat", transport, tmp_path, calls=port(transport)) as sipp:
            session = incoming(watch)
            if not at_once:
                assert "PRACK" in sipp.wait_for("SIP/2.0 200")
                session.accept(chat=True)
            sipp.passes()
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.count("SCSessionDidFail") == 0


def test_a_caller_who_never_sends_prack_is_refused(transport: str, tmp_path: Path) -> None:
    with running(hub="own", sip_t1=0.05) as watch:
        with Scenario("c_prack_missing", transport, tmp_path, calls=port(transport), options=NO_REPEATS) as sipp:
            session = incoming(watch)
            sipp.passes()
        assert failure(watch, session)[:2] == ("local", 504)
    rings = [text for text in sipp.received() if text.startswith("SIP/2.0 180")]
    assert len(rings) > 4
    assert len(set(rings)) == 1


def test_an_answer_in_a_reliable_183_is_acknowledged_and_holds(transport: str, tmp_path: Path) -> None:
    with running(hub="own") as watch, PassivePeer(tmp_path) as peer:
        with Scenario("s_prack_chat", transport, tmp_path, msrp_port=peer.port) as sipp:
            session = call(watch, sipp, transport)
            hang_up(watch, session)
            sipp.passes()
        assert watch.count("SCSessionDidFail") == 0


# ------------------------------------------------------------- session timers


@pytest.mark.parametrize(
    ("name", "requests"),
    [
        ("s_refreshed_by_update", ["UPDATE", "UPDATE"]),
        ("s_refreshed_by_invite", ["INVITE", "INVITE"]),
        ("s_refuses_update", ["UPDATE", "INVITE"]),
    ],
)
def test_a_session_is_refreshed_and_nobody_hears_of_it(
    name: str, requests: list[str], transport: str, tmp_path: Path
) -> None:
    with running(hub="own", **QUICK) as watch, PassivePeer(tmp_path) as peer:
        with Scenario(name, transport, tmp_path, msrp_port=peer.port) as sipp:
            session = call(watch, sipp, transport)
            told = len(watch.names(session))
            watch.until(lambda: len(refreshes(sipp)) == len(requests) and is_acknowledged(sipp), "the refreshes")
            assert refreshes(sipp) == requests
            assert len(watch.names(session)) == told
            hang_up(watch, session)
            sipp.passes()
        assert watch.count("SCSessionDidFail") == 0


def is_acknowledged(sipp: Scenario) -> bool:
    """Tell whether each INVITE has its ACK: SIPp waits for that before it takes a BYE."""
    methods = [text.partition(" ")[0] for text in sipp.received()]
    return methods.count("INVITE") == methods.count("ACK")


def refreshes(sipp: Scenario) -> list[str]:
    """The requests that came after the first INVITE, but for ACK and BYE."""
    methods = [text.partition(" ")[0] for text in sipp.received()]
    return [each for each in methods if each in {"INVITE", "UPDATE"}][1:]


def test_a_session_that_the_callee_does_not_refresh_ends_with_bye(transport: str, tmp_path: Path) -> None:
    with running(hub="own", **QUICK) as watch, PassivePeer(tmp_path) as peer:
        with Scenario("s_never_refreshes", transport, tmp_path, msrp_port=peer.port) as sipp:
            session = call(watch, sipp, transport)
            sipp.passes()
        assert failure(watch, session) == ("local", 408, "session timer expired")


def test_a_session_that_the_caller_does_not_refresh_ends_with_bye(transport: str, tmp_path: Path) -> None:
    with running(hub="own", **QUICK) as watch:
        watch.on["SCSessionNewIncoming"] = lambda session: session.accept(chat=True)
        with Scenario("c_never_refreshes", transport, tmp_path, calls=port(transport)) as sipp:
            session = incoming(watch)
            sipp.passes()
        assert failure(watch, session) == ("local", 408, "session timer expired")


def test_a_session_that_the_caller_refreshes_goes_on(transport: str, tmp_path: Path) -> None:
    with running(hub="own", **QUICK) as watch:
        watch.on["SCSessionNewIncoming"] = lambda session: session.accept(chat=True)
        with Scenario("c_refreshes", transport, tmp_path, calls=port(transport)) as sipp:
            session = incoming(watch)
            sipp.passes()
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.count("SCSessionDidFail") == 0


def test_a_caller_whose_interval_is_too_small_is_told_the_least_one(transport: str, tmp_path: Path) -> None:
    with running(hub="own") as watch:
        watch.on["SCSessionNewIncoming"] = lambda session: session.accept(chat=True)
        with Scenario("c_interval_422", transport, tmp_path, calls=port(transport)) as sipp:
            sipp.passes()
        watch.wait_for("SCSessionDidEnd")
        assert watch.count("SCSessionNewIncoming") == 1


def test_a_callee_that_wants_a_longer_interval_gets_it(transport: str, tmp_path: Path) -> None:
    with running(hub="own") as watch, PassivePeer(tmp_path) as peer:
        with Scenario("s_interval_422", transport, tmp_path, msrp_port=peer.port) as sipp:
            session = call(watch, sipp, transport)
            hang_up(watch, session)
            sipp.passes()
        assert watch.count("SCSessionDidFail") == 0


# ------------------------------------------------------------- UPDATE


@needs_audio
def test_a_caller_holds_the_audio_by_update_and_cannot_add_a_chat_by_it(transport: str, tmp_path: Path) -> None:
    with running(hub="own", auto_sound=False) as watch:
        watch.on["SCSessionNewIncoming"] = lambda session: session.accept(audio=True)
        with Scenario("c_audio_update_hold", transport, tmp_path, calls=port(transport)) as sipp:
            session = incoming(watch)
            sipp.passes()
        watch.wait_for("SCSessionDidEnd", session)
        told = [each for each in watch.names(session) if "Hold" in each or "hold" in each or "Proposal" in each]
        assert told == ["SCSessionGotHoldRequest", "SCSessionGotUnholdRequest"]
        assert watch.count("SCSessionDidFail") == 0


@needs_audio
def test_early_audio_is_moved_by_update_and_what_was_agreed_then_holds(transport: str, tmp_path: Path) -> None:
    with running(hub="own", auto_sound=False) as watch:
        with Scenario("s_audio_early_update", transport, tmp_path) as sipp:
            session = Session()
            session.connect(SIPURI(LOOPBACK, "bob"), alice(), Route(LOOPBACK, sipp.port, transport), audio=True)
            watch.wait_for("SCSessionDidStart", session)
            call_ = session.call
            assert call_ is not None
            assert call_.negotiation is not None
            assert b"o=sipp 53655765 2 " in call_.negotiation.remote
            hang_up(watch, session)
            sipp.passes()
        assert watch.count("SCSessionDidFail") == 0
