"""What `Engine.start()` and its companions refuse: the text names the option, so that its writer finds it."""

from __future__ import annotations

import pytest

from sipsimple.api.engine.options import EngineOptions
from sipsimple.api.engine.start_options import StartOptions
from sipsimple.core import SIPURI, Credentials, Engine, Passwords, Publication, Registration, Request, Subscription
from sipsimple.errors import SIPCoreError
from sipsimple.msrp import MSRPChat
from sipsimple.session import MSRPConfiguration, RingtoneConfiguration, RTPConfiguration

PLAIN = {"auto_sound", "local_ip"}
"""The options of 2009, which may be given by their places."""

NONSENSE = (None, 5, -1, 1.5, float("nan"), "x", "", "a\nb", b"b", True, object(), [], {}, [5], ("x", "y"), {"a": 5})
ALICE = Credentials(SIPURI("example.org", "alice"))
BOB = SIPURI("example.org", "bob")
OF_A_CHAT = ("accept_types", "accept_wrapped_types", "chatroom_capabilities")

CONFIGURATIONS = [
    *[(EngineOptions, {}, name) for name in EngineOptions.defaults()],
    *[(RTPConfiguration, {}, name) for name in RTPConfiguration.CHECKS],
    *[(MSRPConfiguration, {}, name) for name in MSRPConfiguration.CHECKS],
    *[(RingtoneConfiguration, {}, name) for name in RingtoneConfiguration.CHECKS],
    *[(MSRPChat, {"from_uri": ALICE.uri, "to_uri": BOB, "outgoing": True}, name) for name in OF_A_CHAT],
    *[(SIPURI, {"host": "example.org"}, name) for name in ("parameters", "headers")],
    (Credentials, {"uri": ALICE.uri}, "realms"),
    (Registration, {"credentials": ALICE}, "extra_headers"),
    (Publication, {"credentials": ALICE, "event": "presence"}, "extra_headers"),
    (Subscription, {"credentials": ALICE, "to_uri": BOB, "event": "presence"}, "extra_headers"),
    (Request, {"method": "OPTIONS", "credentials": ALICE, "to_uri": BOB, "request_uri": BOB}, "extra_headers"),
    (Passwords, {"passwords": {}}, "realm"),
    (Passwords, {"realm": "here", "passwords": {}}, "methods"),
]


@pytest.mark.parametrize(("kind", "others", "name"), CONFIGURATIONS, ids=lambda each: getattr(each, "__name__", None))
def test_what_is_refused_is_refused_by_its_name(kind, others, name):
    """A list where a number is due, one text where a list is due: no words of Python's own, which say nothing of it."""
    for value in NONSENSE:
        try:
            kind(**others, **{name: value})
        except (TypeError, ValueError, SIPCoreError) as error:
            assert name in str(error), (value, error)  # noqa: PT017


def test_type_checkers_know_each_option_that_there_is():
    assert set(StartOptions.__annotations__) == set(EngineOptions.defaults()) - PLAIN


def test_what_is_no_option_is_refused_with_those_that_there_are():
    with pytest.raises(TypeError, match=r"there is no option 'local_udp_prot'; there are auto_sound, .*local_udp_port"):
        Engine().start(local_udp_prot=5060)
