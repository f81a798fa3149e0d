"""What an answer says of time: RFC 3261 20.19, 20.23, 21.4, 21.6; RFC 3903 4; RFC 6665 4.1.2."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.message import Response, parse
from sipsimple.protocols.sip.request import grants


def _said(code: int, *headers: tuple[str, str]) -> Response:
    lines = [f"SIP/2.0 {code} Said", *(f"{name}: {value}" for name, value in headers), "", ""]
    message = parse("\r\n".join(lines).encode())
    assert isinstance(message, Response)
    return message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ((("Expires", "300"),), 300.0),
        ((), 600.0),
        ((("Expires", "soon"),), 600.0),
        ((("Expires", "86400"),), 900.0),
        ((("Expires", "0"),), 0.0),
    ],
)
def test_a_2xx_grants_what_it_says_else_what_was_asked_and_never_more_than_the_most(
    headers: tuple[tuple[str, str], ...], seconds: float
) -> None:
    assert grants.granted(_said(200, *headers), asked=600, most=900) == seconds


@pytest.mark.parametrize(("value", "seconds"), [("1800", 1800), ("an hour", None), (None, None)])
def test_min_expires_is_read_where_it_can_be(value: str | None, seconds: int | None) -> None:
    headers = () if value is None else (("Min-Expires", value),)

    assert grants.least(_said(423, *headers)) == seconds


@pytest.mark.parametrize(
    ("code", "final"), [(403, True), (489, True), (302, True), (408, False), (480, False), (503, False), (500, False)]
)
def test_a_failure_is_final_where_asking_again_would_not_help(code: int, final: bool) -> None:
    assert grants.is_final(code) is final
