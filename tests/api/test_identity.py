"""Credentials and Route."""

from __future__ import annotations

import pytest

from sipsimple.core import SIPURI, Credentials, Route


def test_credentials_have_a_random_token_that_cannot_be_set():
    one, other = (Credentials(SIPURI("b", "a"), "x") for _ in range(2))
    assert len(one.token) == 10
    assert one.token.isalnum()
    assert one.token != other.token
    with pytest.raises(AttributeError):
        one.token = "x"
    assert Credentials(SIPURI("b"), token="me").token == "me"


def test_a_copy_of_credentials_is_its_own_and_shows_no_password():
    credentials = Credentials(SIPURI("b", "a"), "secret")
    copy = credentials.copy()
    assert (copy.uri, copy.password, copy.token) == (credentials.uri, "secret", credentials.token)
    copy.uri.user = "c"
    assert credentials.uri.user == "a"
    assert "secret" not in repr(credentials)


def test_credentials_need_a_uri():
    with pytest.raises(TypeError, match="SIPURI"):
        Credentials("sip:a@b")


def test_a_route_has_defaults_and_lower_cases_its_transport():
    route = Route("192.0.2.1", transport="TCP")
    assert (route.address, route.port, route.transport) == ("192.0.2.1", 5060, "tcp")
    assert repr(route) == '<Route "192.0.2.1:5060;transport=tcp">'
    copy = route.copy()
    copy.port = 1
    assert route.port == 5060


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (("192.0.2.1", 5062), "<sip:192.0.2.1:5062;lr>"),
        (("proxy.example.com", 5060, "tcp"), "<sip:proxy.example.com:5060;lr;transport=tcp>"),
        (("2001:db8::1",), "<sip:[2001:db8::1]:5060;lr>"),
        (("proxy.example.com", 0), "<sip:proxy.example.com;lr>"),
    ],
)
def test_a_route_is_written_as_a_loose_one(arguments, value):
    assert Route(*arguments).header_value() == value


@pytest.mark.parametrize(
    "arguments", [("",), (None,), ("a b",), ("a>\r\nX: y",), ("b", -1), ("b", 65536), ("b", 5060, "sctp")]
)
def test_a_bad_route_is_refused(arguments):
    with pytest.raises(ValueError, match=r"address|port|transport"):
        Route(*arguments)


@pytest.mark.parametrize("arguments", [("b", True), ("b", 5060.5), ("b", "5060"), ("b", 5060, None)])
def test_a_route_of_wrong_types_is_refused(arguments):
    with pytest.raises(TypeError, match=r"port|transport"):
        Route(*arguments)


@pytest.mark.parametrize("token", ["a b", "a@b", "a>", "a\r\nX: y", "ü", 7])
def test_a_token_that_could_not_stand_in_contact_is_refused(token):
    with pytest.raises(ValueError, match="token"):
        Credentials(SIPURI("b", "a"), token=token)


def test_the_password_is_text():
    with pytest.raises(TypeError, match="password"):
        Credentials(SIPURI("b", "a"), b"x")


def test_challenges_are_answered_as_the_user_of_the_address_unless_another_name_is_given():
    uri = SIPURI("b", "a")
    assert [(each.username, each.realm) for each in Credentials(uri, "x").accounts] == [("a", None)]
    assert [each.username for each in Credentials(uri, "x", username="1001").accounts] == ["1001"]
    assert Credentials(uri).accounts == ()
    assert Credentials(SIPURI("b"), "x").accounts == ()


def test_each_realm_may_have_a_name_and_a_password_of_its_own():
    realms = {"one": ("1001", "s3cret")}
    credentials = Credentials(SIPURI("b", "a"), "x", realms=realms).copy()
    realms.clear()
    assert [(each.realm, each.username, each.password) for each in credentials.accounts] == [
        ("one", "1001", "s3cret"),
        (None, "a", "x"),
    ]
    assert "s3cret" not in repr(credentials.accounts) + repr(credentials)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"username": "a\r\nb"}, ValueError),
        ({"username": 7}, TypeError),
        ({"realms": {"one": ("a\nb", "p4ss")}}, ValueError),
        ({"realms": {"one": ("a", b"p4ss")}}, TypeError),
        ({"realms": {1: ("a", "p4ss")}}, TypeError),
    ],
)
def test_a_name_or_a_realm_that_cannot_be_is_refused_without_telling_the_password(arguments, error):
    with pytest.raises(error) as raised:
        Credentials(SIPURI("b", "a"), **arguments)
    assert "p4ss" not in str(raised.value)
