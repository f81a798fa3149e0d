"""Whoever asks a server for something, as an actor: what subscriptions, publications and single requests have alike.

What they decide lives in their cores; this class feeds them and carries what
they ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sipsimple.actors.runtime import again, carries, handles
from sipsimple.actors.sip.lingering import HandedOver
from sipsimple.actors.sip.requesting import Requesting
from sipsimple.protocols.sip.requesting import request_postponed
from sipsimple.protocols.sip.transaction.outputs import ResponseNotSent, TransactionEnded
from sipsimple.protocols.sip.usage import outputs
from sipsimple.protocols.sip.usage.events import RequestArrived, ResponseArrived, Resumed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sipsimple.actors.runtime import Ref
    from sipsimple.actors.sip.session import Surroundings


_EVENTS = {
    "ChangedState": "changed",
    "DidSucceed": "succeeded",
    "DidFail": "failed",
    "GotNotify": "notified",
    "GotRefresh": "refreshed",
    "WillEnd": "ending",
    "DidEnd": "ended",
    "GotProvisionalResponse": "progressed",
    "WillExpire": "expiring",
    "Restarted": "restarted",
}
"""What a notification is in the log."""
_TOLD = frozenset({"prev_state", "state", "code", "reason", "expires", "retry_after", "originator", "expired"})
"""What of it stands there."""


class Asking(Requesting):
    """Carries one core from its first request to its end.

    A crash may have cost a message: the core goes on with what it waits for,
    and takes the last command of the application again, which changes nothing
    where it was carried out.

    Args:
        state: The state to begin with; one that was interrupted goes on.
        around: What all actors of SIP share.
        notify: Posts a notification.
        lags: Tells whether too many of them wait for observers.
        wish: Returns the last command of the application.
        ended: Called at the end with this actor.
    """

    noun: ClassVar[str]

    def __init__(
        self,
        state: Any,
        around: Surroundings,
        notify: Callable[[str, Mapping[str, Any]], None],
        lags: Callable[[], bool],
        wish: Callable[[], object],
        ended: Callable[[Ref], None],
    ) -> None:
        super().__init__(state, around, notify)
        self.lags = lags
        self.wish = wish
        self.ended = ended

    def started(self) -> None:
        """Do what is wished, from whatever state there is."""
        self.bind_log()
        if self.state.is_over and not self.slot.outbox:
            self.stop()
            return
        self.advance(type(self).step, Resumed())
        self.advance(type(self).step, self.wish())

    def restarted(self) -> None:
        """Go on with the last committed state, towards what is wished."""
        self.log.warning(_event(self.noun, "Restarted"), state=str(self.state.state))
        self.started()

    def stopped(self, _reason: str) -> None:
        """Leave what came too late to the keeper of the transactions, and be forgotten."""
        for message in self.slot.mailbox.messages():
            if isinstance(message, RequestArrived | ResponseArrived):
                self.around.lingering.tell(message)
        self.ended(self.ref)

    @carries(outputs.Notify)
    @again
    def tell_observers(self, output: outputs.Notify) -> None:
        """Post the notification; what changes is a log event, too, without what it was about."""
        told = {name: value for name, value in output.data.items() if name in _TOLD and value is not None}
        self.log.info(_event(self.noun, output.name), **told)
        self.notify(output.name, output.data)

    @carries(ResponseNotSent)
    @carries(TransactionEnded)
    def let_be(self, output: ResponseNotSent | TransactionEnded) -> None:
        """Leave it to the repeats of the request."""
        self.log.debug("transaction.ended", transaction=output.key)

    @carries(outputs.HandOver)
    @again
    def hand_over(self, output: outputs.HandOver) -> None:
        """Leave the transactions to their keeper, and end."""
        token = self.state.client.token
        self.around.router.add(token, self.around.lingering)
        if not self.around.lingering.tell(HandedOver(token, output.transactions)):
            self.around.router.forget(token)
        self.stop()


class Answering(Asking):
    """Carries one that has a dialog, in which the peer has requests, too."""

    request_arrived: ClassVar[Callable[..., Any]]

    @handles(RequestArrived)
    def receive_request(self, event: RequestArrived) -> None:
        """Take a request of the peer, unless observers have too much to hear already."""
        self.log.debug("request.received", method=event.request.method)
        may_tell = self.state.is_over or not self.lags()
        self.advance(type(self).request_arrived if may_tell else request_postponed, event)


def _event(noun: str, name: str) -> str:
    return f"{noun}.{next(_EVENTS[word] for word in _EVENTS if name.endswith(word))}"
