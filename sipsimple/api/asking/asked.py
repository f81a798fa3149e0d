"""What subscriptions, publications and single requests have alike as applications hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sipsimple.api import native
from sipsimple.api.identity import Sender
from sipsimple.api.limits import MOST_UNHEARD
from sipsimple.api.notification.notification import NotificationData

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sipsimple.actors.runtime import Ref
    from sipsimple.actors.sip.asking import Asking
    from sipsimple.api.asking.askers import Askers
    from sipsimple.api.notification.delivery import NotificationQueue
    from sipsimple.protocols.sip.authorization import Account
    from sipsimple.protocols.sip.request.client import RequestClient

lock = native.module_lock(reentrant=True)
"""Held while what is wished is brought together with what runs; never while anything is waited for."""


class Carried:
    """Is run by an actor from its first command to its end.

    Every method may be called from any thread and any greenlet, also from
    within an observer, and returns at once.
    """

    actor: ClassVar[type[Asking]]
    idle_state: ClassVar[str]
    """What `state` says where nothing runs."""
    begun_state: ClassVar[str]
    """What it says until the actor has done its first step."""
    prefix: ClassVar[str]
    """Of the names of its notifications."""

    def __init__(self) -> None:
        self._core: Any = None
        self._ref: Ref | None = None
        self._is_running = False
        self._queue: NotificationQueue | None = None
        self._wish: Any = None
        self._is_again = False

    @property
    def core(self) -> Any:
        """The last committed state; None before there is one."""
        ref = self._ref
        return self._core if ref is None else ref.state

    @property
    def is_running(self) -> bool:
        """It was begun and is not over."""
        ref = self._ref
        return self._is_running and (self._is_again or ref is None or not ref.state.is_over)

    @property
    def state(self) -> str:
        """The published state."""
        if not self.is_running:
            return self.idle_state
        core = self.core
        return self.begun_state if core is None or core.is_over or core.is_new else str(core.shown)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """What challenges are answered with."""
        return ()

    def _want(self, home: Askers, wish: Callable[[], object]) -> None:
        """Have what the application wants done; by an actor that is made if none runs.

        Args:
            home: Makes it.
            wish: Makes the command, or raises.

        Raises:
            SIPCoreError: The engine is stopping.
        """
        with lock:
            made, former = wish(), self._wish
            self._wish = made
            is_new = not self._is_running
            self._is_running = True
            if not is_new and self._ref is not None:
                self._is_again = self._ref.state.is_over  # its actor has ended, but has not said so yet
                self._ref.tell(made)
        if not is_new:
            return
        try:
            home.begin(self)
        except BaseException:
            with lock:
                self._wish, self._is_running = former, False
            raise

    def _want_end(self, wish: object) -> None:
        with lock:
            self._wish, self._is_again = wish, False
            if self._ref is not None:
                self._ref.tell(wish)

    # For `Askers` and the actor

    def initial(self, client: RequestClient, host: str) -> Any:
        """Return the core to begin with."""
        raise NotImplementedError

    def finish(self) -> None:
        """End in the ordinary way: the engine is stopping."""
        raise NotImplementedError

    def wish(self) -> object:
        """Return the last command of the application; the engine calls this."""
        return self._wish

    def prepare(self, queue: NotificationQueue) -> None:
        """Get ready to be run; the engine calls this."""
        if self._queue is None or self._queue.delivery is not queue.delivery:
            self._queue = queue

    def attach(self, ref: Ref) -> None:
        """Be run by an actor from now on; what was wished since it was made is told again; the engine calls this."""
        with lock:
            self._ref, self._is_running = ref, True
            ref.tell(self._wish)

    def detach(self, core: Any, *, is_over: bool) -> bool:
        """Be run no more, or for a while; tell whether more was asked for than was done; the engine calls this."""
        with lock:
            self._core, self._ref = None if is_over else core, None
            more = is_over and (self._is_again or self._has_more(core))
            self._is_running, self._is_again = more or not is_over, False
            return more

    def _has_more(self, _core: Any) -> bool:
        return False

    def forgotten(self) -> None:
        """Take note that it is run no more; the engine calls this."""

    def give_up(self, reason: str) -> None:
        """Tell the end: there is nobody left who could do more; the engine calls this."""
        previous = self.state
        self.detach(self.core, is_over=True)
        with lock:
            self._is_running = self._is_again = False
        if previous != self.idle_state:
            data = {"prev_state": previous, "state": self.idle_state, "code": None, "reason": reason}
            self.post(f"{self.prefix}ChangedState", data)
        self.post(f"{self.prefix}DidEnd", {"code": None, "reason": reason, "expired": False})
        self._queue = None  # whatever its actor still says

    def lags(self) -> bool:
        """Tell whether so much waits for observers that the peer has to wait, too; its actor asks."""
        return self._queue is not None and self._queue.depth >= MOST_UNHEARD

    def post(self, name: str, data: Mapping[str, Any]) -> None:
        """Post a notification; the engine calls this."""
        if self._queue is not None:
            self._queue.post(self, name, NotificationData(**data))


class Asked(Sender, Carried):
    """Has credentials and a route besides."""

    @property
    def accounts(self) -> tuple[Account, ...]:
        """What challenges are answered with."""
        return self._credentials.accounts

    @property
    def _routes(self) -> tuple[str, ...]:
        return () if self._route is None else (self._route.header_value(),)
