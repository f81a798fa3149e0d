"""The registrar: a short registration, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from sipsimple.cli.doctor.finding import Clerk, Finding
from sipsimple.cli.watch import Watch
from sipsimple.core import Registration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipsimple.cli.doctor.subject import Subject
    from sipsimple.notification import NotificationData

registrar = Clerk("registrar")

SECONDS = 60
"""What is asked for: it is taken back at once."""

CREDENTIALS = (
    "The server does not take the password. Is it right, and username, where that is not the user of the address?"
)
ADVICE = {
    401: CREDENTIALS,
    407: CREDENTIALS,
    403: f"{CREDENTIALS} Or the account is blocked: ask its provider.",
    404: "The server does not know the address. Is uri right in the settings, and the domain the server's own?",
    408: "Nobody answered. See what the check of the transports says.",
    423: "The server wants longer registrations: raise expires in the settings.",
    429: "The server asks for less at once: wait a while.",
    480: "Ask the provider of the account.",
    484: "The address is incomplete: look at uri in the settings.",
    503: "The server is overloaded or cannot be reached: try again later, or name another by outbound_proxy.",
}
OTHERS = {
    3: "The server sends us elsewhere: name that server by outbound_proxy.",
    4: "The server does not take the request: ask the provider of the account.",
    5: "The server is in trouble: try again later, and tell its operator.",
    6: "The server refuses the address everywhere: ask the provider of the account.",
}
NOTHING_TO_ANSWER = "The server asks for a password, and the settings have none."
STAYS = "The binding of this test ends by itself within {} s."


def check_registrar(subject: Subject) -> Iterator[Finding]:
    """Register for a while as a device of its own, so that nobody's binding is replaced, and take it back."""
    account = subject.account
    if account is None or not subject.targets:
        yield registrar.skipped("no registrar is known")
        return
    if not account.registers:
        yield registrar.skipped("the account says register = false")
        return
    registration = Registration(account.credentials, account.route, SECONDS, instance_id=uuid4(), reg_id=None)
    with Watch(registration) as watch:
        registration.register()
        watch.wait(lambda: bool(_outcomes(watch)), subject.limit * 0.8)
        outcome = next(iter(_outcomes(watch)), None)
        if outcome is not None and outcome.code is not None and 200 <= outcome.code < 300:
            yield from granted(outcome)
            yield _taken_back(registration, watch, outcome.expires, subject.patience)
            return
        registration.unregister()
        if outcome is None:
            yield registrar.wrong("the registrar has not answered", ADVICE[408])
        else:
            yield refused(outcome.code, outcome.reason, account.credentials.password is not None)


def _outcomes(watch: Watch) -> list[NotificationData]:
    return list(watch.named("SCRegistrationDidSucceed", "SCRegistrationDidFail"))


def granted(outcome: NotificationData) -> Iterator[Finding]:
    """Say what the registrar has granted, and who else is bound."""
    yield registrar.ok(f"registered for {outcome.expires} s as {outcome.contact_uri}")
    others = [uri for uri, _ in outcome.contact_uri_list or () if uri != outcome.contact_uri]
    if others:
        yield registrar.ok(f"other devices are registered too: {', '.join(others)}")
    if outcome.expires > SECONDS:
        yield registrar.ok(f"the registrar grants no less than {outcome.expires} s")


def refused(code: int | None, reason: str, has_secret: bool) -> Finding:
    """Say why there is no registration, and what to do."""
    number = code or 0
    if number in (401, 407) and not has_secret:
        return registrar.wrong(f"the registrar says {code} {reason}", NOTHING_TO_ANSWER)
    advice = ADVICE.get(number) or OTHERS.get(number // 100) or ADVICE[408]
    return registrar.wrong(f"the registrar says {code} {reason}", advice)


def _taken_back(registration: Registration, watch: Watch, seconds: int, patience: float) -> Finding:
    told = len(_outcomes(watch))
    registration.unregister()
    has_ended = watch.wait(lambda: any(watch.named("SCRegistrationDidEnd")), patience)
    if has_ended and len(_outcomes(watch)) == told:
        return registrar.ok("unregistered")
    return registrar.warning("the registrar has not taken the registration back", STAYS.format(seconds))
