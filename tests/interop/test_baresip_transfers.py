"""Transfers among baresip telephones and us: a triangle of real processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sipsimple.core import SIPURI
from sipsimple.session import Session
from tests.endpoints import LOOPBACK, alice, port
from tests.interop.audio_calls import LOUD, OURS, needs_audio
from tests.interop.baresip import USER, Baresip, needs_baresip

if TYPE_CHECKING:
    from pathlib import Path

    from tests.watch import Watch

pytestmark = [pytest.mark.interop, needs_baresip, needs_audio, pytest.mark.slow]


def address(phone: Baresip) -> SIPURI:
    return SIPURI(LOOPBACK, USER, port=phone.port)


def call(watch: Watch, phone: Baresip) -> Session:
    session = Session()
    session.connect(address(phone), alice(), audio=True)
    watch.wait_for("SCSessionDidStart", session)
    return session


def test_we_transfer_a_telephone_to_another_one(watch: Watch, tmp_path: Path) -> None:
    with Baresip(tmp_path, tone=600) as second, Baresip(tmp_path) as first:
        session = call(watch, first)
        session.transfer(address(second))
        watch.wait_for("SCSessionTransferDidEnd", session)
        watch.wait_for("SCSessionDidEnd", session)
        second.wait_for("CALL_ESTABLISHED")
        first.wait_to_hear(600)


def test_a_transfer_to_nobody_leaves_us_talking(watch: Watch, tone: Path, tmp_path: Path) -> None:
    with Baresip(tmp_path) as first:
        session = call(watch, first)
        session.transfer(SIPURI(LOOPBACK, "nobody", port=port()))
        third = watch.wait_for("SCSessionNewIncoming").sender
        third.reject(486)
        assert watch.wait_for("SCSessionTransferDidFail", session).data.code == 486
        session.start_playing(str(tone), loop_count=0)
        first.wait_to_hear(OURS, at_least=LOUD)
        session.terminate()
        watch.wait_for("SCSessionDidEnd", session)


def test_a_telephone_transfers_us_to_another_one(watch: Watch, tone: Path, tmp_path: Path) -> None:
    with Baresip(tmp_path, tone=600) as second, Baresip(tmp_path) as first:
        first.dial(port())
        session = watch.wait_for("SCSessionNewIncoming").sender
        session.accept(audio=True)
        watch.wait_for("SCSessionDidStart", session)
        first.command("transfer", f"sip:{USER}@{LOOPBACK}:{second.port}")
        told = watch.wait_for("SCSessionTransferNewIncoming", session).data
        assert told.transfer_destination == address(second)
        new = session.accept_transfer()
        watch.wait_for("SCSessionDidStart", new)
        assert new.has_audio
        watch.wait_for("SCSessionTransferDidEnd", session)
        new.start_playing(str(tone), loop_count=0)
        second.wait_to_hear(OURS, at_least=LOUD)
        assert new.state == "ESTABLISHED"


def test_a_telephone_that_knows_no_replaces_fails_and_both_calls_stay(watch: Watch, tmp_path: Path) -> None:
    """baresip 1.0 calls all that stands in Refer-To, headers too: we refuse that (RFC 3261 19.1.1), and it says so."""
    with Baresip(tmp_path) as first:
        consultation = Session()
        consultation.connect(SIPURI(LOOPBACK, "third", port=port()), alice(), audio=True)
        third = watch.wait_for("SCSessionNewIncoming").sender
        third.accept(audio=True)
        session = call(watch, first)
        watch.wait_for("SCSessionDidStart", consultation)
        session.transfer(consultation)
        assert watch.wait_for("SCSessionTransferDidFail", session).data.code == 400
        assert (session.state, consultation.state) == ("ESTABLISHED", "ESTABLISHED")
