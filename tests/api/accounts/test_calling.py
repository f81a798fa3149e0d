"""What a call takes from its account."""

import pytest

from sipsimple.account import Account
from sipsimple.api.session.calling import outgoing
from sipsimple.core import SIPURI, Credentials, Route
from sipsimple.session import MSRPConfiguration, RTPConfiguration

CALLEE = SIPURI("example.com", "bob")


def account(**more):
    return Account(Credentials(SIPURI("example.com", "alice"), "s3cret"), Route("proxy.example.com"), **more)


def test_who_calls_and_by_which_way_is_the_accounts():
    call = outgoing(CALLEE, None, None, ("chat",), account=account())

    assert call.credentials.uri == SIPURI("example.com", "alice")
    assert call.credentials.password == "s3cret"
    assert call.command.routes == ("<sip:proxy.example.com:5060;lr>",)


def test_what_is_given_wins():
    given = Credentials(SIPURI("example.com", "carol"))

    call = outgoing(CALLEE, given, Route("other.example.com", 5070), ("chat",), account=account())

    assert call.credentials.uri.user == "carol"
    assert call.command.routes == ("<sip:other.example.com:5070;lr>",)


def test_the_way_that_the_registrar_asks_for_wins_over_the_proxy():
    class Registered(Account):
        service_route = ("<sip:orig.example.com;lr>",)

    who = Registered(Credentials(SIPURI("example.com", "alice")), Route("proxy.example.com"))

    assert outgoing(CALLEE, None, None, ("chat",), account=who).command.routes == ("<sip:orig.example.com;lr>",)
    given = outgoing(CALLEE, None, Route("other.example.com"), ("chat",), account=who)
    assert given.command.routes == ("<sip:other.example.com:5060;lr>",)


def test_how_media_are_sent_is_the_accounts():
    rtp, msrp = RTPConfiguration(use_srtp=True), MSRPConfiguration(local_use_tls=False)

    call = outgoing(CALLEE, None, None, ("chat",), account=account(rtp_config=rtp, msrp_config=msrp))

    assert (call.rtp_config, call.msrp_config) == (rtp, msrp)


@pytest.mark.parametrize("what", ["x", 5, Credentials(SIPURI("example.com", "alice"))])
def test_what_is_no_account_is_refused(what):
    with pytest.raises(TypeError, match="account must be of the type Account"):
        outgoing(CALLEE, None, None, ("chat",), account=what)


def test_somebody_must_say_who_calls():
    with pytest.raises(TypeError, match="credentials must be"):
        outgoing(CALLEE, None, None, ("chat",))
