"""baresip and the raw telephone: what each says of the other is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.interop.audio_peer import AudioPeer
from tests.interop.baresip import TONE, USER, Baresip, needs_baresip

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.interop, needs_baresip]


def _call(peer: AudioPeer, phone: Baresip) -> int:
    return peer.call(phone.port, uri=f"sip:{USER}@127.0.0.1:{phone.port}").status


@pytest.mark.parametrize("srtp", ["off", "forced"])
def test_both_hear_each_other_in_a_call_to_baresip(srtp: str, tmp_path: Path) -> None:
    with Baresip(tmp_path, srtp=srtp) as phone, AudioPeer(srtp=srtp) as peer:
        peer.rtp.play(600)
        assert _call(peer, phone) == 200
        peer.rtp.wait_to_hear(TONE, at_least=6000)
        phone.wait_to_hear(600)
        assert (peer.rtp.srtp is not None) == (srtp == "forced")


def test_baresip_calls_sends_digits_holds_and_hangs_up(tmp_path: Path) -> None:
    with Baresip(tmp_path) as phone, AudioPeer() as peer:
        peer.on_invite = peer.accept
        peer.rtp.play(600)
        phone.dial(peer.port)
        phone.wait_for("CALL_ESTABLISHED")
        phone.wait_to_hear(600)
        phone.send_digit("5")
        peer.rtp.wait_for_digits("5")
        peer.rtp.send_digit("#")
        phone.wait_for_digits("#")
        phone.command("hold")
        assert "a=sendonly" in peer.wait_for_request("INVITE", 2).body
        phone.command("resume")
        assert "a=sendrecv" in peer.wait_for_request("INVITE", 3).body
        phone.command("hangup")
        peer.wait_for_request("BYE")


def test_baresip_says_what_it_hears_also_after_a_move(tmp_path: Path) -> None:
    with Baresip(tmp_path, tone=None) as phone, AudioPeer() as peer:
        peer.rtp.play(600)
        assert _call(peer, phone) == 200
        peer.rtp.wait_to_hear(600, at_least=6000)
        peer.move()
        assert peer.reinvite().status == 200
        peer.rtp.wait_to_hear(600, at_least=6000)
