"""A flood stops at a mailbox: what is too much is dropped and counted, and nothing else suffers."""

from __future__ import annotations

import pytest

from sipsimple.api.session.call_streams import MAILBOX_LIMIT
from sipsimple.core import Engine
from tests.endpoints import deliver, established, hang_up, running


def nodes(node):
    """A node of the tree and all below it."""
    yield node
    for child in node.children:
        yield from nodes(child)


def actor(kind):
    return next(each for each in nodes(Engine().core.system.tree()) if each.kind == kind)


@pytest.mark.parametrize("kind", ["Endpoint", "Lingering", "Session", "MSRPChat"])
def test_a_mailbox_takes_so_many_messages_and_counts_the_others(kind):
    with running(crashes=True) as watch:
        call = established(watch)
        core = Engine().core
        ref = {
            "Endpoint": core.router.endpoint,
            "Lingering": core.around.lingering,
            "Session": call.caller.ref,
            "MSRPChat": call.caller.last_chat._ref,
        }[kind]
        late = object()
        taken = sum([ref.tell(late) for _ in range(MAILBOX_LIMIT + 7)])
        assert (ref.depth, actor(kind).dropped) == (MAILBOX_LIMIT, 7)
        assert taken == MAILBOX_LIMIT
        ref._slot.mailbox.queue.clear()
        deliver(watch, call.caller, call.callee, "after the flood")
        hang_up(watch, call)


def test_messages_that_a_chat_has_no_room_for_are_told_as_not_delivered():
    with running() as watch:
        call = established(watch)
        ids = [call.caller.send_message("x") for _ in range(MAILBOX_LIMIT + 5)]
        watch.wait_for("SCSessionDidNotDeliverMessage", call.caller, 5)
        refused = [each.data for each in watch.seen if each.name == "SCSessionDidNotDeliverMessage"]
        assert [each.message_id for each in refused] == ids[MAILBOX_LIMIT:]
        assert "too many" in refused[0].reason
        watch.wait_for("SCSessionDidDeliverMessage", call.caller, MAILBOX_LIMIT)
        hang_up(watch, call)


def test_a_chat_whose_mailbox_is_full_still_ends_with_its_call():
    with running() as watch:
        call = established(watch)
        call.caller.abandon("given up")
        ids = [call.caller.send_message("x") for _ in range(MAILBOX_LIMIT + 1)]
        watch.wait_for("SCSessionDidEnd", call.caller)
        fates = ("SCSessionDidDeliverMessage", "SCSessionDidNotDeliverMessage")
        assert sorted(each.data.message_id for each in watch.seen if each.name in fates) == sorted(ids)
        assert watch.names(call.caller)[-1] == "SCSessionDidEnd"
