"""Registrations over real sockets: what becomes of them when the registrar, the way to it or the engine fails."""

from __future__ import annotations

import pytest

from sipsimple.core import SIPURI, Credentials, Engine, Registration, SIPCoreError
from tests.endpoints import running
from tests.network.registrar import Registrar, registered
from tests.network.test_failover import Server, domain


@pytest.fixture
def registrar():
    with Registrar() as registrar:
        yield registrar


def test_a_lost_connection_is_replaced_at_once(registrar):
    with running() as watch:
        registration = registered(watch, registrar, transport="tcp")
        registrar.drop_connections()
        watch.wait_for("SCRegistrationDidSucceed", registration, 2)
        assert len(registrar.all_bindings()) == 1
        assert watch.count("SCRegistrationDidFail") == 0


def test_a_registrar_that_is_gone_is_tried_for_until_it_is_back(registrar):
    """No answer over UDP, then none over again: the pauses of RFC 5626 4.5, in small."""
    with running(sip_t1=0.01) as watch:
        registration = registered(watch, registrar, retry_interval=0.05)
        registrar.close()
        registration.refresh()
        failed = watch.wait_for("SCRegistrationDidFail", registration, 2)
        assert failed.data.retry_after > 0
        assert registration.state == "registered"
        registrar.listen()
        watch.wait_for("SCRegistrationDidSucceed", registration, 2)
    assert registrar.all_bindings() == []


def test_a_binding_that_ran_out_is_told_and_made_anew(registrar):
    registrar.expires = 1
    with running(sip_t1=0.05) as watch:
        registration = registered(watch, registrar, retry_interval=0.1)
        registrar.close()
        ended = watch.wait_for("SCRegistrationDidEnd", registration)
        assert ended.data.expired
        registrar.listen()
        watch.wait_for("SCRegistrationDidSucceed", registration, 2)
        assert registration.state == "registered"


def test_a_refused_registration_can_be_asked_for_again(registrar):
    registrar.statuses.append((403, ()))
    with running() as watch:
        registration = Registration(registrar.credentials())
        registration.register()
        failed = watch.wait_for("SCRegistrationDidFail", registration)
        assert (failed.data.code, failed.data.retry_after, failed.data.originator) == (403, None, "remote")
        watch.until(lambda: len(Engine().core.registrations) == 0, "nothing to run any more")
        registration.register()
        watch.wait_for("SCRegistrationDidSucceed", registration)


def test_a_registrar_that_does_not_answer_does_not_keep_the_engine_from_ending(registrar):
    with running() as watch:
        registration = registered(watch, registrar)
        registrar.statuses.extend([None] * 100)
    assert watch.names(registration)[-2:] == ["unregistering>unregistered", "SCRegistrationDidEnd"]
    assert watch.data("SCRegistrationDidEnd")["reason"] == "the engine is stopping"


def test_the_next_server_of_the_domain_is_asked_when_one_does_not_serve(registrar):
    """RFC 3263 4.3."""
    broken = Server(503)
    with domain(broken, registrar.port) as watch:
        registration = Registration(Credentials(SIPURI("sip.example", "alice"), "secret"))
        registration.register()
        watch.wait_for("SCRegistrationDidSucceed", registration)
        registration.refresh()
        watch.wait_for("SCRegistrationDidSucceed", registration, 2)
        assert watch.count("SCRegistrationDidFail") == 0
        assert broken.methods == ["REGISTER"]  # it is avoided from then on
    assert registrar.all_bindings() == []


def test_when_the_engine_breaks_down_the_end_is_told_and_nothing_new_begins(registrar):
    with running() as watch:
        registration = registered(watch, registrar)
        Engine().core.registrations.give_up("the engine has failed")
        ended = watch.wait_for("SCRegistrationDidEnd", registration)
        assert (ended.data.reason, ended.data.expired) == ("the engine has failed", False)
        assert watch.names(registration)[-2:] == ["registered>unregistered", "SCRegistrationDidEnd"]
        assert registration.state == "unregistered"
        with pytest.raises(SIPCoreError, match="stopping"):
            registration.register()
    assert watch.count("SCRegistrationDidEnd") == 1


def test_a_registrar_that_is_not_there_is_told_as_failure():
    with Registrar() as registrar:
        pass
    with running() as watch:
        registration = Registration(registrar.credentials(transport="tcp"))
        registration.register()
        failed = watch.wait_for("SCRegistrationDidFail", registration)
        assert (failed.data.code, failed.data.originator) == (503, "local")
        assert "refused" in failed.data.reason
        assert registration.state == "unregistered"
        registration.unregister()
        watch.wait_for("SCRegistrationDidEnd", registration)
