"""Who hears whom, computed."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from sipsimple.media.worker.legs import Legs
from sipsimple.media.worker.routing import DEVICE, DRAIN, ROOM, Connection, End, Kind, Wish, connections

A, B = End(Kind.LEG, "a"), End(Kind.LEG, "b")
RECORDER, PLAYER = End(Kind.RECORDER, "a"), End(Kind.PLAYER, 1)
DRAINED = {(A, DRAIN), (B, DRAIN)}


def routes(
    *wishes: Wish, players: dict[int, str] | None = None, devices: bool = False, room: bool = False
) -> set[Connection]:
    found = connections(wishes, players or {}, uses_devices=devices, records_room=room)
    return {each for each in found if each[1] != DRAIN}


def test_nothing_is_wanted_of_a_leg_but_that_its_audio_is_taken_away() -> None:
    assert connections([Wish("a"), Wish("b", is_held=True)], {}, uses_devices=False) == DRAINED


def test_a_player_is_heard_by_its_leg_only() -> None:
    assert routes(Wish("a"), Wish("b"), players={1: "a"}) == {(PLAYER, A)}


def test_bridged_legs_hear_each_other() -> None:
    one, two = Wish("a", partners=frozenset("b")), Wish("b", partners=frozenset("a"))
    assert routes(one, two) == {(A, B), (B, A)}


def test_a_partner_without_media_is_not_connected() -> None:
    assert routes(Wish("a", partners=frozenset("b"))) == set()


def test_an_echo_is_a_leg_that_hears_itself() -> None:
    assert routes(Wish("a", is_echoing=True)) == {(A, A)}


def test_a_recorder_hears_the_leg_and_all_that_the_leg_hears() -> None:
    one, two = Wish("a", is_recording=True, partners=frozenset("b")), Wish("b", partners=frozenset("a"))
    heard = {source for source, sink in routes(one, two, players={1: "a"}, devices=True) if sink == RECORDER}
    assert heard == {A, B, PLAYER, DEVICE}


def test_legs_and_device_hear_each_other_where_there_is_one() -> None:
    assert routes(Wish("a"), devices=True) == {(A, DEVICE), (DEVICE, A)}
    assert routes(Wish("a"), devices=False) == set()


def test_a_player_of_no_leg_is_heard_by_the_device() -> None:
    assert routes(Wish("a"), players={1: ROOM}) == {(PLAYER, DEVICE)}


def test_the_recorder_of_the_room_hears_what_the_device_plays() -> None:
    room = End(Kind.RECORDER, ROOM)
    heard = {source for source, sink in routes(Wish("a"), players={1: ROOM}, devices=True, room=True) if sink == room}
    assert heard == {A, PLAYER}


def test_a_held_leg_is_isolated() -> None:
    held = Wish("a", is_held=True, is_echoing=True, is_recording=True, partners=frozenset("b"))
    other = Wish("b", partners=frozenset("a"))
    assert routes(held, other, players={1: "a"}, devices=True) == {(B, DEVICE), (DEVICE, B)}


tokens = st.sampled_from("abcd")
wishes = st.builds(Wish, tokens, st.booleans(), st.booleans(), st.booleans(), st.frozensets(tokens))


@given(st.lists(wishes, unique_by=lambda wish: wish.token), st.dictionaries(st.integers(0, 5), tokens), st.booleans())
def test_no_leg_hears_what_another_did_not_share(
    found: list[Wish], players: dict[int, str], uses_devices: bool
) -> None:
    by_token = {wish.token: wish for wish in found}
    for source, sink in connections(found, players, uses_devices=uses_devices):
        if source.kind is Kind.LEG is sink.kind:
            wish = by_token[str(sink.name)]
            assert source.name in wish.partners or (source == sink and wish.is_echoing)
        if source.kind is Kind.PLAYER:
            assert sink.name == players[int(source.name)]
        if sink.kind is Kind.RECORDER:
            assert by_token[str(sink.name)].is_recording
        if sink != DRAIN:
            assert not any(each.kind is Kind.LEG and by_token[str(each.name)].is_held for each in (source, sink))


def test_a_leg_that_goes_leaves_no_partner_behind() -> None:
    from sipsimple.media import wire
    from sipsimple.media.worker.legs import Leg

    legs = Legs({token: Leg(wire.Open(token, 5060, with_offer=True)) for token in "abc"})
    for one, two in combinations("abc", 2):
        legs.bridge(one, two)
    legs.remove("b")
    assert {token: leg.partners for token, leg in legs.items()} == {"a": {"c"}, "c": {"a"}}
    legs.part("a", "c")
    legs.part("a", "b")
    assert not legs["a"].partners | legs["c"].partners
