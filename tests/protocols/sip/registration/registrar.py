"""A registration, and a registrar that is played by hand."""

from __future__ import annotations

from typing import Any

from sipsimple.protocols.sip.registration import state as core
from sipsimple.protocols.sip.registration.events import Ended, KeepAlive, Register
from sipsimple.protocols.sip.registration.step import step, timer_fired
from sipsimple.protocols.sip.registration.terms import Terms
from sipsimple.protocols.sip.renewals import Backoff
from sipsimple.protocols.sip.request.draft import OwnContact
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.values import replace
from tests.protocols.sip.asker import TOKEN, Asker, client, follow_changes

INSTANCE = "urn:uuid:00000000-0000-1000-8000-000a95a0e128"
CONTACT = "sip:alice-token@192.0.2.1:5060"

TERMS = Terms(
    "<sip:alice@example.org>",
    "sip:example.org",
    OwnContact("alice-token"),
    expires=600,
    instance=INSTANCE,
    backoff=Backoff(30.0, 1800.0),
)


class Registering(Asker):
    """One registration, and what it asked for."""

    def __init__(self, password: str | None = "secret", **terms: Any) -> None:
        made = core.new(replace(TERMS, **terms), client(password), "call-1", TOKEN)
        super().__init__(made, step, timer_fired)
        self.kept: list[KeepAlive] = []
        self.ended = 0

    def _follow(self, before: Any, outputs: tuple[Any, ...]) -> None:
        """Each change of state is in the log, also of those that applications do not see."""
        super()._follow(before, outputs)
        notes = [each.data for each in outputs if isinstance(each, Note) and each.event == "registration.changed"]
        follow_changes(notes, "previous", before.state.value, self.core.state.value)

    def _carry(self, output: Any) -> None:
        if isinstance(output, KeepAlive):
            self.kept.append(output)
        elif isinstance(output, Ended):
            self.ended += 1
        else:
            super()._carry(output)

    def grant(self, expires: int | str = 600, *headers: tuple[str, str], others: str = "") -> None:
        """Answer the last REGISTER with 200 and its Contact."""
        contact = self.requests[-1].get("contact")
        self.answer(200, (("Contact", f"{others}{contact};expires={expires}"), *headers))

    @property
    def state(self) -> str:
        return self.core.state.value

    @property
    def asked_for(self) -> list[int]:
        """The seconds that each REGISTER asked for."""
        return [each.expires for each in self.requests]


def registering(**options: Any) -> Registering:
    """One that has asked for the first time."""
    party = Registering(**options)
    party.take(Register())
    return party


def registered(expires: int = 600, **options: Any) -> Registering:
    """One that is registered; what was told so far is forgotten."""
    party = registering(**options)
    party.grant(expires)
    party.told.clear()
    return party
