"""Making the actors of what asks a server for something, and making them anew when they cannot go on.

One supervisor per subscription, publication or request, so that one that
crashes over and over exhausts its own budget and not its neighbours'. It is
not given up for that: it goes on from its last committed state after a pause.
"""

from __future__ import annotations

import secrets
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

import gevent

from sipsimple.actors.runtime import AutoShutdown, ChildSpec, GivenUp, Ref, Restart, SupervisorSpec
from sipsimple.api.engine.hubs import Flag
from sipsimple.api.limits import MAILBOX_LIMIT
from sipsimple.errors import ActorError, SIPCoreError
from sipsimple.protocols.sip.authorization import Authorization
from sipsimple.protocols.sip.request.client import RequestClient
from sipsimple.protocols.sip.requesting import NetworkChanged
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Scheduled, Supervisor
    from sipsimple.actors.sip.session import Surroundings
    from sipsimple.api.asking.asked import Carried
    from sipsimple.api.notification.delivery import Delivery
    from sipsimple.api.session.calls import CallSettings

BUDGET = 3
"""Restarts that one of them may spend within PERIOD."""

PERIOD = 30.0
"""Seconds."""

PAUSE = 2.0
"""Seconds before one whose actor crashed too often goes on; twice as long each time."""

LONGEST_PAUSE = 300.0
"""Seconds, at the most."""

PACE = 1000
"""So many of them are ended, or led anew, in one second: the servers have other clients too."""

TURN = 50
"""So many of them before everybody else gets a turn."""

GRACE = 2.0
"""Seconds that the servers have to answer when the engine stops."""

ACTOR = SupervisorSpec(
    "asker", intensity=BUDGET, period=PERIOD, auto_shutdown=AutoShutdown.ALL_SIGNIFICANT, restart=Restart.TEMPORARY
)
"""One of them, but for its child: checked once, copied for each."""


class Askers:
    """Those of one kind that one engine runs; used on its hub.

    Args:
        supervisor: Gets one supervisor for each.
        around: What all actors of SIP share.
        delivery: The workers that run observers.
        settings: What calls are made with, too: our host and name, T1, whether MD5 is refused.

    Attributes:
        is_open: Whether new ones are taken.
    """

    def __init__(
        self, supervisor: Supervisor, around: Surroundings, delivery: Delivery, settings: CallSettings
    ) -> None:
        self.is_open = True
        self._supervisor = supervisor
        self._around = around
        self._delivery = delivery
        self._settings = settings
        self._active: dict[int, tuple[Carried, Ref | None]] = {}
        self._revivals: dict[int, tuple[int, Scheduled | None]] = {}
        self._moved: deque[Ref] = deque()
        self._moving: Scheduled | None = None
        self._emptied: Flag | None = None
        self._lives = 0

    def __len__(self) -> int:
        return len(self._active)

    def begin(self, item: Carried, token: str | None = None) -> None:
        """Have something run; from any thread.

        Args:
            item: What is to run.
            token: By which the router knows it; None: a new one.

        Raises:
            SIPCoreError: The engine is stopping.
        """
        self._supervisor.system.call(self._begin, item, token)

    def _begin(self, item: Carried, token: str | None = None) -> None:
        if not self.is_open:
            raise SIPCoreError("the engine is stopping")
        settings = self._settings
        client = RequestClient(
            token=token or secrets.token_hex(8),
            seed=secrets.token_hex(16),
            user_agent=settings.user_agent(),
            authorization=Authorization(item.accounts, settings.refuse_md5),
            transactions=Transactions(settings.timing),
        )
        self._run(item, item.initial(client, settings.host))

    def _run(self, item: Carried, core: Any) -> None:
        token = core.client.token
        self._lives += 1
        arguments = (core, self._around, item.post, item.lags, item.wish, partial(self._ended, item))
        child = ChildSpec(
            "actor",
            item.actor,
            arguments,
            Restart.TRANSIENT,
            shutdown=1.0,
            significant=True,
            mailbox_limit=MAILBOX_LIMIT,
        )
        spec = replace(ACTOR, id=f"{token}-{self._lives}", children=(child,), when_given_up=partial(self._bury, item))
        item.prepare(self._delivery.queue((("request", token),)))
        ref = self._supervisor.start_child(spec).child("actor")
        assert isinstance(ref, Ref), "a supervisor begins with its children"
        self._around.router.add(token, ref)
        self._active[id(item)] = item, ref
        item.attach(ref)

    def network_changed(self) -> None:
        """Have each of them look for its server anew; not all at once."""
        self._stay()
        self._moved = deque([ref for _, ref in self._active.values() if ref is not None])
        self._move()

    def _move(self) -> None:
        for _ in range(min(TURN, len(self._moved))):
            self._moved.popleft().tell(NetworkChanged())
        more = bool(self._moved)
        self._moving = self._supervisor.system.clock.call_later(TURN / PACE, self._move) if more else None

    def _stay(self) -> None:
        if self._moving is not None:
            self._moving.cancel()
        self._moved.clear()
        self._moving = None

    # Ending

    def _ended(self, item: Carried, ref: Ref) -> None:
        """Forget one that is over, unless it runs anew already or was asked for more in the last moment."""
        if self._active.get(id(item), (None, None))[1] is not ref:
            return
        core = ref.state
        if self._around.router.named(core.client.token) is ref:  # it left no transactions to their keeper
            self._around.router.forget(core.client.token)
        self._forget(item)
        if item.detach(core, is_over=True) and self.is_open:
            self._begin(item)

    def _forget(self, item: Carried) -> None:
        if self._active.pop(id(item), None) is not None:
            item.forgotten()
        _, scheduled = self._revivals.pop(id(item), (0, None))
        if scheduled is not None:
            scheduled.cancel()
        if self._emptied is not None and not self._active:
            self._emptied.set()

    def end(self, reason: str) -> None:
        """End all in the ordinary way; what does not come to an end in time is told to have ended."""
        self.is_open = False
        self._stay()
        if not self._active:
            return
        self._emptied = emptied = Flag()
        for number, (item, ref) in enumerate(list(self._active.values()), 1):
            item.finish()
            if ref is None:
                self._give_up(item, reason)
            if number % TURN == 0:
                gevent.sleep(TURN / PACE)
        if self._active:
            emptied.wait(GRACE)
        self.give_up(reason)

    def give_up(self, reason: str) -> None:
        """Tell the end of all that are left, whatever their actors do."""
        self.is_open = False
        self._stay()
        for item, _ in list(self._active.values()):
            self._give_up(item, reason)

    def _give_up(self, item: Carried, reason: str) -> None:
        self._forget(item)
        item.give_up(reason)

    # Going on after too many crashes

    def _bury(self, item: Carried, given_up: GivenUp) -> None:
        """Let one that has crashed too often go on, later, from its last committed state."""
        active = self._active.get(id(item))
        if active is None or active[1] is None:
            return
        core = active[1].state
        times = self._revivals.get(id(item), (0, None))[0] + 1
        pause = min(LONGEST_PAUSE, PAUSE * 2 ** min(times - 1, 10))
        self._around.router.log.warning("asker.suspended", error=str(given_up.error), pause=pause)
        item.detach(core, is_over=False)
        scheduled = self._supervisor.system.clock.call_later(pause, partial(self._revive, item, core))
        self._active[id(item)] = item, None
        self._revivals[id(item)] = times, scheduled

    def _revive(self, item: Carried, core: Any) -> None:
        try:
            self._run(item, core)
        except ActorError as error:
            self._give_up(item, f"crashed too often: {error}")
