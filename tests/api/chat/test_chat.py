"""What a chat can be made of."""

import pytest

from sipsimple.core import SIPURI
from sipsimple.msrp import MSRPChat

ALICE, BOB = SIPURI("example.com", "alice"), SIPURI("example.com", "bob")


@pytest.mark.parametrize(
    ("arguments", "options", "error"),
    [
        (("sip:a@b", BOB, True), {}, TypeError),
        ((ALICE, None, True), {}, TypeError),
        ((ALICE, BOB, "yes"), {}, TypeError),
        ((ALICE, BOB, True), {"relay": "x"}, TypeError),
        ((ALICE, BOB, True), {"accept_types": "text/plain"}, TypeError),
        ((ALICE, BOB, True), {"accept_types": [5]}, TypeError),
        ((ALICE, BOB, True), {"accept_types": 5}, TypeError),
        ((ALICE, BOB, True), {"accept_types": ["text plain"]}, ValueError),
        ((ALICE, BOB, True), {"accept_wrapped_types": "text/plain"}, TypeError),
        ((ALICE, BOB, True), {"chatroom_capabilities": ["x"]}, ValueError),
    ],
)
def test_bad_arguments_are_refused_at_once(arguments, options, error):
    with pytest.raises(error):
        MSRPChat(*arguments, **options)


def test_types_are_kept_in_their_order():
    chat = MSRPChat(ALICE, BOB, True, accept_types=["message/cpim", "text/*"], accept_wrapped_types=("*",))

    assert (chat.accept_types, chat.accept_wrapped_types) == (("message/cpim", "text/*"), ("*",))
