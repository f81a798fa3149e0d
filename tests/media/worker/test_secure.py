"""SRTP with keys in the description."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sipsimple.media import wire
from tests.media.srtp import SRTP, parse_crypto
from tests.media.worker.engine_side import Line

if TYPE_CHECKING:
    from tests.media.worker.process import Worker

KEY = "inline:" + "QUJD" * 10


@pytest.mark.parametrize(("srtp", "profile"), [(1, "RTP/AVP"), (2, "RTP/SAVP")])
def test_an_offer_with_srtp_has_keys(worker: Worker, srtp: int, profile: str) -> None:
    with Line(worker) as line:
        line.open(srtp=srtp)
        assert f" {profile} " in line.offer
        assert parse_crypto(line.offer)


def test_an_offer_without_srtp_has_none(worker: Worker) -> None:
    with Line(worker) as line:
        line.open()
        assert parse_crypto(line.offer) is None


@pytest.mark.parametrize("with_offer", [True, False])
def test_audio_is_encrypted_both_ways(worker: Worker, with_offer: bool) -> None:
    with Line(worker) as line:
        ours = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}\r\n"
        invite = line.open(with_offer=with_offer, srtp=2)
        if with_offer:
            # The answer takes the suite of the offer that it names by its number.
            number = re.search(r"a=crypto:(\d+) AES_CM_128_HMAC_SHA1_80 ", line.offer)
            assert number
            ours = f"a=crypto:{number[1]} AES_CM_128_HMAC_SHA1_80 {KEY}\r\n"
        body = line.line(extra=ours, profile="RTP/SAVP")
        line.respond(invite, "200 OK", body)
        line.learn(line.take("ACK").body)
        chosen = [each for each in line.offer.splitlines() if "AES_CM_128_HMAC_SHA1_80" in each]
        local, remote = parse_crypto(ours), parse_crypto(chosen[0] + "\r\n")
        assert local
        assert remote
        line.peer.srtp = SRTP(local, remote)
        assert line.flowing().srtp_suite == "AES_CM_128_HMAC_SHA1_80"
        worker.send(wire.Echo(line.token, is_on=True))
        line.peer.play(440)
        line.peer.wait_to_hear(440)
        assert not line.peer.refused


def test_plain_audio_is_no_answer_where_srtp_is_mandatory(worker: Worker) -> None:
    with Line(worker) as line:
        invite = line.open(srtp=2)
        line.respond(invite, "200 OK", line.line())
        line.respond(line.take("BYE"), "200 OK")
        assert worker.wait_for(wire.Closed).leg == line.token
