"""Registrations over real sockets: kept alive whatever the registrar does, and gone when the engine is."""

from __future__ import annotations

import threading

import gevent
import pytest
from gevent import socket

from sipsimple.core import Engine, Registration, SIPCoreError
from sipsimple.protocols.sip.message import Request, parse
from sipsimple.protocols.sip.registration.state import State
from tests.endpoints import running
from tests.network.registrar import Registrar, registered


@pytest.fixture
def registrar():
    with Registrar() as registrar:
        yield registrar


@pytest.mark.parametrize("hub", ["current", "own"])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_registration_lives_from_register_to_the_end_of_the_engine(registrar, transport, hub):
    with running(hub) as watch:
        registration = registered(watch, registrar, transport=transport, expires=100)
        uri = registration.contact_uri
        assert uri.startswith("sip:alice-token@127.0.0.1:")
        assert (registration.state, registration.expires_received) == ("registered", 100)
        assert registration.contact_uri_list == [(uri, 100)]
        assert registrar.all_bindings() == [uri]
    assert registrar.all_bindings() == []
    assert registration.state == "unregistered"
    assert watch.names(registration)[-3:] == [
        "SCRegistrationWillEnd",
        "unregistering>unregistered",
        "SCRegistrationDidEnd",
    ]


def test_unregister_tells_its_end_and_register_begins_anew_with_the_same_names(registrar):
    with running() as watch:
        registration = registered(watch, registrar)
        registration.unregister()
        watch.wait_for("SCRegistrationDidEnd", registration)
        assert (registration.contact_uri, registration.expires_received) == (None, None)
        assert len(Engine().core.registrations) == 0
        registration.register()
        watch.wait_for("SCRegistrationDidSucceed", registration, 2)
    assert len({each.call_id for each in registrar.requests}) == 1
    assert [each.cseq.number for each in registrar.requests] == [1, 2, 3, 4]


def test_a_registration_goes_on_in_the_next_life_of_the_engine(registrar):
    with running() as watch:
        registration = registered(watch, registrar)
    with running() as watch:
        registration.register()
        watch.wait_for("SCRegistrationDidSucceed", registration)
    assert len({each.call_id for each in registrar.requests}) == 1
    assert [each.cseq.number for each in registrar.requests] == [1, 2, 3, 4]


def test_what_is_granted_for_a_short_time_is_refreshed_in_time(registrar):
    registrar.expires = 2
    with running() as watch:
        registration = registered(watch, registrar)
        watch.wait_for("SCRegistrationDidSucceed", registration, 4)
        assert watch.count("SCRegistrationDidEnd") == watch.count("SCRegistrationDidFail") == 0


def test_every_notification_has_its_data(registrar):
    with running() as watch:
        registration = registered(watch, registrar)
        registration.unregister()
        watch.wait_for("SCRegistrationDidEnd", registration)
        assert watch.data("SCRegistrationDidSucceed") == {
            "code": 200,
            "reason": "OK",
            "contact_uri": watch.data("SCRegistrationDidSucceed")["contact_uri_list"][0][0],
            "contact_uri_list": watch.data("SCRegistrationDidSucceed")["contact_uri_list"],
            "expires": 300,
            "route": None,
        }
        assert watch.data("SCRegistrationDidEnd") == {"code": 200, "reason": "OK", "expired": False, "route": None}
        assert all(each.data.timestamp for each in watch.of(registration))
        assert watch.signalled
        assert watch.names(registration) == [
            "unregistered>registering",
            "registering>registered",
            "SCRegistrationDidSucceed",
            "registered>unregistering",
            "SCRegistrationWillEnd",
            "unregistering>unregistered",
            "SCRegistrationDidEnd",
        ]


def test_a_changed_network_has_all_of_them_refreshed(registrar):
    with running() as watch:
        several = [registered(watch, registrar, f"user{number}") for number in range(5)]
        Engine().network_changed()
        for each in several:
            watch.wait_for("SCRegistrationDidSucceed", each, 2)


