"""The MSRP relay of the account: a path is asked for, and given back."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from gevent.event import AsyncResult

from sipsimple.actors.msrp.relay import MSRPRelay
from sipsimple.actors.msrp.relay_finder import Service
from sipsimple.actors.msrp.relay_messages import RelayFailed, RelayReserved
from sipsimple.actors.msrp.relay_port import MSRPRelayPort
from sipsimple.actors.runtime import Actor, ChildSpec, Restart, handles
from sipsimple.actors.wire.sockets import family_of
from sipsimple.api.configuration import MSRPConfiguration
from sipsimple.api.relay_settings import MSRPRelaySettings
from sipsimple.api.relaying import relay_context
from sipsimple.cli.doctor.finding import Clerk, Finding
from sipsimple.cli.doctor.lookups import LookUps
from sipsimple.errors import MSRPChatError
from sipsimple.protocols.msrp.relay import relay as core
from sipsimple.protocols.sip.resolve.records import SRV, Kind, Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipsimple.account import Account
    from sipsimple.cli.doctor.subject import Subject

relay = Clerk("relay")

OWN = "msrps://127.0.0.1:2855/doctor;tcp"

ADVICE = {
    0: "Are relay_host, relay_port and relay_use_tls right in [accounts.NAME.msrp]? Is the relay up?",
    401: "Are the address and the password of the account those that the relay knows?",
    403: "The relay does not let this account: ask its operator.",
    408: "The relay does not answer. Is it up? A firewall may drop the connection.",
}
UNKNOWN = "Ask the operator of the relay."


class Applicant(Actor):
    """Owns a path at a relay, and keeps what the relay said first.

    Args:
        answer: Gets that.
    """

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    @handles(RelayReserved)
    @handles(RelayFailed)
    def keep(self, told: RelayReserved | RelayFailed) -> None:
        """Keep it."""
        if not self.answer.ready():
            self.answer.set(told)


def check_relay(subject: Subject) -> Iterator[Finding]:
    """Ask the relay that a chat of the account would go through for a path."""
    account = subject.account
    if account is None:
        yield relay.skipped("there is no account")
        return
    lookups = LookUps(subject.system, subject.name_servers)
    configuration = account.msrp_config or MSRPConfiguration()
    chosen = _chosen(account, configuration)
    if chosen is not None and chosen.host is None and not subject.targets:
        yield relay.skipped("the domain cannot be looked up")
    elif chosen is None or (chosen.host is None and not services(chosen.target.service, lookups)):
        yield relay.skipped("the account has no MSRP relay: chats go to their peers directly")
    elif not chosen.password:
        yield relay.wrong("a relay asks for a password, and the account has none", "See the check of the settings.")
    else:
        yield _examined(subject, chosen, configuration, lookups)


def _examined(
    subject: Subject, chosen: MSRPRelaySettings, configuration: MSRPConfiguration, lookups: LookUps
) -> Finding:
    try:
        context = relay_context(configuration, subject.options) if chosen.use_tls else None
    except MSRPChatError as error:
        return relay.wrong(error.reason, "Mend relay_ca_file in [accounts.NAME.msrp].")
    reservation = core.create(OWN, [chosen.target.uri], [chosen.credentials], secrets.token_hex(4))
    find = partial(services, lookups=lookups)
    return judge(_asked(subject, (reservation, MSRPRelayPort(), chosen.target), (context, find)), chosen.host)


def services(name: str, lookups: LookUps) -> list[Service]:
    """Return the relays that SRV records name, by their addresses, which the same name servers are asked for."""
    (answer,) = lookups.answers([Query(name, Kind.SRV)])
    found = []
    for each in answer.records:
        if isinstance(each, SRV):
            (address,) = lookups.answers([Query(each.target, Kind.A)])
            host = str(next(iter(address.records), each.target))
            found.append(Service(each.priority, each.weight, host, each.port))
    return found


def _asked(subject: Subject, what: tuple[Any, ...], how: tuple[Any, ...]) -> RelayReserved | RelayFailed:
    answer = AsyncResult()
    root = subject.system.root
    owner = subject.system.start_child(ChildSpec("applicant", Applicant, (answer,), Restart.TEMPORARY))
    try:
        root.start_child(ChildSpec("relay", MSRPRelay, (*what, owner, *how), Restart.TEMPORARY))
        told: RelayReserved | RelayFailed = answer.get()
    finally:
        for each in ("relay", "applicant"):
            root.terminate_child(each)
    return told


def _chosen(account: Account, configuration: MSRPConfiguration) -> MSRPRelaySettings | None:
    """Return the relay that is named, or that the domain may have."""
    if not (configuration.use_relay_incoming or configuration.use_relay_outgoing):
        return None
    own = account.uri
    if configuration.relay_host is None and (family_of(own.host) is not None or not account.credentials.password):
        return None
    return MSRPRelaySettings(
        own.host,
        account.credentials.username or own.user or "",
        account.credentials.password or "",
        configuration.relay_host,
        configuration.relay_port,
        configuration.relay_use_tls is not False,
    )


def judge(told: RelayReserved | RelayFailed, host: str | None) -> Finding:
    """Say what the relay has said."""
    if isinstance(told, RelayReserved):
        return relay.ok(f"the MSRP relay {host or 'of the domain'} has granted a path")
    code = f"{told.code} " if told.code else ""
    what = f"the MSRP relay {host or 'of the domain'}: {code}{told.reason}"
    return relay.wrong(what, ADVICE.get(told.code, UNKNOWN))
