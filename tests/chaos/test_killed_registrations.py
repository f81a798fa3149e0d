"""Registrations whose actors are killed at any point: they heal, with one binding, and end when they are told to."""

from __future__ import annotations

import random

import pytest

from sipsimple.api.asking import registrations as home
from sipsimple.core import Engine, Registration
from sipsimple.protocols.sip.registration.events import Register, Unregister
from sipsimple.protocols.sip.registration.state import State
from tests.endpoints import running
from tests.network.registrar import Registrar


@pytest.fixture
def registrar():
    with Registrar() as registrar:
        yield registrar


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Kills of a test are more than any life has: let the supervisors bear them."""
    monkeypatch.setattr(home, "REGISTRATION", home.replace(home.REGISTRATION, intensity=1000))


def begun(registrar, user="alice", transport="udp", **options):
    registration = Registration(registrar.credentials(user, transport), retry_interval=0.05, **options)
    registration.register()
    return registration


def is_settled(registration):
    ref = registration.ref
    return ref is not None and ref.depth == 0 and ref.state.state is State.REGISTERED


def kill(registration):
    if registration.ref is not None:
        registration.ref.kill()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("name", ["DidSucceed", "ChangedState", "WillEnd"])
def test_killed_as_it_tells_something_it_goes_on(registrar, transport, name):
    with running(crashes=True) as watch:
        strikes = [5]

        def strike(sender):
            if strikes[0]:
                strikes[0] -= 1
                kill(sender)

        watch.on[f"SCRegistration{name}"] = strike
        registration = begun(registrar, transport=transport)
        watch.until(lambda: is_settled(registration), "to be registered")
        assert len(registrar.all_bindings()) == 1
        registration.unregister()
        watch.wait_for("SCRegistrationDidEnd", registration)
        watch.until(lambda: len(Engine().core.registrations) == 0, "nothing to be left")
        assert registrar.all_bindings() == []
        assert strikes[0] < 5
        assert watch.count("SCRegistrationDidEnd") == watch.count("SCRegistrationWillEnd") == 1


class Fragile(Registration):
    """One whose actor crashes in the middle of telling something, once for each name."""

    crash_on: list[str]

    def notify(self, name, data):
        if name in self.crash_on:
            self.crash_on.remove(name)
            raise RuntimeError(f"crashed on {name}")
        super().notify(name, data)


NAMES = ["SCRegistrationChangedState", "SCRegistrationDidSucceed", "SCRegistrationWillEnd", "SCRegistrationDidEnd"]


@pytest.mark.parametrize("crash_on", [*[[each] for each in NAMES], [NAMES[0], NAMES[2]]])
def test_what_it_crashed_on_telling_is_told_after_all_and_once(registrar, crash_on):
    with running(crashes=True) as watch:
        registration = Fragile(registrar.credentials())
        registration.crash_on = list(crash_on)
        registration.register()
        watch.until(lambda: is_settled(registration), "to be registered")
        registration.unregister()
        watch.wait_for("SCRegistrationDidEnd", registration)
        watch.until(lambda: len(Engine().core.registrations) == 0, "nothing to be left")
        told = [each for each in watch.names(registration) if each != "SCRegistrationDidSucceed"]
        assert told == [
            "unregistered>registering",
            "registering>registered",
            "registered>unregistering",
            "SCRegistrationWillEnd",
            "unregistering>unregistered",
            "SCRegistrationDidEnd",
        ]
        assert registration.crash_on == registrar.all_bindings() == []


def test_crashed_on_telling_that_it_is_refused_it_asks_once_more(registrar):
    registrar.statuses.extend([(403, ()), (403, ())])
    with running(crashes=True) as watch:
        registration = Fragile(registrar.credentials())
        registration.crash_on = ["SCRegistrationDidFail"]
        registration.register()
        watch.wait_for("SCRegistrationDidFail", registration, 2)
        watch.until(lambda: len(Engine().core.registrations) == 0, "nothing to be left")
        assert (registration.state, len(registrar.requests)) == ("unregistered", 2)


def test_killed_while_a_register_is_under_way_it_asks_again(registrar):
    with running(crashes=True) as watch:
        registration = Registration(registrar.credentials())
        registrar.on_request = lambda request: kill(registration) if request.cseq.number <= 5 else None
        registration.register()
        watch.until(lambda: is_settled(registration), "to be registered")
        assert len(registrar.all_bindings()) == 1
    assert registrar.all_bindings() == []


def test_a_command_that_a_crash_has_cost_is_carried_out(registrar):
    with running(crashes=True) as watch:
        registration = begun(registrar)
        watch.until(lambda: is_settled(registration), "to be registered")
        registration.unregister()
        registration.ref._mailbox.queue.clear()  # as if it had crashed on it
        kill(registration)
        watch.wait_for("SCRegistrationDidEnd", registration)
        assert registrar.all_bindings() == []


def test_the_very_first_command_is_not_lost_either(registrar):
    with running(crashes=True) as watch:
        registration = begun(registrar)
        registration.ref._mailbox.queue.clear()
        kill(registration)
        watch.wait_for("SCRegistrationDidSucceed", registration)


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_random_while_it_registers_refreshes_and_ends(registrar, seed):
    dice = random.Random(seed)
    registrar.expires = 2
    with running(crashes=True, sip_t1=0.02) as watch:
        several = [begun(registrar, f"user{number}", dice.choice(["udp", "tcp"])) for number in range(8)]
        strikes = [60]

        def strike(_request):
            if strikes[0] and dice.random() < 0.5:
                strikes[0] -= 1
                kill(dice.choice(several))

        registrar.on_request = strike
        while strikes[0]:
            count = strikes[0]
            dice.choice(several).refresh()
            watch.until(lambda count=count: strikes[0] < count or all(map(is_settled, several)), "a strike, or rest")
        registrar.on_request = lambda _request: None
        watch.until(lambda: all(map(is_settled, several)), "all to be registered")
        assert sorted(map(len, registrar.bindings.values())) == [1] * 8
    assert registrar.all_bindings() == []
    assert {each.state for each in several} == {"unregistered"}


@pytest.mark.parametrize("wish", [Register, Unregister])
def test_one_that_crashes_too_often_is_made_anew_and_heals(registrar, monkeypatch, wish):
    monkeypatch.setattr(home, "REGISTRATION", home.replace(home.REGISTRATION, intensity=1))
    with running(crashes=True, sip_t1=0.02) as watch:
        registration = begun(registrar)
        watch.until(lambda: is_settled(registration), "to be registered")
        first = registration.ref
        for number in (1, 2):
            first.kill()
            watch.until(lambda number=number: first.restarts == number or not first.is_alive, "an end")
        watch.until(lambda: registration.ref is not first, "it to be given up")
        if wish is Unregister:
            registration.unregister()
            watch.wait_for("SCRegistrationDidEnd", registration)
            assert registrar.all_bindings() == []
        else:
            watch.until(lambda: is_settled(registration), "to be registered again")
            assert len(registrar.all_bindings()) == 1
            assert len({each.call_id for each in registrar.requests}) == 1
        numbers = [each.cseq.number for each in registrar.requests]
        assert numbers == sorted(set(numbers))


def test_a_killed_keeper_of_flows_still_notices_a_lost_connection(registrar):
    with running(crashes=True) as watch:
        registration = begun(registrar, transport="tcp")
        watch.until(lambda: is_settled(registration), "to be registered")
        core = Engine().core
        keeper = core.system.root.child("flows").child("actor")
        keeper.kill()
        watch.until(lambda: keeper.restarts == 1, "it to be restarted")
        registrar.drop_connections()
        watch.wait_for("SCRegistrationDidSucceed", registration, 2)
