"""What an answer says of time: RFC 3261 20.19, 20.23, 21.4, 21.6; RFC 3903 4; RFC 6665 4.1.2."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.message import Response, parse
from sipsimple.protocols.sip.request import grants
from sipsimple.protocols.sip.request.outputs import Outcome


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


OF_THE_REQUEST = (400 + each for each in (1, 2, 3, 4, 5, 6, 7, 10, 13, 14, 15, 16, 20, 21, 89, 93))
OF_THE_SERVER = (400, 408, 409, 412, 423, 429, 430, 480, 481, 486, 491, 500, 502, 503, 504, 513, 580, 600)


@pytest.mark.parametrize("code", [300, 301, 302, 305, 380, 399, *OF_THE_REQUEST, 501, 505, 603, 604, 606])
def test_a_failure_is_final_where_asking_again_would_not_help(code: int) -> None:
    """It is the request that is wrong, or whom it is for who is elsewhere, or wants none of it."""
    assert grants.is_final(code)


@pytest.mark.parametrize("code", OF_THE_SERVER)
def test_a_failure_may_pass_that_says_nothing_of_the_request(code: int) -> None:
    assert not grants.is_final(code)


@pytest.mark.parametrize(("code", "success"), [(199, False), (200, True), (299, True), (300, False), (408, False)])
def test_a_2xx_is_a_success_and_nothing_else(code: int, success: bool) -> None:
    assert Outcome(None, code, "Said", "remote").is_success is success
