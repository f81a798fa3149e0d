"""The account that a command is carried out for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sipsimple.account import Account, load_settings
from sipsimple.actors.wire.sockets import source_address
from sipsimple.cli.endpoint import EndpointOptions
from sipsimple.cli.refusal import refusing

if TYPE_CHECKING:
    from pathlib import Path

    from sipsimple.cli.errand import Errand


@dataclass(frozen=True, slots=True)
class Mandate:
    """For whom a command is carried out.

    Attributes:
        account: Whose name and password, and which way.
        engine: Options of the engine that the settings ask for.
    """

    account: Account
    engine: dict[str, Any]


def mandate(name: str | None, config: Path | None) -> Mandate:
    """Read the settings and return the account that they call `name`; None: the one they mean by default.

    Raises:
        Refused: They cannot be used.
    """
    with refusing():
        settings = load_settings(config)
        return Mandate(Account.from_settings(settings, name), settings.engine)


def endpoint_for(given: Mandate, host: str | None, trace: Path | None) -> EndpointOptions:
    """Return the options of an endpoint that can reach the account's server."""
    account = given.account
    towards = account.uri.host if account.route is None else account.route.address
    chosen = host or given.engine.get("local_ip") or source_address(towards)
    return EndpointOptions(chosen, trace=trace, engine=given.engine)


def on_behalf(
    errand: Errand, options: EndpointOptions, name: str | None, config: Path | None
) -> tuple[Errand, EndpointOptions]:
    """Have an errand done for the account `name`, where one is named: its settings count for the endpoint too.

    Raises:
        Refused: The settings cannot be used.
    """
    if name is None and config is None:
        return errand, options
    given = mandate(name, config)
    towards = endpoint_for(given, options.host, options.trace).host
    return (
        replace(errand, caller=given.account.uri, account=given.account),
        replace(options, host=towards, engine=given.engine),
    )
