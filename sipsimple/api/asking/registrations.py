"""Making the actors of registrations, and making them anew when they cannot go on.

One supervisor per registration, so that one that crashes over and over exhausts
its own budget. It is not given up for that: it is tried again from its last
committed state, with pauses that grow.
"""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

import gevent

from sipsimple.actors.runtime import AutoShutdown, ChildSpec, GivenUp, Ref, Restart, SupervisorSpec
from sipsimple.actors.sip.registration import Registration as Actor
from sipsimple.api.engine.hubs import Flag
from sipsimple.api.limits import MAILBOX_LIMIT
from sipsimple.errors import ActorError, SIPCoreError
from sipsimple.protocols.sip.authorization import Authorization
from sipsimple.protocols.sip.registration import state as core
from sipsimple.protocols.sip.registration.events import Abandoned, Crashed, NetworkChanged, Register, Unregister
from sipsimple.protocols.sip.registration.state import State
from sipsimple.protocols.sip.request.client import RequestClient
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Scheduled, Supervisor
    from sipsimple.actors.sip.session import Surroundings
    from sipsimple.api.asking.registration import Registration
    from sipsimple.api.notification.delivery import Delivery
    from sipsimple.api.session.calls import CallSettings

BUDGET = 3
"""Restarts that one registration may spend within PERIOD."""

PERIOD = 30.0
"""Seconds."""

LONGEST_PAUSE = 300.0
"""Seconds before a registration whose actor cannot go on is made anew, at the most."""

PACE = 1000
"""So many registrations are taken back, or led anew, in one second."""

TURN = 50
"""So many of them before everybody else gets a turn."""

GRACE = 8
"""How many T1 the registrars have to answer, beside the time that the pace takes: four sendings over UDP."""

ABANDONING_LIMIT = 1.0
"""Seconds that those have then to end which got no answer."""

ACTOR = ChildSpec("actor", Actor, (), Restart.TRANSIENT, shutdown=1.0, significant=True, mailbox_limit=MAILBOX_LIMIT)
"""The actor of a registration, but for its arguments."""

REGISTRATION = SupervisorSpec(
    "registration",
    intensity=BUDGET,
    period=PERIOD,
    auto_shutdown=AutoShutdown.ALL_SIGNIFICANT,
    restart=Restart.TEMPORARY,
)
"""One registration, but for its child: checked once, copied for each."""


