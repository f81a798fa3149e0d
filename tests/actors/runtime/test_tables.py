"""The tables of a class: inheritance, contradictions, missing rows."""

from __future__ import annotations

import pytest

from sipsimple.actors.runtime import Actor, carries, handles


class Ring:
    pass


class Hang:
    pass


class Phone(Actor):
    @handles(Ring)
    def ring(self, _):
        return "phone rings"

    @carries(Hang)
    def hang(self, _):
        return "phone hangs"


def test_a_subclass_inherits_rows_and_its_override_of_the_method_counts():
    class Mobile(Phone):
        def ring(self, _):
            return "mobile vibrates"

    assert Mobile.message_rows[Ring](None, None) == "mobile vibrates"
    assert Mobile.output_rows[Hang](None, None) == "phone hangs"
    assert Phone.message_rows[Ring](None, None) == "phone rings"


def test_a_subclass_may_claim_a_type_of_its_base():
    class Mobile(Phone):
        @handles(Ring)
        def vibrate(self, _):
            return "vibrates"

    assert Mobile.message_rows[Ring](None, None) == "vibrates"


def test_two_methods_of_a_class_that_claim_one_type_are_refused():
    with pytest.raises(TypeError, match="one and two both claim Ring"):

        class Confused(Actor):
            @handles(Ring)
            def one(self, _): ...

            @handles(Ring)
            def two(self, _): ...


def test_two_unrelated_bases_that_claim_one_type_are_refused():
    class Bell:
        @handles(Ring)
        def chime(self, _): ...

    with pytest.raises(TypeError, match="both claim Ring"):

        class Confused(Bell, Phone):
            pass


def test_one_method_may_claim_several_types():
    class Both(Actor):
        @handles(Ring, Hang)
        def take(self, message):
            return type(message)

    assert Both.message_rows[Hang] is Both.message_rows[Ring]


def test_a_type_without_a_row_is_an_error_that_names_class_and_type():
    with pytest.raises(LookupError, match="Phone has no row for message Hang"):
        Phone.message_rows[Hang]
    with pytest.raises(LookupError, match="Phone has no row for output Ring"):
        Phone.output_rows[Ring]
