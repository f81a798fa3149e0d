"""Making the actors of a call, and its last rites when they cannot go on.

One supervisor per call: the session, its audio leg, its chat, the chat's connection. It
restarts what crashes; when it gives up, a successor that has the last committed
state ends the call in the ordinary way, so that nobody is left with a zombie.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from os import urandom
from typing import TYPE_CHECKING

from sipsimple.actors.runtime import (
    AutoShutdown,
    ChildSpec,
    GivenUp,
    Ref,
    Restart,
    Supervisor,
    SupervisorSpec,
)
from sipsimple.actors.sip.lingering import HandedOver
from sipsimple.actors.sip.session import Session as SessionActor
from sipsimple.actors.sip.session import Surroundings
from sipsimple.api.limits import MAILBOX_LIMIT
from sipsimple.api.session.call_streams import CallStreams, StreamSettings
from sipsimple.api.session.replacing import kinds_of, replaced_by
from sipsimple.api.session.session import Session
from sipsimple.errors import ActorError, RemoteProtocolError, SIPCoreError
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.usage.call import Call, Identity
from sipsimple.protocols.sip.usage.crash import crashed
from sipsimple.protocols.sip.usage.events import Abandoned, Connect, RequestArrived, ResponseArrived
from sipsimple.protocols.sip.usage.outputs import Notify
from sipsimple.protocols.sip.usage.policy import DEFAULT, Policy
from sipsimple.protocols.sip.usage.setup.admission import admit
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.api.notification.delivery import Delivery
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transaction.timing import Timing
    from sipsimple.protocols.sip.transport import Flow

NTP_EPOCH = 2208988800
"""Seconds from 1900, where the numbers of an `o=` line begin, to 1970."""

BUDGET = 3
"""Restarts that one call may spend within PERIOD."""

PERIOD = 30.0
"""Seconds."""


SESSION = ChildSpec(
    "session", SessionActor, (), Restart.TRANSIENT, shutdown=2.0, significant=True, mailbox_limit=MAILBOX_LIMIT
)
"""The session of a call, but for its arguments."""

CALL = SupervisorSpec(
    "call", intensity=BUDGET, period=PERIOD, auto_shutdown=AutoShutdown.ALL_SIGNIFICANT, restart=Restart.TEMPORARY
)
"""One call, but for its children: checked once, copied for each."""

LAST_RITES = SupervisorSpec(
    "last-rites", intensity=0, auto_shutdown=AutoShutdown.ANY_SIGNIFICANT, restart=Restart.TEMPORARY
)
"""The end of a call that gave up."""


@dataclass(frozen=True, slots=True)
class CallSettings:
    """What every call of an engine is made with.

    Attributes:
        host: Our address, for Call-ID.
        user_agent: Gives the text for User-Agent and Server.
        timing: T1, T2, T4 in seconds.
        streams: What every stream is made with.
        refuse_md5: Never answer a challenge with MD5.
        policy: How the extensions of SIP are used.
    """

    host: str
    user_agent: Callable[[], str]
    timing: Timing
    streams: StreamSettings
    refuse_md5: bool = False
    policy: Policy = DEFAULT


class Calls:
    """The calls of one engine; used on its hub.

    Args:
        supervisor: Gets one supervisor per call.
        around: What all sessions share.
        delivery: The workers that run observers.
        settings: What every call is made with.

    Attributes:
        is_open: Whether new calls are taken.
    """

    def __init__(
        self, supervisor: Supervisor, around: Surroundings, delivery: Delivery, settings: CallSettings
    ) -> None:
        self.is_open = True
        self._supervisor = supervisor
        self._around = around
        self._delivery = delivery
        self._settings = settings

    def place(self, session: Session, command: Connect) -> None:
        """Make the actors of an outgoing session.

        Raises:
            SIPCoreError: The engine is stopping.
        """
        if not self.is_open:
            raise SIPCoreError("the engine is stopping")
        identity = self._identity(f"{urandom(16).hex()}@{self._settings.host}", session)
        self._begin(identity, session, command)

    def open(self, request: Request, flow: Flow, user: str | None) -> None:
        """Make the actors of an incoming session; the endpoint calls this, having authenticated `user` if not None.

        Raises:
            RemoteProtocolError: The INVITE is refused.
        """
        if not self.is_open:
            raise RemoteProtocolError("the engine is stopping", 503)
        session = Session()
        session.authenticated_user = user
        identity = self._identity(request.call_id, session)
        event = admit(request, flow, identity.session_id, identity.audio, identity.policy)
        replaced = replaced_by(request, self._around.router)
        kinds = () if replaced is None else kinds_of(event, replaced)
        session.replaces = replaced
        self._begin(identity, session, event)
        # at once: repeats and a CANCEL may wait behind the INVITE in the endpoint's mailbox
        self._around.router.add_invite(request, identity.token)
        if replaced is not None:
            session.take_over(kinds)

    def _identity(self, call_id: str, session: Session) -> Identity:
        settings = self._settings
        return Identity(
            token=urandom(8).hex(),
            call_id=call_id,
            user_agent=settings.user_agent(),
            session_id=int(time.time()) + NTP_EPOCH,
            timing=settings.timing,
            audio=settings.streams.audio.terms(session.rtp_config),
            entropy=urandom(16).hex(),
            refuse_md5=settings.refuse_md5,
            policy=settings.policy,
        )

    def _begin(self, identity: Identity, session: Session, first: object) -> None:
        names = (("session", identity.token), ("call_id", identity.call_id))
        streams = CallStreams(session, names, self._settings.streams)
        call = Call(identity, transactions=Transactions(identity.timing))
        spec = replace(
            CALL,
            id=identity.token,
            children=(self._session_spec(call, streams, session),),
            when_given_up=partial(self._bury, session, streams),
        )
        streams.supervisor, ref = self._start(spec)
        session.attach(ref, self._delivery.queue(names), self._settings.streams.audio.sound, first)

    def _start(self, spec: SupervisorSpec) -> tuple[Supervisor, Ref]:
        supervisor = self._supervisor.start_child(spec)
        ref = supervisor.child("session")
        assert isinstance(ref, Ref), "a call begins with its session"
        self._around.router.add(ref.state.identity.token, ref)
        return supervisor, ref

    def _session_spec(self, call: Call, streams: CallStreams, session: Session) -> ChildSpec:
        return replace(SESSION, args=(call, self._around, streams, session.notify, session.lags))

    # Last rites

    def _bury(self, session: Session, streams: CallStreams, given_up: GivenUp) -> None:
        """End a call whose actors cannot go on, in the ordinary way, from its last committed state."""
        reason = f"{given_up.child} crashed too often: {given_up.error}"
        try:
            _tell_rest(session, given_up)
        finally:
            streams.bury(reason)
            self._succeed(session, streams, reason, given_up)

    def _succeed(self, session: Session, streams: CallStreams, reason: str, given_up: GivenUp) -> None:
        """Have another actor end the call, where there is something to end."""
        call = session.call
        if call is None or call.state in (State.NULL, State.TERMINATED):
            self._end(session, reason, given_up)
            return
        spec = replace(
            LAST_RITES,
            id=f"{call.identity.token}-last",
            children=(self._session_spec(call, streams, session),),
            when_given_up=partial(self._report, session, reason),
        )
        try:
            _supervisor, ref = self._start(spec)
        except ActorError:
            self._end(session, reason, given_up)
        else:
            session.attach_successor(ref, Abandoned(reason))

    def _report(self, session: Session, reason: str, given_up: GivenUp) -> None:
        """Tell the end of a call whose last rites crashed."""
        try:
            _tell_rest(session, given_up)
        finally:
            self._end(session, reason, given_up)

    def _end(self, session: Session, reason: str, given_up: GivenUp) -> None:
        """End a call for which no actor can do anything more."""
        session.give_up(reason)
        try:
            self._leave(session.call, given_up)
        finally:
            if session.ref is not None:
                self._around.router.forget_all(session.ref)  # unless its transactions are in their keeper's hands

    def _leave(self, call: Call | None, given_up: GivenUp) -> None:
        """Send what is due to the peer yet, and leave what may be repeated to the keeper of transactions."""
        if call is None or not _is_of_session(given_up):
            return
        left, sent = crashed.due(call, given_up.outbox, (given_up.crashed_on, *given_up.mailbox))
        for each in sent:
            self._around.transports.send(bytes(each.message), each.flow)
        around, token = self._around, call.identity.token
        if not left.transactions.entries or around.router.named(token) is around.lingering:
            return
        if around.lingering.tell(HandedOver(token, left.transactions, left.authorization)):
            around.router.add(token, around.lingering)
            for message in given_up.mailbox:
                if isinstance(message, RequestArrived | ResponseArrived):
                    around.lingering.tell(message)


def _is_of_session(given_up: GivenUp) -> bool:
    return given_up.child == SESSION.id


def _tell_rest(session: Session, given_up: GivenUp) -> None:
    """Tell what the session had decided to tell: nobody is to hear of the end of a call that he was not told of."""
    for each in given_up.outbox if _is_of_session(given_up) else ():
        if isinstance(each, Notify):
            session.notify(each.name, each.data)
