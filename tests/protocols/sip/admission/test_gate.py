"""Which stranger's request is too much."""

from __future__ import annotations

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.admission.gate import REMEMBER_SECONDS, Gate, Refusal
from sipsimple.protocols.sip.admission.limits import AdmissionLimits, Manners
from sipsimple.protocols.sip.admission.throttle import Patience


def gate(**limits) -> Gate:
    return Gate(AdmissionLimits(**limits))


def invites(gate: Gate, *sources: str, now: float = 0.0) -> list[Refusal | None]:
    return [gate.invite(source, (source, number, now), now, 0.0) for number, source in enumerate(sources)]


def enter(gate: Gate, *calls: tuple[str, str]) -> None:
    for token, source in calls:
        gate.entered(token, source, 0.0)


def test_by_default_a_proxy_may_bring_thousands_of_calls_at_once():
    assert set(invites(Gate(AdmissionLimits()), *["proxy"] * 5000)) == {None}


def test_calls_per_second_are_bounded_for_one_source_and_in_total():
    many = gate(calls_per_second=3, calls_per_second_per_source=2)

    assert invites(many, "a", "a", "a", "b", "b") == [None, None, Refusal.CALL_RATE, None, Refusal.CALL_RATE]
    assert many.refused == {Refusal.CALL_RATE: 2}
    assert invites(many, "a", "b", now=2.0) == [None, None]


def test_pending_calls_are_bounded_for_one_source_and_in_total_until_they_are_acknowledged_or_over():
    few = gate(pending_calls=3, pending_calls_per_source=2)
    enter(few, ("1", "a"), ("2", "a"))
    assert invites(few, "a", "b") == [Refusal.PENDING, None]
    enter(few, ("3", "b"))
    assert invites(few, "c", now=1.0) == [Refusal.PENDING]
    few.acknowledged("1")
    few.acknowledged("1")
    assert invites(few, "a", "c", now=2.0) == [None, None]
    enter(few, ("4", "c"))
    few.left("4")
    assert invites(few, "c", now=3.0) == [None]


def test_calls_are_bounded_for_one_source_and_in_total_until_they_are_over():
    few = gate(calls=2, calls_per_source=1)
    enter(few, ("1", "a"))
    few.acknowledged("1")
    assert invites(few, "a", "b") == [Refusal.CALLS, None]
    enter(few, ("2", "b"))
    assert invites(few, "c", now=1.0) == [Refusal.CALLS]
    few.left("1")
    few.left("1")
    few.left("never known")
    assert invites(few, "a", "b", now=2.0) == [None, Refusal.CALLS]
    assert len(few) == 1


def test_a_repeat_of_what_was_refused_is_refused_for_as_long_as_it_may_come():
    few = gate(calls_per_second=1)
    few.invite("a", "first", 0.0, 0.0)
    assert few.invite("a", "second", 0.0, 0.0) is Refusal.CALL_RATE
    assert few.invite("a", "second", REMEMBER_SECONDS - 1, 0.0) is Refusal.REPEATED
    assert few.invite("a", "third", REMEMBER_SECONDS - 1, 0.0) is None


def test_an_invite_whose_call_was_lost_makes_no_other_one():
    few = gate()
    few.shut("first", 0.0)
    assert (few.is_shut("first"), few.is_shut("second")) == (True, False)
    assert few.invite("a", "first", 1.0, 0.0) is Refusal.REPEATED
    assert few.invite("a", "second", 1.0, 0.0) is None


def test_calls_that_would_wait_too_long_are_refused_before_anything_is_counted():
    patient = gate(patience=Patience(burst=0.05), calls_per_second_per_source=1)
    assert patient.invite("a", 1, 0.0, 0.06) is None  # a token is left however late it is
    assert patient.invite("b", 2, 0.0, 0.06) is Refusal.OVERLOAD
    assert patient.invite("b", 3, 5.0, 0.0) is None


def test_other_requests_and_garbage_are_bounded_for_one_source_and_in_total():
    few = gate(
        requests_per_second=3,
        requests_per_second_per_source=2,
        malformed_per_second=2,
        malformed_per_second_per_source=1,
    )
    assert [few.request(source, 0.0) for source in "aaabb"] == [
        None,
        None,
        Refusal.REQUEST_RATE,
        None,
        Refusal.REQUEST_RATE,
    ]
    assert [few.malformed(source, 0.0) for source in "aabc"] == [
        None,
        Refusal.MALFORMED_RATE,
        None,
        Refusal.MALFORMED_RATE,
    ]
    assert few.request("a", 1.0) is None
    assert few.malformed("a", 1.0) is None


def test_refusals_are_bounded_themselves():
    quiet = gate(refusals_per_second=2)

    assert [quiet.tells(0.0) for _ in range(4)] == [True, True, False, False]
    assert quiet.untold == 2
    assert quiet.tells(1.0)


@pytest.mark.parametrize("name", ["calls_per_second", "pending_calls", "message_bytes", "retry_after"])
def test_a_limit_of_nothing_is_refused(name):
    with pytest.raises(LocalProtocolError, match=name):
        AdmissionLimits(**{name: 0})


@pytest.mark.parametrize("value", [None, "5", True, [5], float("nan")])
def test_a_limit_that_is_no_number_is_refused_by_its_name(value):
    with pytest.raises(LocalProtocolError, match="pending_calls is"):
        AdmissionLimits(pending_calls=value)
    with pytest.raises(LocalProtocolError, match="patience is"):
        AdmissionLimits(patience=value)
    with pytest.raises(LocalProtocolError, match="patience is"):
        Patience(burst=value)


def test_patience_in_seconds_is_refused_when_it_is_made_and_not_at_the_first_call():
    with pytest.raises(LocalProtocolError, match=r"patience is a Patience, not 0\.05"):
        AdmissionLimits(patience=0.05)


@pytest.mark.parametrize("users", ["sales", ["sales"], {5}])
def test_who_is_called_here_is_a_set_of_names(users):
    """One text would be asked for its parts: `ale` is in `sales`."""
    with pytest.raises(LocalProtocolError, match="users is"):
        Manners(users=users)
    assert Manners(users={"sales"}).users == {"sales"}
