"""Whole calls whose signalling goes over TLS, by the options of the engine."""

from __future__ import annotations

import pytest

from sipsimple.core import SIPURI, Engine
from sipsimple.session import Session
from tests.endpoints import LOOPBACK, alice, deliver, established, hang_up, port, running


def options(authority, **names):
    issued = authority.issue(**(names or {"ip": [LOOPBACK]}))
    return {
        "local_udp_port": None,
        "local_tcp_port": None,
        "local_tls_port": 0,
        "tls_ca_file": authority.file,
        "tls_cert_file": issued.cert,
        "tls_privkey_file": issued.key,
        "tls_timeout": 5000,
    }


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("verify_client", [False, True])
def test_a_call_over_tls_is_answered_chatted_and_ended(authority, secure, verify_client):
    with running(tls_verify_client=verify_client, **options(authority)) as watch:
        parameters = None if secure else {"transport": "tls"}
        call = established(watch, to=SIPURI(LOOPBACK, "bob", port=port("tls"), secure=secure, parameters=parameters))
        assert call.caller.call.flow.transport == call.callee.call.flow.transport == "tls"
        deliver(watch, call.caller, call.callee, "nobody else reads this")
        hang_up(watch, call)


def test_a_server_of_another_name_is_not_called_and_the_reason_is_told(authority):
    with running(**options(authority, dns=["example.org"])) as watch:
        session = Session()
        session.connect(SIPURI(LOOPBACK, "bob", port=port("tls"), secure=True), alice(), chat=True)
        watch.wait_for("SCSessionDidEnd", session)
        failed = watch.data("SCSessionDidFail", session)
        assert (failed["originator"], failed["code"]) == ("local", 503)
        assert LOOPBACK in failed["reason"]
        assert not watch.count("SCSessionNewIncoming")


def test_one_who_does_not_verify_calls_it_all_the_same(authority):
    with running(tls_verify_server=False, **options(authority, dns=["example.org"])) as watch:
        hang_up(watch, established(watch, "tls"))
        assert Engine().tls_verify_server is False
