"""The settings: the file, its lines, the account, and whether its password can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.account import Account, SettingsError, load_settings
from sipsimple.cli.doctor.finding import Clerk, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sipsimple.api.accounts.settings import Settings
    from sipsimple.cli.doctor.subject import Subject

settings = Clerk("settings")

EXAMPLE = """Write it like this, and chmod 600 it:
[accounts.work]
uri = "sip:alice@example.com"
password_command = ["pass", "show", "sip/alice"]"""

MEND = "Mend the line that is named; docs/accounts.md says what may stand there."
WITHOUT = "Give password, password_command or password_keyring in [accounts.{}]; most servers ask for one."


def check_settings(subject: Subject) -> Iterator[Finding]:
    """Read the settings, and the password of the account."""
    try:
        said = load_settings(subject.config)
    except ModuleNotFoundError:
        yield settings.skipped("the settings cannot be read", 'pip install "sipsimple-gevent[settings]"')
        return
    except SettingsError as error:
        for line in str(error).splitlines():
            yield settings.wrong(line, EXAMPLE if "no such file" in line else MEND)
        return
    subject.engine = said.engine
    if not said.accounts and subject.name is None:
        yield settings.warning(f"there is no account in {_place(subject.config)}", EXAMPLE)
        return
    yield from _account(subject, said)


def _account(subject: Subject, said: Settings) -> Iterator[Finding]:
    try:
        name, of_account = said.account_named(subject.name)
        account = Account.from_settings(said, subject.name)
    except SettingsError as error:
        yield settings.wrong(str(error), f"See {_place(subject.config)}.")
        return
    subject.account = account
    yield settings.ok(f"account {name!r} in {_place(subject.config)}: {account.uri.uri()}")
    if account.credentials.password is None:
        yield settings.warning("there is no password", WITHOUT.format(name))
    else:
        yield settings.ok("the password can be had")
    if account.uri.secure and of_account.transport not in (None, "tls"):
        yield settings.warning(f"a sips: address goes by TLS, not by {of_account.transport}", "Remove the transport.")


def _place(config: Path | None) -> Path:
    from sipsimple.api.accounts.settings import default_path

    return default_path() if config is None else config
