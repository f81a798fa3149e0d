"""Values are equal by their fields, do not change, and print nothing that is to be hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.values import Discreet, Value, replace


class Point(Value):
    x: int
    y: int = 0
    value: str = "a field may be called as the argument is"

    def __post_init__(self) -> None:
        if self.y < 0:
            raise ValueError(self.y)


class Login(Discreet):
    HIDDEN = ("password",)

    user: str
    password: str
    attempts: int = 0


CHANGES = st.fixed_dictionaries({}, optional={"x": st.integers(), "y": st.integers(0, 9), "value": st.text()})


@given(CHANGES)
def test_a_copy_has_what_was_named_and_keeps_the_rest(changes: dict[str, object]) -> None:
    point = Point(1, 2)
    kept = {"x": 1, "y": 2, "value": point.value}

    assert replace(point, **changes) == Point(**{**kept, **changes})
    assert point == Point(1, 2)


def test_a_value_does_not_change() -> None:
    with pytest.raises(AttributeError):
        replace(Point(1), x=2).x = 3


def test_values_of_two_classes_are_not_equal() -> None:
    class Other(Value):
        x: int
        y: int = 0
        value: str = Point(0).value

    assert Point(1) != Other(1)
    assert len({Point(1), Point(1), Point(2)}) == 2


def test_the_copy_is_checked_by_its_class() -> None:
    with pytest.raises(ValueError, match="-1"):
        replace(Point(1), y=-1)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="z"):
        replace(Point(1), z=2)


def test_what_is_hidden_is_not_printed() -> None:
    assert repr(Login("alice", "s3cret")) == "Login(user='alice', attempts=0)"
    assert repr(replace(Login("alice", "s3cret"), attempts=1)) == "Login(user='alice', attempts=1)"
    assert Login("alice", "s3cret") != Login("alice", "other")
