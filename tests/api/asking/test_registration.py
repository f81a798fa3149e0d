"""What a registration is made of, and what it refuses."""

from __future__ import annotations

import uuid

import pytest

from sipsimple.core import SIPURI, Credentials, Registration, Route
from sipsimple.errors import SIPCoreError
from sipsimple.protocols.sip.registration.state import Registration as Core
from sipsimple.protocols.sip.registration.state import State
from sipsimple.protocols.sip.request.client import RequestClient

URN = "urn:uuid:00000000-0000-1000-8000-000a95a0e128"


def alice(**options):
    return Credentials(SIPURI("example.org", "alice", **options), "secret", token="alice-token")


def test_a_new_registration_is_not_registered():
    registration = Registration(alice(), Route("proxy.example.org"))
    assert (registration.state, registration.expires, registration.expires_received) == ("unregistered", 300, None)
    assert (registration.contact_uri, registration.contact_uri_list) == (None, None)
    assert (registration.service_route, registration.path) == ((), ())
    assert (registration.public_gruu, registration.temporary_gruu) == (None, None)
    assert repr(registration) == "<Registration sip:alice@example.org unregistered>"


def test_what_it_was_given_is_copied_both_ways():
    credentials, route, headers = alice(), Route("proxy.example.org"), {"X-Room": "7"}
    registration = Registration(credentials, route, extra_headers=headers)
    credentials.uri.user, route.port = "mallory", 1
    headers.clear()
    registration.credentials.uri.user = "mallory"
    registration.extra_headers.clear()
    assert registration.credentials.uri.user == "alice"
    assert registration.route.port == 5060
    assert registration.extra_headers == {"X-Room": "7"}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"route": "proxy"}, TypeError),
        ({"contact_uri": "sip:alice@example.org"}, TypeError),
        ({"expires": 0}, ValueError),
        ({"expires": "300"}, TypeError),
        ({"reg_id": 0}, ValueError),
        ({"keep_alive": 1}, TypeError),
        ({"retry_interval": 0}, ValueError),
        ({"max_retry_interval": -1.0}, ValueError),
        ({"instance_id": "no uuid"}, ValueError),
        ({"extra_headers": {"Via": "x"}}, ValueError),
        ({"extra_headers": {"m": "x"}}, ValueError),
        ({"extra_headers": {"X-Two": "a\r\nVia: x"}}, ValueError),
        ({"extra_headers": {"not a name": "x"}}, ValueError),
    ],
)
def test_bad_arguments_are_refused(arguments, error):
    with pytest.raises(error):
        Registration(alice(), **arguments)


def test_it_is_made_of_credentials():
    with pytest.raises(TypeError, match="credentials"):
        Registration("alice")


def test_the_expiry_that_is_asked_for_can_be_changed():
    registration = Registration(alice())
    registration.expires = 60
    with pytest.raises(ValueError, match="expires"):
        registration.expires = 0
    assert registration.expires == 60


@pytest.mark.parametrize("given", [URN, URN.removeprefix("urn:uuid:"), uuid.UUID(URN)])
def test_the_instance_may_be_given_in_any_form(given):
    assert Registration(alice(), instance_id=given).instance_id == URN


def test_without_one_the_instance_follows_from_host_and_address():
    """After a restart the registrar is to replace our old binding."""
    first, again = Registration(alice()), Registration(alice())
    bob = Registration(Credentials(SIPURI("example.org", "bob")))
    assert first.instance_id == again.instance_id != bob.instance_id


@pytest.mark.parametrize(
    ("options", "registrar", "secure"),
    [
        ({}, "sip:example.org", False),
        (
            {"port": 5070, "parameters": {"transport": "tcp", "user": "phone"}},
            "sip:example.org:5070;transport=tcp",
            False,
        ),
        ({"secure": True}, "sips:example.org", True),
    ],
)
def test_the_registrar_is_the_domain_of_the_address(options, registrar, secure):
    terms = Registration(alice(**options)).terms()
    assert (terms.registrar, terms.contact.secure, terms.contact.user) == (registrar, secure, "alice-token")


def test_another_contact_can_be_bound():
    assert Registration(alice(), contact_uri=SIPURI("192.0.2.7", "pbx")).terms().contact_uri == "sip:pbx@192.0.2.7"


def test_without_an_engine_nothing_begins():
    registration = Registration(alice())
    with pytest.raises(SIPCoreError):
        registration.register()
    registration.unregister()
    registration.refresh()
    assert registration.state == "unregistered"


def test_a_wish_that_was_overtaken_by_the_end_of_the_engine_does_not_come_true_later():
    """It was to be registered again after the end; then the engine ended. Later it is unregistered for good."""
    mine = Registration(alice())
    terms, client = mine.terms(), RequestClient("0" * 16, "seed")
    mine._core = Core(terms, client, "call-1", "tag", 300, State.UNREGISTERING, is_wanted=True)
    mine.give_up("the engine is stopping")

    assert not mine.core.is_wanted
