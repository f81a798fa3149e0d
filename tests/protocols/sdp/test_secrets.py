"""Nothing that is printed into a log or a traceback shows the keys of a description."""

from __future__ import annotations

from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.media import Attribute, Media

CRYPTO = Attribute("crypto", "1 AES_CM_128_HMAC_SHA1_80 inline:SECRETKEY")
PASSWORD = Attribute("ice-pwd", "SECRETPASSWORD")
LINE = Media("audio", 4000, "RTP/SAVP", ("0",), (CRYPTO, PASSWORD, Attribute("ptime", "20"), Attribute("sendonly")))


def test_a_line_is_printed_without_its_keys_and_written_with_them() -> None:
    assert "SECRET" not in repr(LINE)
    assert "ptime:20" in repr(LINE)
    assert f"a={CRYPTO}" in LINE.lines()


def test_an_exchange_is_printed_without_keys() -> None:
    negotiation, document = offer_answer.offer(offer_answer.start(1, "192.0.2.1"), [LINE])
    assert b"SECRETKEY" in bytes(document)
    assert "SECRET" not in repr(document)
    assert "SECRET" not in repr(negotiation)
    answer = SessionDescription.create(1, "192.0.2.2", "-", (LINE,), version=1)
    negotiation, _ = offer_answer.receive_answer(negotiation, bytes(answer))
    assert b"SECRETKEY" in negotiation.remote
    assert "SECRET" not in repr(negotiation)
