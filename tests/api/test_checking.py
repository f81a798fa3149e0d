"""An attribute that is checked whenever it is set."""

import pytest

from sipsimple.api import checking


class Lamp:
    level = checking.Field(lambda name, value: checking.integer(name, value, 0, 100), 20)


def test_a_field_is_its_default_until_it_is_set_and_each_holder_has_its_own():
    one, other = Lamp(), Lamp()
    one.level = 50
    assert (one.level, other.level) == (50, 20)


def test_a_refused_value_of_a_field_changes_nothing_and_is_told_with_its_name():
    lamp = Lamp()
    lamp.level = 50
    with pytest.raises(ValueError, match="level must be 0 to 100, not 101"):
        lamp.level = 101
    assert lamp.level == 50
