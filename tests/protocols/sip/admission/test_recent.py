"""What was seen of late is known for a while, in bounded room."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.admission.recent import Recent


def test_what_was_never_added_is_not_known():
    recent = Recent(10, 5.0)
    assert (recent.has("a"), len(recent)) == (False, 0)


@pytest.mark.parametrize("added", [0.0, 1.0, 4.9])
def test_a_key_is_known_for_at_least_so_many_seconds(added):
    """Others that come meanwhile do not push it out, but by their number."""
    recent = Recent(100, 5.0)
    recent.add("first", 0.0)
    recent.add("a", added)
    recent.add("later", added + 5.0)
    assert recent.has("a")


def test_a_key_is_forgotten_after_twice_the_time():
    recent = Recent(100, 5.0)
    for key, now in (("a", 0.0), ("b", 5.0), ("c", 10.0)):
        recent.add(key, now)
    assert [recent.has(each) for each in "abc"] == [False, True, True]
    assert len(recent) == 2


def test_it_never_holds_more_than_twice_its_room_and_always_the_last_ones():
    recent = Recent(3, 5.0)
    for number in range(50):
        recent.add(number, 0.0)
        assert len(recent) <= 6
        assert all(recent.has(each) for each in range(max(0, number - 2), number + 1))
