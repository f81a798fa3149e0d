"""Who strangers are: asks the application whether it wants to know, and them, where it does.

What a challenge is and what an answer is worth says `protocols.sip.challenging`; this asks the application,
measures the time and tells the log. A question to the application costs the hub: it must answer at once.
"""

from __future__ import annotations

import secrets
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sipsimple.actors.runtime.log import Logger, error_text, log_trouble
from sipsimple.actors.wire.limits import source_of
from sipsimple.actors.wire.sockets import address_text
from sipsimple.protocols.challenge import quote
from sipsimple.protocols.sip.challenging import HA1, NEVER_ASKED, Admitted, Asked, Challenger, Turn
from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from sipsimple.protocols.digest_server import Answer
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transport import Flow

PasswordOf = Callable[[str, str, str], "str | HA1 | None"]
"""Takes user name, realm and algorithm."""


class IncomingRequest(Value):
    """A request outside of any session, as the application is asked about it.

    Attributes:
        method: `"INVITE"`, `"MESSAGE"`, ...
        from_uri: Who its sender says he is.
        request_uri: Whom it is for.
        source: Host and port that it came from.
        transport: `"udp"`, `"tcp"` or `"tls"`.
    """

    method: str
    from_uri: str
    request_uri: str
    source: tuple[str, int]
    transport: str


class Demand(Discreet, gc=True):
    """That the sender of a request must show who he is.

    Attributes:
        realm: The name that his program shows him, and by which it finds the password.
        password_of: Returns password or HA1 of a user, given his name, the realm and the algorithm, or None.
        status: 401, or 407 for an application that stands between others.

    Raises:
        ValueError: The realm cannot stand in a header, or the status does not ask.
        TypeError: The realm is no text.
    """

    HIDDEN = ("password_of",)

    realm: str
    password_of: PasswordOf
    status: int = 401

    def __post_init__(self) -> None:
        if not isinstance(self.realm, str):
            raise TypeError(f"realm must be a str, not {self.realm!r}")
        quote(self.realm)
        if self.status not in (401, 407):
            raise ValueError(f"status must be 401 or 407, not {self.status!r}")


Ask = Callable[[IncomingRequest], "Demand | None"]


class Authentication:
    """Has strangers authenticated as the application wants it; used on the hub.

    Args:
        ask: The application's; None: nobody is asked.
        challenger: Makes and judges.
        log: For who was admitted and who was not.
        now: The time.
    """

    def __init__(self, ask: Ask | None, challenger: Challenger, log: Logger, now: Callable[[], float] = time.monotonic):
        self._ask = ask
        self._challenger = challenger
        self._log = log
        self._now = now

    def examine(self, request: Request, flow: Flow) -> Admitted | Asked | None:
        """Return who sent a request, or what to answer him; None: nobody wants to know.

        Should the application fail, the request is answered 500.
        """
        if self._ask is None or request.method in NEVER_ASKED:
            return None
        facts = {"method": request.method, "call_id": request.get("call-id"), "peer": address_text(flow.remote)}
        try:
            demand = _of_application(Demand, self._ask, _shown(request, flow))
            return None if demand is None else self._examine(request, flow, demand, self._log.bind(**facts))
        except _ApplicationFailed as failed:
            error = failed.__cause__ or failed
            log_trouble("authentication.failed", **facts, error=error_text(error), traceback=_text(error))
            return Asked(500, (), "the application failed")

    def _examine(self, request: Request, flow: Flow, demand: Demand, log: Logger) -> Admitted | Asked:
        turn = Turn(source_of(flow.remote[0]), self._now(), secrets.token_hex(8), demand.realm, demand.status)
        log = log.bind(realm=demand.realm)
        answer = self._challenger.answer_in(request, turn)
        if answer is None:
            log.info("authentication.asked")
            return self._challenger.ask(turn, "no answer yet")
        outcome = self._judge(request, answer, demand, turn)
        log = log.bind(user=answer.username)
        if isinstance(outcome, Admitted):
            log.info("authentication.admitted")
        else:
            log.warning("authentication.refused", status=outcome.status, why=outcome.why)
        return outcome

    def _judge(self, request: Request, answer: Answer, demand: Demand, turn: Turn) -> Admitted | Asked:
        if self._challenger.is_repeated(request):
            return Admitted(answer.username, answer.realm)
        if not self._challenger.guesses.may_try(turn.source, answer.username, turn.now):
            return Asked(403, (), "too many wrong answers before this one")
        named = answer.username, answer.realm, answer.algorithm
        secret = _of_application((str, HA1), demand.password_of, *named)
        return self._challenger.judge(request, answer, secret, turn)


class _ApplicationFailed(Exception):
    """What the application was asked raised the cause of this, or returned what it must not."""


def _of_application(kinds: Any, function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        value = function(*arguments)
    except Exception as error:
        raise _ApplicationFailed from error
    if value is not None and not isinstance(value, kinds):
        raise _ApplicationFailed(f"{function!r} returned a {type(value).__name__}")
    return value


def _text(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))  # as text: a renderer could show local variables


def _shown(request: Request, flow: Flow) -> IncomingRequest:
    host, port = flow.remote
    return IncomingRequest(request.method, str(request.from_.uri), request.uri, (host, port), flow.transport)
