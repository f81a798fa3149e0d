"""`replace` of values does what that of dataclasses does."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field
from dataclasses import replace as slow_replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sip.usage.call import Call, Identity
from sipsimple.protocols.values import replace


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0
    value: str = "a field may be called as the argument is"
    cached: str | None = field(default=None, init=False, compare=False)

    def __post_init__(self) -> None:
        if self.y < 0:
            raise ValueError(self.y)


@given(st.fixed_dictionaries({}, optional={"x": st.integers(), "y": st.integers(0, 9), "value": st.text()}))
def test_it_gives_what_dataclasses_replace_gives(changes: dict[str, object]) -> None:
    point = Point(1, 2)
    assert replace(point, **changes) == slow_replace(point, **changes)
    assert point == Point(1, 2)


def test_a_value_of_many_fields_keeps_those_that_are_not_named() -> None:
    call = Call(Identity("token", "call-id", "agent", 1), local="<sip:a@b>", branches=3)
    assert replace(call, branches=4, remote="x") == slow_replace(call, branches=4, remote="x")


def test_what_was_derived_from_the_old_fields_is_not_copied() -> None:
    point = Point(1)
    object.__setattr__(point, "cached", "(1, 0)")
    assert replace(point, x=2).cached is None


def test_the_copy_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        replace(Point(1), x=2).x = 3


def test_the_copy_is_checked_by_its_class() -> None:
    with pytest.raises(ValueError, match="-1"):
        replace(Point(1), y=-1)


def test_an_unknown_field_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(TypeError, match="no field z"):
            replace(Point(1), z=2)
