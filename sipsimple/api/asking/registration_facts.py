"""What a registration is: everything that can be read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api.identity import Sender

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Ref
    from sipsimple.protocols.sip.registration.answer import Answer
    from sipsimple.protocols.sip.registration.state import Registration as Core


class RegistrationFacts(Sender):
    """The attributes of a registration."""

    _instance: str
    _core: Core | None
    _ref: Ref | None

    def __repr__(self) -> str:
        return f"<Registration {self._credentials.uri} {self.state}>"

    @property
    def core(self) -> Core | None:
        """The last committed state; None before the first `register()`."""
        ref = self._ref
        return self._core if ref is None else ref.state

    @property
    def _answer(self) -> Answer | None:
        core = self.core
        return None if core is None or core.shown != "registered" else core.answer

    @property
    def state(self) -> str:
        """unregistered, registering, registered or unregistering."""
        core = self.core
        return "unregistered" if core is None else core.shown

    @property
    def instance_id(self) -> str:
        """The URN by which the registrar knows us again after a restart."""
        return self._instance

    @property
    def expires_received(self) -> int | None:
        """Seconds that the registrar granted last; None unless registered."""
        answer = self._answer
        return None if answer is None else answer.expires

    @property
    def contact_uri(self) -> str | None:
        """What is bound to the address by this registration; None unless registered."""
        core = self.core
        return None if core is None or self._answer is None else core.contact_uri

    @property
    def contact_uri_list(self) -> list[tuple[str, int | None]] | None:
        """All bindings of the address, of whatever user agent: URI and seconds; None unless registered."""
        answer = self._answer
        return None if answer is None else [(each.uri, each.expires) for each in answer.bindings]

    @property
    def service_route(self) -> tuple[str, ...]:
        """The Route values that requests of this address should take (RFC 3608); empty unless registered."""
        answer = self._answer
        return () if answer is None else answer.service_route

    @property
    def path(self) -> tuple[str, ...]:
        """The proxies through which requests come to us (RFC 3327); empty unless registered."""
        answer = self._answer
        return () if answer is None else answer.path

    @property
    def public_gruu(self) -> str | None:
        """A URI that reaches this very user agent and may be known (RFC 5627); None where there is none."""
        answer = self._answer
        return None if answer is None else answer.public_gruu

    @property
    def temporary_gruu(self) -> str | None:
        """A URI that reaches this very user agent and does not tell whose it is; None where there is none."""
        answer = self._answer
        return None if answer is None else answer.temporary_gruu