class Registrations:
    """The registrations of one engine that are not over; used on its hub.

    Args:
        supervisor: Gets one supervisor per registration.
        around: What all actors of SIP share.
        flows: Keeps the flows to registrars.
        delivery: The workers that run observers.
        settings: What calls are made with, too: our host and name, T1, whether MD5 is refused.

    Attributes:
        is_open: Whether new ones are taken.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        around: Surroundings,
        flows: Ref,
        delivery: Delivery,
        settings: CallSettings,
    ) -> None:
        self.is_open = True
        self._supervisor = supervisor
        self._around = around
        self._flows = flows
        self._delivery = delivery
        self._settings = settings
        self._active: dict[int, Registration] = {}
        self._revivals: dict[int, tuple[int, Scheduled | None]] = {}
        self._emptied: Flag | None = None
        self._lives = 0

    def __len__(self) -> int:
        return len(self._active)

    def begin(self, registration: Registration) -> None:
        """Have a registration run; from any thread.

        Raises:
            SIPCoreError: The engine is stopping.
        """
        self._supervisor.system.call(self._begin, registration)

    def _begin(self, registration: Registration) -> None:
        if not self.is_open:
            raise SIPCoreError("the engine is stopping")
        first = (Register(),) if registration.is_wanted else (Register(), Unregister())
        self._run(registration, self._state(registration), *first)

    def network_changed(self) -> None:
        """Lead each of them anew, one after the other."""
        for number, each in enumerate(list(self._active.values())):
            if each.ref is not None:
                each.ref.tell(NetworkChanged(number / PACE))

    # Making

    def _state(self, registration: Registration) -> core.Registration:
        """Return what to begin with: the same Call-ID and the next numbers, if it was registered before."""
        terms, before = registration.terms(), registration.core
        settings = self._settings
        user_agent, transactions = settings.user_agent(), Transactions(settings.timing)
        if before is not None:
            client = replace(before.client, flow=None, user_agent=user_agent, transactions=transactions)
            return replace(before, terms=terms, asked=terms.expires, client=client)
        token = secrets.token_hex(8)
        accounts = registration.credentials.accounts
        authorization = Authorization(accounts, settings.refuse_md5)
        client = RequestClient(token, secrets.token_hex(16), user_agent, authorization, transactions)
        return core.new(terms, client, f"{secrets.token_hex(16)}@{settings.host}", token)

    def _run(self, registration: Registration, state: core.Registration, *first: Any) -> None:
        token = state.client.token
        self._lives += 1
        ended = partial(self._ended, registration)
        arguments = (
            state,
            self._around,
            self._flows,
            registration.notify,
            partial(getattr, registration, "is_wanted"),
            ended,
        )
        spec = replace(
            REGISTRATION,
            id=f"{token}-{self._lives}",
            children=(replace(ACTOR, args=arguments),),
            when_given_up=partial(self._bury, registration),
        )
        ref = self._supervisor.start_child(spec).child("actor")
        assert isinstance(ref, Ref), "a registration begins with its actor"
        self._around.router.add(token, ref)
        self._active[id(registration)] = registration
        registration.attach(self, ref, self._delivery.queue((("registration", token),)))
        for message in first:
            ref.tell(message)

    # Ending

    def _ended(self, registration: Registration, is_late: bool) -> None:
        """Forget one that is over, unless it was asked for again in the last moment."""
        state = registration.core
        registration.detach(state, is_over=True)
        self._forget(registration)
        if is_late and registration.is_wanted and self.is_open and state is not None:
            self._run(registration, self._state(registration), Register())

    def _forget(self, registration: Registration) -> None:
        self._active.pop(id(registration), None)
        _, scheduled = self._revivals.pop(id(registration), (0, None))
        if scheduled is not None:
            scheduled.cancel()
        if self._emptied is not None and not self._active:
            self._emptied.set()

    def end(self, reason: str) -> None:
        """Take all bindings back; what does not come to an end in time is told to have ended."""
        self.is_open = False
        if not self._active:
            return
        self._emptied = emptied = Flag()
        for number, each in enumerate(list(self._active.values()), 1):
            self._take_back(each, reason)
            if number % TURN == 0:
                gevent.sleep(TURN / PACE)
        if self._active:
            emptied.wait(GRACE * self._settings.timing.t1)
        self.abandon(reason)

    def _take_back(self, registration: Registration, reason: str) -> None:
        if registration.ref is None:
            registration.give_up(reason)
            self._forget(registration)
        else:
            registration.unregister()

    def abandon(self, reason: str) -> None:
        """Tell the end of all that are left."""
        for each in list(self._active.values()):
            if each.ref is None or not each.ref.tell(Abandoned(reason)):
                each.give_up(reason)
                self._forget(each)
        if self._active and self._emptied is not None:
            self._emptied.wait(ABANDONING_LIMIT)
        self.give_up(reason)

    def give_up(self, reason: str) -> None:
        """Tell the end of all that are left, whatever their actors do."""
        self.is_open = False
        for each in list(self._active.values()):
            each.give_up(reason)
            self._forget(each)

    # Going on after too many crashes

    def _bury(self, registration: Registration, given_up: GivenUp) -> None:
        """Make anew, later, what has crashed too often; from its last committed state."""
        state, ref = registration.core, registration.ref
        if state is None or ref is None or ref.is_alive or id(registration) not in self._active:
            return
        self._around.router.forget(state.client.token)
        registration.detach(state, is_over=False)
        reason = f"{given_up.child} crashed too often: {given_up.error}"
        revivals = self._revivals.get(id(registration), (0, None))[0] + 1
        pause = min(LONGEST_PAUSE, 2.0**revivals * self._settings.timing.t1)
        revive = partial(self._revive, registration, state, reason)
        scheduled = self._supervisor.system.clock.call_later(pause, revive)
        self._revivals[id(registration)] = revivals, scheduled

    def _revive(self, registration: Registration, state: core.Registration, reason: str) -> None:
        if id(registration) not in self._active or not self.is_open:
            return
        is_new = state.state is State.UNREGISTERED and registration.is_wanted
        wish = () if registration.is_wanted else (Unregister(),)
        first = (*((Register(),) if is_new else ()), Crashed(reason), *wish)
        try:
            self._run(registration, replace(state, client=replace(state.client, flow=None)), *first)
        except ActorError:
            registration.give_up(reason)
            self._forget(registration)