def test_many_accounts_are_all_taken_back_when_the_engine_stops(registrar):
    with running() as watch:
        several = [Registration(registrar.credentials(f"user{number}")) for number in range(200)]
        for each in several:
            each.register()
        watch.wait_for("SCRegistrationDidSucceed", count=200)
        assert len(registrar.all_bindings()) == 200
    assert registrar.all_bindings() == []
    assert watch.count("SCRegistrationDidEnd") == 200


def test_observers_and_threads_may_ask(registrar):
    with running() as watch:
        watch.on["SCRegistrationDidEnd"] = lambda sender: again.append(sender.register())
        again: list[object] = []
        registration = Registration(registrar.credentials())
        thread = threading.Thread(target=registration.register)
        thread.start()
        watch.wait_for("SCRegistrationDidSucceed", registration)
        thread.join()
        registration.unregister()
        watch.wait_for("SCRegistrationDidSucceed", registration, 2)
        watch.on.clear()


def test_wishes_that_follow_one_another_at_once_are_carried_out_in_order(registrar):
    with running() as watch:
        registration = Registration(registrar.credentials())
        for _ in range(20):
            registration.register()
            registration.unregister()
        watch.until(lambda: len(Engine().core.registrations) == 0, "the end")
        registration.register()
        watch.wait_for("SCRegistrationDidSucceed", registration)
        assert registration.state == "registered"


def test_a_wish_in_the_very_moment_of_the_end_is_not_lost(registrar):
    with running() as watch:
        registration = registered(watch, registrar)
        for number in range(20):
            registration.unregister()
            for _ in range(number % 7):
                gevent.sleep(0)
            registration.register()
        watch.until(lambda: is_settled(registration), "to be registered, with no command left")
        assert len(registrar.all_bindings()) == 1


def is_settled(registration):
    ref = registration.ref
    return ref is not None and ref.depth == 0 and ref.state.state is State.REGISTERED


def test_without_an_engine_there_is_no_registration(registrar):
    registration = Registration(registrar.credentials())
    with pytest.raises(SIPCoreError, match="not running"):
        registration.register()
    registration.unregister()
    assert registration.state == "unregistered"


def test_behind_nat_the_outside_address_is_bound_and_no_other(registrar):
    registrar.seen_at = ("198.51.100.7", 4444)
    with running() as watch:
        registration = registered(watch, registrar)
        assert registration.contact_uri == "sip:alice-token@198.51.100.7:4444"
        assert registrar.all_bindings() == [registration.contact_uri]
        assert watch.count("SCRegistrationDidSucceed") == 1


def test_the_connection_is_kept_open_once_for_all_who_share_it(registrar):
    """RFC 5626 4.4.1: as often as Flow-Timer says."""
    registrar.flow_timer = 1
    with running() as watch:
        several = [registered(watch, registrar, f"user{number}", "tcp") for number in range(5)]
        watch.until(lambda: registrar.pings >= 2, "two signs of life")
        assert len(registrar.connections) == 1
        assert len(registrar.requests) == len(several)


def test_keep_alives_can_be_left_out(registrar):
    registrar.flow_timer = 1
    with running() as watch:
        first = registered(watch, registrar, "first", "tcp", keep_alive=False)
        (kept,) = Engine().core.system.root.child("flows").child("actor").state.kept.values()
        assert (kept.every, len(kept.users), first.state) == (None, 1, "registered")


def test_a_request_that_bears_the_tag_of_a_registration_is_in_no_dialog(registrar):
    with running() as watch, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        registered(watch, registrar)
        sock.bind(("127.0.0.1", 0))
        lines = (
            ("Via", f"SIP/2.0/UDP 127.0.0.1:{sock.getsockname()[1]};branch=z9hG4bKx"),
            ("Max-Forwards", "70"),
            ("From", "<sip:x@h>;tag=1"),
            ("To", f"<sip:alice@h>;tag={registrar.requests[0].from_.tag}"),
            ("Call-ID", "1"),
            ("CSeq", "1 OPTIONS"),
        )
        sock.sendto(bytes(Request("OPTIONS", "sip:alice@h", lines)), ("127.0.0.1", Engine().local_udp_port))
        assert parse(sock.recv(65536)).status == 481
