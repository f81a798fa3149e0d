"""Keeping a path at a real relay over loopback."""

from __future__ import annotations

import ssl

import pytest

from sipsimple.actors.msrp.messages import ChunksReceived, ConnectionLost
from sipsimple.actors.msrp.relay import MSRPRelay
from sipsimple.actors.msrp.relay_finder import RelayTarget, Service
from sipsimple.actors.msrp.relay_messages import RelayFailed, RelayPathChanged, RelayReserved, Release
from sipsimple.actors.msrp.relay_port import MSRPRelayPort
from sipsimple.actors.runtime import Actor, ChildSpec, Restart, TimerFired, handles
from sipsimple.actors.wire import tls
from sipsimple.protocols.digest import Credentials
from sipsimple.protocols.msrp.relay import relay as core
from sipsimple.protocols.msrp.relay.state import State
from tests.actors.waiting import until
from tests.interop.msrp_relay import Relay, Rules

ALICE = Credentials("alice", "secret")


class Owner(Actor):
    """Keeps what it is told."""

    def __init__(self, told):
        super().__init__()
        self.told = told

    @handles(RelayReserved, RelayPathChanged, RelayFailed, ConnectionLost, ChunksReceived)
    def keep(self, message) -> None:
        """Keep a message."""
        self.told.append(message)


@pytest.fixture
def budget():
    """Restarts: some of these tests crash many times."""
    return 20


class Side:
    """One user: the actor at the relay, its port, and what its owner was told."""

    def __init__(
        self, call, relay, name="alice", *, relays=(), credentials=ALICE, context=None, find=None, target=None
    ):
        self.call, self.name, self.told = call, name, []
        self.owner = call.start_child(ChildSpec(f"{name}-owner", Owner, (self.told,), Restart.TRANSIENT))
        self.own = f"msrp://127.0.0.1:2855/{name}session;tcp"
        self.port = MSRPRelayPort()
        target = target or RelayTarget("127.0.0.1", "127.0.0.1", relay.port, tls=relay.scheme == "msrps")
        reservation = core.create(self.own, relays or (relay.uri,), (credentials,), f"{name}seed")
        arguments = (reservation, self.port, target, self.owner, context, find)
        spec = ChildSpec(f"{name}-relay", MSRPRelay, arguments[: 6 if find else 5], Restart.TRANSIENT)
        self.ref = call.start_child(spec)

    def first(self, kind):
        until(lambda: any(isinstance(each, kind) for each in self.told))
        return next(each for each in self.told if isinstance(each, kind))

    def reserved(self):
        self.first(RelayReserved)
        return self


# The path


def test_a_path_is_reserved_with_credentials_and_told(call, relay):
    side = Side(call, relay)
    path = side.first(RelayReserved).path
    assert path == side.port.path
    assert path[0].startswith(f"msrp://127.0.0.1:{relay.port}/")
    assert ["Authorization" in each.headers for each in relay.auths] == [False, True]
    assert relay.auths[0].headers == {"To-Path": relay.uri, "From-Path": side.own}


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_relay_that_proves_itself_is_refreshed_at_the_first_try(call, algorithm):
    with Relay(Rules(algorithm=algorithm, proves=True)) as relay:
        side = Side(call, relay).reserved()
        side.ref.tell(TimerFired("refresh"))
        until(lambda: len(relay.auths) == 3)
        until(lambda: side.ref.state.reservation.state is State.RESERVED)
    assert all("Authorization" in each.headers for each in relay.auths[1:])


def test_a_stale_nonce_is_answered_anew(call):
    with Relay(Rules(stale_first=2)) as relay:
        Side(call, relay).reserved()
        assert len(relay.auths) == 4


def test_wrong_credentials_are_tried_once_and_told(call, relay):
    side = Side(call, relay, credentials=Credentials("alice", "guess"))
    assert side.first(RelayFailed) == RelayFailed(401, "the credentials were refused")
    assert len(relay.auths) == 2
    until(lambda: not side.ref.is_alive)


def test_a_refusal_is_told_with_the_code_of_the_relay(call):
    with Relay(Rules(refuse="403 Forbidden")) as relay:
        assert Side(call, relay).first(RelayFailed) == RelayFailed(403, "Forbidden")


def test_a_relay_that_cannot_be_reached_is_told(call, relay):
    relay.kill()
    side = Side(call, relay)
    assert side.first(RelayFailed).code == 0
    until(lambda: not side.ref.is_alive)


def test_a_silent_relay_is_given_up(call):
    with Relay(Rules(silent=True)) as relay:
        side = Side(call, relay)
        until(lambda: relay.auths)
        side.ref.tell(TimerFired("response"))
        assert side.first(RelayFailed).code == 408


def test_two_relays_in_a_row_give_the_path_of_both(call, relay):
    with Relay() as outer:
        side = Side(call, relay, relays=(relay.uri, outer.uri))
        path = side.first(RelayReserved).path
    assert [f":{outer.port}/" in path[0], f":{relay.port}/" in path[1], len(path)] == [True, True, 2]
    assert outer.auths[0].headers["From-Path"].split(" ") == [path[1], side.own]


def test_a_relay_is_found_by_its_records_and_the_next_is_tried_when_one_is_down(call, relay):
    with Relay() as down:
        down.kill()
    records = [Service(1, 0, "127.0.0.1", down.port), Service(2, 0, "127.0.0.1", relay.port)]
    target = RelayTarget("relay.test", tls=False)
    asked = []

    def find(name):
        asked.append(name)
        return records

    Side(call, relay, find=find, target=target).reserved()
    assert asked == ["_msrp._tcp.relay.test"]


@pytest.fixture
def certificate():
    return tls.self_signed_certificate("127.0.0.1")


def test_a_relay_over_tls_must_show_a_certificate_that_is_trusted(call, certificate):
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.load_verify_locations(cadata=certificate.certificate_pem.decode())
    with Relay(tls=tls.server_context(certificate)) as relay:
        side = Side(call, relay, context=trusting).reserved()
        assert side.port.path[0].startswith("msrps://")
        stranger = Side(call, relay, "bob", context=ssl.create_default_context())
        assert "certificate" in stranger.first(RelayFailed).reason


def test_a_killed_relay_actor_keeps_its_path_and_its_connection(call, relay):
    side = Side(call, relay).reserved()
    side.ref.kill()
    until(lambda: side.ref.restarts == 1)
    side.ref.tell(TimerFired("refresh"))
    until(lambda: len(relay.auths) == 3)
    until(lambda: side.ref.state.reservation.state is State.RESERVED)
    assert [type(each) for each in side.told] == [RelayReserved]


def test_a_relay_actor_killed_before_it_has_a_path_gets_one(call, relay):
    side = Side(call, relay)
    side.ref.kill()
    assert side.first(RelayReserved).path
    assert side.ref.restarts == 1


def test_releasing_closes_the_connection_and_ends_the_actor(call, relay):
    side = Side(call, relay).reserved()
    stream = side.port.stream
    side.ref.tell(Release())
    until(lambda: not side.ref.is_alive)
    assert stream.closed
    assert (side.port.path, side.port.stream) == ((), None)
