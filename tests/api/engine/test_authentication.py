"""What an application writes to know who calls."""

from __future__ import annotations

import pytest

from sipsimple.core import HA1, Demand, Engine, IncomingRequest, Passwords


def asked(method: str = "INVITE") -> IncomingRequest:
    """Return what the application is asked about."""
    return IncomingRequest(method, "sip:alice@example.com", "sip:bob@192.0.2.1", ("192.0.2.9", 5060), "udp")


def test_passwords_are_demanded_for_all_but_options_by_default() -> None:
    passwords = Passwords("here", {"alice": "s3cret"})
    for method in ("INVITE", "MESSAGE", "SUBSCRIBE"):
        demand = passwords(asked(method))
        assert demand is not None
        assert (demand.realm, demand.status) == ("here", 401)
    assert passwords(asked("OPTIONS")) is None


def test_passwords_are_demanded_for_the_methods_that_are_named() -> None:
    passwords = Passwords("here", {}, ["OPTIONS"])
    assert passwords(asked("OPTIONS")) is not None
    assert passwords(asked()) is None


def test_the_mapping_is_looked_into_when_somebody_asks() -> None:
    table: dict[str, str | HA1] = {}
    demand = Passwords("here", table)(asked())
    assert demand is not None
    assert demand.password_of("alice", "here", "MD5") is None
    table["alice"] = HA1("00")
    assert demand.password_of("alice", "here", "MD5") == HA1("00")


def test_no_password_is_shown() -> None:
    passwords = Passwords("here", {"alice": "s3cret"})
    assert "s3cret" not in repr(passwords) + repr(passwords(asked()))


@pytest.mark.parametrize(("realm", "status"), [("a\r\nb", 401), ("here", 403)])
def test_a_demand_that_cannot_be_made_is_refused(realm: str, status: int) -> None:
    with pytest.raises(ValueError, match=r"cannot be written|401 or 407"):
        Demand(realm, lambda *_: None, status)


def test_the_options_are_part_of_the_defaults() -> None:
    defaults = Engine.default_start_options
    assert (defaults["authenticate"], defaults["refuse_md5"]) == (None, False)
    assert defaults["digest_algorithms"] == ("SHA-256", "MD5")
