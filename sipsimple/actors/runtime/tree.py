"""The tree of supervisors and actors, for people to read at run time."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from sipsimple.actors.runtime.slot import Slot
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipsimple.actors.runtime.supervisor import Supervisor


class Node(Value):
    """One supervisor or actor.

    Attributes:
        id: Its id under its supervisor.
        kind: Name of the actor's class, or the supervisor's strategy.
        state: In a word: what `state_word` makes of an actor's state.
        mailbox: How many messages wait.
        dropped: How many were refused or dropped for want of room.
        restarts: How often it was restarted.
        last_error: Of its last crash; empty for none.
        children: Of a supervisor, in start order.
    """

    id: str
    kind: str
    state: str
    mailbox: int = 0
    restarts: int = 0
    last_error: str = ""
    children: tuple[Node, ...] = ()
    dropped: int = 0


def tree(node: Supervisor | Slot) -> Node:
    """Describe `node` and all that is below it."""
    if isinstance(node, Slot):
        return Node(
            id=node.spec.id,
            kind=node.spec.actor.__qualname__,
            state=state_word(node.state),
            mailbox=len(node.mailbox.queue),
            restarts=node.restarts,
            last_error=node.last_error,
            dropped=node.mailbox.dropped,
        )
    return Node(
        id=node.spec.id,
        kind=node.spec.strategy.value,
        state="alive" if node.is_alive else "ended",
        restarts=node.restarts,
        last_error=node.last_error,
        children=tuple(tree(child) for child in node.children),
    )


def state_word(state: Any) -> str:
    """Sum up a state without printing what is in it: an Enum's name, its `.state`, or its type."""
    inner = getattr(state, "state", state)
    if isinstance(inner, Enum):
        return inner.name
    return "" if state is None else type(state).__name__


def render(node: Node) -> str:
    """Draw a tree as text, one line for each node."""
    return "\n".join(_lines(node, "", ""))


def _lines(node: Node, first: str, rest: str) -> Iterator[str]:
    facts = [node.id, node.kind, node.state]
    if node.mailbox:
        facts.append(f"{node.mailbox} waiting")
    if node.dropped:
        facts.append(f"{node.dropped} dropped")
    if node.restarts:
        facts.append(f"{node.restarts} restarts")
    if node.last_error:
        facts.append(node.last_error)
    yield first + "  ".join(fact for fact in facts if fact)
    for index, child in enumerate(node.children):
        is_last = index == len(node.children) - 1
        yield from _lines(child, rest + ("└ " if is_last else "├ "), rest + ("  " if is_last else "│ "))
