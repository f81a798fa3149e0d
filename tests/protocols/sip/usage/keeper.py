"""The keeper of the transactions of a call that is over, without its actor: it answers, resends and forgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.actors.sip.lingering import Forget, HandedOver, State, answered, challenged, stimulate, take_over
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.authorization import CHALLENGES, NOBODY, Authorization
from sipsimple.protocols.sip.message import Request, Response, parse
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import client_key, server_key
from sipsimple.protocols.sip.transaction.outputs import ResponseReceived, Send

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.protocols.sip.transport import Flow
    from tests.protocols.sip.usage.party import Party


class Keeper:
    """Keeps what `party` handed over.

    Attributes:
        sent: The messages that it sent, as they are on the wire.
        due: When each of its timers fires.
        forgotten: Nothing is left to keep.
    """

    def __init__(self, party: Party, authorization: Authorization = NOBODY) -> None:
        assert party.handed is not None, "only a call that is over leaves its transactions"
        self.sent: list[Request | Response] = []
        self.due: dict[Any, float] = {}
        self.now = party.now
        self.forgotten = False
        self.state = State()
        self._advance(take_over, HandedOver(party.call.identity.token, party.handed, authorization))

    def receive(self, message: Request | Response, flow: Flow) -> list[Request | Response]:
        """Hand over a message, and return what is sent for it; one that nothing here knows is nobody's."""
        before = len(self.sent)
        if isinstance(message, Response) and message.status in CHALLENGES:
            self._advance(challenged, message, f"{len(self.sent):032x}")
        elif isinstance(message, Response):
            self._advance(stimulate, client_key(message), layer.receive_response, message)
        else:
            self._advance(stimulate, server_key(message), layer.receive_request, message, flow)
        return self.sent[before:]

    def knows(self, request: Request) -> bool:
        """Tell whether a request is a repeat of one that is kept."""
        return server_key(request) in self.state.tokens

    def fire(self, name: Any) -> None:
        """Let a timer fire."""
        self.now = max(self.now, self.due.pop(name))
        self._advance(stimulate, name[0], layer.timer_fired, name)

    def run_down(self) -> None:
        """Let all timers fire, with nobody there."""
        while self.due:
            self.fire(min(self.due, key=lambda each: (self.due[each], str(each))))

    def _advance(self, function: Callable[..., Any], *stimulus: Any) -> None:
        self.state, outputs = function(self.state, *stimulus)
        for output in outputs:
            if isinstance(output, Send):
                self.sent.append(parse(bytes(output.message)))
            elif isinstance(output, StartTimer):
                self.due[output.name] = self.now + output.seconds
            elif isinstance(output, StopTimer):
                self.due.pop(output.name, None)
            elif isinstance(output, ResponseReceived):
                self._advance(answered, output)
            elif isinstance(output, Forget):
                self.forgotten = True
