"""A core that asks a server for something, driven by hand: no clock, no socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.authorization import Account, Authorization
from sipsimple.protocols.sip.message import Request, parse, response_to
from sipsimple.protocols.sip.request.client import RequestClient
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage.events import (
    RequestArrived,
    ResponseArrived,
    SendRefused,
    TargetFailed,
    TargetResolved,
)
from sipsimple.protocols.sip.usage.outputs import HandOver, Note, Notify, Resolve
from tests.protocols.sip.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "0123456789abcdef"
FLOW = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.9", 5060))


def client(password: str | None = "secret") -> RequestClient:
    """One that can answer challenges, with a password."""
    accounts = () if password is None else (Account("alice", password),)
    return RequestClient(TOKEN, "seed", "tests", Authorization(accounts))


def follow_changes(changes: list[Any], previous: str, before: str | None, after: str | None) -> None:
    """Check that changes lead from the state before to the one after without a gap."""
    for each in changes:
        assert each[previous] == before
        assert each["state"] != before
        before = each["state"]
    assert before == after


class Asker:
    """Carries what a core asks for into lists, and checks that the changes that it tells of follow one another.

    Args:
        core: The state to begin with.
        step: Takes events.
        timer_fired: Takes timers.
        request_arrived: Takes requests.
        finds: Every target resolves to this flow; None: to none.
    """

    tells_changes = True  # of the states that applications are shown

    def __init__(
        self,
        core: Any,
        step: Callable[..., Any],
        timer_fired: Callable[..., Any],
        request_arrived: Callable[..., Any] | None = None,
        finds: Flow | None = FLOW,
    ) -> None:
        self.core = core
        self.step, self.timer_fired, self.request_arrived = step, timer_fired, request_arrived
        self.finds = finds
        self.requests: list[Request] = []
        self.responses: list[Any] = []
        self.told: list[Notify] = []
        self.notes: list[str] = []
        self.resolved: list[str] = []
        self.found: list[object] = []  # what a look-up has found is told when all was carried
        self.timers: dict[Any, float] = {}
        self.handed_over: list[HandOver] = []

    def do(self, function: Callable[..., Any], *stimulus: Any) -> None:
        """Advance the core, and carry what it asks for."""
        before = self.core
        self.core, outputs = function(before, *stimulus)
        self._follow(before, outputs)
        for output in outputs:
            self._carry(output)
        for output in outputs:
            if isinstance(output, HandOver):
                running = {name[0] for name in self.timers if isinstance(name, tuple)}
                assert {*output.transactions.entries} == running, "a transaction that nobody would end"
        while self.found:
            self.take(self.found.pop(0))

    def _follow(self, before: Any, outputs: tuple[Any, ...]) -> None:
        """Each change of what applications are shown is told: from what they saw before to what they see now."""
        if not self.tells_changes:
            return
        changes = [each.data for each in outputs if isinstance(each, Notify) and each.name.endswith("ChangedState")]
        follow_changes(changes, "prev_state", getattr(before, "shown", None), getattr(self.core, "shown", None))

    def _carry(self, output: Any) -> None:
        if isinstance(output, Send):
            message = parse(bytes(output.message))
            (self.requests if isinstance(message, Request) else self.responses).append(message)
        elif isinstance(output, StartTimer):
            self.timers[output.name] = output.seconds
        elif isinstance(output, StopTimer):
            self.timers.pop(output.name, None)
        elif isinstance(output, Notify):
            assert output.data.keys() == FIELDS[output.name]
            self.told.append(output)
        elif isinstance(output, Note):
            self.notes.append(output.event)
        elif isinstance(output, HandOver):
            self.handed_over.append(output)
        elif isinstance(output, Resolve):
            self.resolved.append(output.uri)
            known = self.finds is not None and self.finds not in output.tried
            self.found.append(TargetResolved(self.finds) if known else TargetFailed("no address"))

    def take(self, event: object) -> None:
        """Take a command or an event."""
        self.do(self.step, event)

    def answer(
        self, status: int, headers: tuple[tuple[str, str], ...] = (), to_tag: str = "theirs", number: int = -1
    ) -> None:
        """Answer a request, the last one by default."""
        response = response_to(self.requests[number], status, to_tag=to_tag, headers=headers)
        self.take(ResponseArrived(parse(bytes(response))))

    def lose(self) -> None:
        """Let the last request meet a transport error."""
        self.take(SendRefused(self.requests[-1], "connection refused"))

    def receive(self, request: Request, flow: Flow = FLOW) -> int:
        """Take a request; return the status of its answer."""
        before = len(self.responses)
        self.do(self.request_arrived, RequestArrived(request, flow))
        assert len(self.responses) == before + 1
        return int(self.responses[-1].status)

    def fire(self, name: Any) -> float:
        """Let a running timer fire; return how long it was."""
        seconds = self.timers.pop(name)
        self.do(self.timer_fired, name)
        return seconds

    def time_out(self) -> None:
        """Let the transaction that is under way go without an answer."""
        self.fire(next(name for name in self.timers if isinstance(name, tuple) and name[1] == "F"))

    def names(self) -> list[str]:
        """What was told, without the prefix; a change of state with what it led to."""
        return [
            f"={each.data['state']}" if each.name.endswith("ChangedState") else each.name[2:].partition("tion")[2]
            for each in self.told
        ]

    def data(self, name: str) -> Any:
        """The data of the last notification whose name ends like this."""
        return next(each.data for each in reversed(self.told) if each.name.endswith(name))
