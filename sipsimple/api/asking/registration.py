"""`Registration`: one registration as applications hold it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sipsimple.api import checking, native
from sipsimple.api.asking.header_lines import checked_lines
from sipsimple.api.asking.registering import LONGEST, instance_urn, terms_of
from sipsimple.api.asking.registration_facts import RegistrationFacts
from sipsimple.api.notification.notification import NotificationData
from sipsimple.api.telling import tell_or
from sipsimple.api.uri import SIPURI, required_uri
from sipsimple.protocols.sip.registration.events import NetworkChanged, Register, Unregister
from sipsimple.protocols.sip.registration.state import State
from sipsimple.protocols.sip.renewals import Backoff
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from sipsimple.actors.runtime import Ref
    from sipsimple.api.asking.registrations import Registrations
    from sipsimple.api.identity import Credentials, Route
    from sipsimple.api.notification.delivery import NotificationQueue
    from sipsimple.protocols.sip.registration.state import Registration as Core
    from sipsimple.protocols.sip.registration.terms import Terms

_lock = native.module_lock(reentrant=True)
"""Held while what is wanted is brought together with what runs; never while anything is waited for."""


class Registration(RegistrationFacts):
    """Keeps one address bound to this user agent at its registrar.

    Once asked for, the binding is refreshed before it ends, made anew when the
    connection is lost or the network changes, and tried for again, with growing
    pauses, when the registrar fails. Every method may be called from any thread
    and any greenlet, also from within an observer, and returns at once.

    Args:
        credentials: The address, and the passwords for it. Its `token` is the user part of our Contact.
        route: The outbound proxy; None: the host of the address says where its registrar is.
        expires: Seconds to ask for.
        contact_uri: To be bound in place of our own address.
        extra_headers: Header lines for each REGISTER.
        instance_id: A UUID that is the same after each start of the application, so that the registrar replaces
            our old binding; None: one that follows from this host and the address.
        reg_id: Tells the registrations of one address by several proxies apart; None: no outbound (RFC 5626).
        keep_alive: Have the way to the registrar kept open by small packets.
        retry_interval: Seconds from which the pauses after failures grow.
        max_retry_interval: Seconds beyond which they do not.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: One has a bad value.
    """

    def __init__(
        self,
        credentials: Credentials,
        route: Route | None = None,
        expires: int = 300,
        contact_uri: SIPURI | None = None,
        extra_headers: Mapping[str, str] | None = None,
        *,
        instance_id: str | uuid.UUID | None = None,
        reg_id: int | None = 1,
        keep_alive: bool = True,
        retry_interval: float = 30.0,
        max_retry_interval: float = 1800.0,
    ) -> None:
        super().__init__(credentials, route)
        if contact_uri is not None:
            required_uri("contact_uri", contact_uri)
        self._expires = checking.integer("expires", expires, 1, LONGEST)
        self._contact_uri = None if contact_uri is None else contact_uri.copy()
        self._headers = checked_lines(extra_headers, ("expires", "supported"))
        self._instance = instance_urn(instance_id, self._credentials.uri)
        self._reg_id = None if reg_id is None else checking.integer("reg_id", reg_id, 1, LONGEST)
        self._keep_alive = checking.boolean("keep_alive", keep_alive)
        pause = checking.seconds("retry_interval", retry_interval)
        self._backoff = Backoff(pause, checking.seconds("max_retry_interval", max_retry_interval))
        self._core: Core | None = None
        self._ref: Ref | None = None
        self._home: Registrations | None = None
        self._queue: NotificationQueue | None = None
        self._is_wanted = False

    @property
    def expires(self) -> int:
        """Seconds to ask for; a change counts from the next `register()` on."""
        return self._expires

    @expires.setter
    def expires(self, value: int) -> None:
        self._expires = checking.integer("expires", value, 1, LONGEST)

    def register(self) -> None:
        """Bind the address to this user agent, and keep it bound; one that is bound is refreshed at once.

        While it is being unregistered the wish is remembered, and carried out after that.

        Raises:
            SIPCoreError: The engine does not run, or is stopping.

        Notifications:
            SCRegistrationChangedState to registering; then to registered, and SCRegistrationDidSucceed, again for
            each refresh; or SCRegistrationDidFail, whose `retry_after` says when the next try comes; None: none does.
            SCRegistrationDidEnd with `expired` when the registrar could not be reached for the whole lifetime of
            the binding: the tries go on.

        RFC: 3261 10.2; 5626 4.
        """
        from sipsimple.api.engine.engine import Engine

        home = Engine().core.registrations
        with _lock:
            self._is_wanted = True
            ref, is_new = self._ref, self._home is None
            if is_new:
                self._home = home
        if is_new:
            self._begin(home)
        elif ref is not None:
            tell_or(ref, Register(self._expires), partial(self._begin_again, home))

    def _begin(self, home: Registrations) -> None:
        try:
            home.begin(self)
        except BaseException:
            with _lock:
                self._is_wanted, self._home = False, None
            raise

    def _begin_again(self, home: Registrations) -> None:
        """Register by a new actor, on the hub: the one that was told has ended."""
        has_ended = self._home is None or (self._ref is not None and not self._ref.is_alive)
        if self._is_wanted and has_ended and home.is_open:
            self._home = home
            home.begin(self)

    def unregister(self) -> None:
        """Take the binding back, and no other; nothing happens where there is nothing to end.

        Notifications:
            SCRegistrationChangedState to unregistering, SCRegistrationWillEnd; then SCRegistrationChangedState to
            unregistered and SCRegistrationDidEnd, before which SCRegistrationDidFail tells if the registrar did not
            agree: the binding then ends by itself.

        RFC: 3261 10.2.2.
        """
        with _lock:
            self._is_wanted = False
            if self._ref is not None:
                self._ref.tell(Unregister())

    def refresh(self) -> None:
        """Look for the registrar anew and refresh at once, as after a change of the network.

        A pause after a failure ends; nothing happens where nothing is registered or tried.

        Notifications:
            As of a refresh.
        """
        with _lock:
            if self._ref is not None:
                self._ref.tell(NetworkChanged())

    # For `Registrations` and the actor

    @property
    def is_wanted(self) -> bool:
        """What the application asked for last."""
        return self._is_wanted

    def terms(self) -> Terms:
        """Return what the core is given; the engine calls this."""
        return terms_of(
            self._credentials,
            self._route,
            self._expires,
            self._contact_uri,
            self._headers,
            self._instance,
            self._reg_id,
            self._keep_alive,
            self._backoff,
        )

    def attach(self, home: Registrations, ref: Ref, queue: NotificationQueue) -> None:
        """Be run by an actor from now on; the engine calls this."""
        with _lock:
            self._home, self._ref = home, ref
            self._queue = self._queue if self._queue is not None and self._queue.delivery is queue.delivery else queue

    def detach(self, core: Core | None, *, is_over: bool) -> None:
        """Be run by no actor any more: `core` is what is left; the engine calls this.

        Args:
            core: The last state.
            is_over: Nothing is tried any more.
        """
        with _lock:
            self._core, self._ref = core, None
            if is_over:
                self._home = None

    @property
    def ref(self) -> Ref | None:
        """The actor; None where none runs."""
        return self._ref

    def give_up(self, reason: str) -> None:
        """Tell the end: there is nobody left who could do more; the engine calls this."""
        core = self.core
        if core is None:
            return
        previous = core.shown
        self.detach(replace(core, state=State.UNREGISTERED, answer=None, is_wanted=False), is_over=True)
        if previous != "unregistered":
            data = dict.fromkeys(("code", "contact_uri", "expires", "contact_uri_list"))
            changed = {**data, "prev_state": previous, "state": "unregistered", "reason": reason}
            self.notify("SCRegistrationChangedState", changed)
        self.notify("SCRegistrationDidEnd", {"code": None, "reason": reason, "expired": False})

    def notify(self, name: str, data: Mapping[str, Any]) -> None:
        """Post a notification; the engine calls this."""
        if self._queue is not None:
            self._queue.post(self, name, NotificationData(**data, route=self.route))
