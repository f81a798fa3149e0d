"""How fast passwords may be guessed."""

from __future__ import annotations

from sipsimple.protocols.sip.admission.guesses import BURST, MAX_NAME, Guesses


def wrong(guesses: Guesses, count: int, source: str = "a", name: str = "alice", now: float = 0.0) -> None:
    """Have somebody be wrong."""
    for _ in range(count):
        guesses.wrong(source, name, now)


def test_a_few_wrong_answers_are_taken_at_once_and_then_one_from_time_to_time() -> None:
    """Six a minute are one in ten seconds."""
    guesses = Guesses(6.0)
    wrong(guesses, int(BURST) - 1)
    assert guesses.may_try("a", "alice", 0.0)
    wrong(guesses, 1)
    assert not guesses.may_try("a", "alice", 9.9)
    assert guesses.may_try("a", "alice", 10.0)
    wrong(guesses, 1, now=10.0)
    assert not guesses.may_try("a", "alice", 19.9)


def test_the_same_name_from_elsewhere_and_another_name_from_there_may_try() -> None:
    """Nobody locks a user out from afar."""
    guesses = Guesses()
    wrong(guesses, int(BURST))
    assert guesses.may_try("b", "alice", 0.0)
    assert guesses.may_try("a", "bob", 0.0)


def test_a_source_that_goes_through_names_is_stopped_as_well() -> None:
    """Ten times later."""
    guesses = Guesses()
    for count in range(10 * int(BURST)):
        assert guesses.may_try("a", f"user{count}", 0.0)
        wrong(guesses, 1, name=f"user{count}")
    assert not guesses.may_try("a", "another", 0.0)
    assert guesses.may_try("b", "another", 0.0)


def test_what_is_remembered_is_bounded_and_newcomers_share_what_is_left() -> None:
    """Buckets that are full again make room."""
    guesses = Guesses(limit=4)
    for count in range(20):
        wrong(guesses, 1, source=f"s{count}")
    assert len(guesses) <= 5
    wrong(guesses, int(BURST), source="late")
    assert not guesses.may_try("later", "alice", 0.0)
    assert guesses.may_try("later", "alice", 1000.0)
    wrong(guesses, int(BURST), source="later", now=1000.0)
    assert not guesses.may_try("later", "alice", 1000.0)
    assert guesses.may_try("another", "alice", 1000.0), "there is room for each again"
    assert len(guesses) <= 5


def test_a_long_name_is_kept_only_in_part() -> None:
    """A stranger cannot fill the memory with names."""
    guesses = Guesses()
    wrong(guesses, int(BURST), name="x" * MAX_NAME + "1")
    assert not guesses.may_try("a", "x" * MAX_NAME + "2", 0.0)
