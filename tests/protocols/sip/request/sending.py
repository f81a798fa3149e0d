"""One client that sends requests, its outcomes kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.message import parse, response_to
from sipsimple.protocols.sip.request import step as requests
from sipsimple.protocols.sip.request.draft import Draft, OwnContact
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage.events import ResponseArrived, TargetFailed, TargetResolved
from sipsimple.protocols.sip.usage.outputs import Avoid, Resolve
from sipsimple.protocols.values import Value, replace
from tests.protocols.sip.asker import Asker, client

if TYPE_CHECKING:
    from sipsimple.protocols.sip.request.client import RequestClient
    from sipsimple.protocols.sip.request.outputs import Outcome

FIRST = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.9", 5060))
SECOND = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.10", 5060))
BY_TCP = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.9", 5060))

DRAFT = Draft(
    "REGISTER",
    "sip:example.org",
    "<sip:alice@example.org>;tag=0123456789abcdef",
    "<sip:alice@example.org>",
    "call-1",
    contact=OwnContact("alice"),
)
LARGE = replace(DRAFT, method="MESSAGE", headers=(("Content-Type", "text/plain"),), body=b"x" * 1300)

CHALLENGE = ("WWW-Authenticate", 'Digest realm="example.org", nonce="n1", qop="auth", algorithm=SHA-256')


class Core(Value):
    """The least that has a client."""

    client: RequestClient
    outcomes: tuple[Outcome, ...] = ()


def take(core: Core, outcome: Outcome) -> tuple[Core, tuple[object, ...]]:
    return replace(core, outcomes=(*core.outcomes, outcome)), ()


class Sender(Asker):
    """Sends drafts; its targets are found in the order of `targets`, but those that were tried."""

    def __init__(self, *targets: Flow, password: str | None = "secret") -> None:
        super().__init__(
            Core(client(password)),
            lambda core, event: requesting.heard(core, event, take),
            lambda core, name: requesting.timer_fired(core, name, take),
        )
        self.targets = targets or (FIRST,)
        self.asked: list[Resolve] = []
        self.avoided: list[Avoid] = []
        self.holds_back = False

    def _carry(self, output: Any) -> None:
        if isinstance(output, Resolve):
            self.asked.append(output)
            if not self.holds_back:
                self.found.append(self._target())
        elif isinstance(output, Avoid):
            self.avoided.append(output)
        else:
            super()._carry(output)

    def find(self) -> None:
        """Answer the last look-up, which was held back."""
        self.take(self._target())

    def _target(self) -> TargetResolved | TargetFailed:
        wish = self.asked[-1]
        left = [each for each in self.targets if each not in wish.tried and wish.transport in (None, each.transport)]
        return TargetResolved(left[0]) if left else TargetFailed("every target was tried")

    def begin(self, draft: Draft = DRAFT) -> None:
        """Send a draft."""
        self.do(self._begin, draft)

    @staticmethod
    def _begin(core: Core, draft: Draft) -> tuple[Core, tuple[object, ...]]:
        made, outputs = requests.begin(core.client, draft)
        return replace(core, client=made), outputs

    def call(self, function: Any) -> None:
        """Call a function of the request's own interface."""

        def call(core: Core) -> tuple[Core, tuple[object, ...]]:
            made, outputs = function(core.client)
            return replace(core, client=made), outputs

        self.do(call)

    @property
    def outcome(self) -> Outcome:
        """The only outcome."""
        (outcome,) = self.core.outcomes
        return outcome

    def seen_at(self, flow: Flow, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Answer the last request; the router says that we are seen elsewhere."""
        response = response_to(self.requests[-1], status, to_tag="theirs", headers=headers)
        self.take(ResponseArrived(parse(bytes(response)), flow))
