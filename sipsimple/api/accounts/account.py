"""`Account`: who calls and is called, and everything that goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.api.asking.registration import Registration
from sipsimple.api.configuration import MSRPConfiguration, RTPConfiguration
from sipsimple.api.identity import Credentials, Route, checked_credentials, checked_route
from sipsimple.api.uri import SIPURI
from sipsimple.errors import SettingsError

if TYPE_CHECKING:
    from sipsimple.api.accounts.models import AccountSettings
    from sipsimple.api.accounts.settings import Settings
    from sipsimple.api.audio.sound_files import StrPath

LONGEST = 86400
"""Seconds that a registration may be asked for."""


def load_settings(path: StrPath | None = None) -> Settings:
    """Read the settings file and the environment: `accounts` by name, and `engine`, for `Engine().start(**engine)`.

    Args:
        path: Of the settings file, which must exist then; None: where it usually is.

    Raises:
        SettingsError: Something is wrong with them: the text has file, line and key.
        ModuleNotFoundError: The extra `settings` is not installed.
    """
    try:
        from sipsimple.api.accounts import settings
    except ModuleNotFoundError as error:
        needed = 'settings need an extra: pip install "sipsimple-gevent[settings]"'
        raise ModuleNotFoundError(needed, name=error.name) from error
    return settings.load_settings(path)


class Account:
    """An address, the password for it, the way to its server and how its media are sent.

    Args:
        credentials: Address and password.
        route: The outbound proxy; None: each request goes where its URI says.
        name: What people call it; by default its address.
        registers: Whether it is meant to be registered; the application goes by it, and `sipsimple doctor`.
        expires: Seconds that a registration is asked for, 10 to 86400.
        rtp_config: Of its sessions; None: that of the SessionManager.
        msrp_config: Likewise.

    Attributes:
        credentials: A copy of what was given.
        route: Likewise.
        name: As given.
        registers: As given.
        expires: As given.
        rtp_config: As given.
        msrp_config: As given.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: One has a bad value.
    """

    def __init__(
        self,
        credentials: Credentials,
        route: Route | None = None,
        *,
        name: str | None = None,
        registers: bool = True,
        expires: int = 600,
        rtp_config: RTPConfiguration | None = None,
        msrp_config: MSRPConfiguration | None = None,
    ) -> None:
        self.credentials = checked_credentials(credentials)
        self.route = checked_route(route)
        self.name = str(self.uri.uri()) if name is None else checking.line("name", name)
        self.registers = checking.boolean("registers", registers)
        self.expires = checking.integer("expires", expires, 10, LONGEST)
        self.rtp_config = checking.instance_or_none("rtp_config", rtp_config, RTPConfiguration)
        self.msrp_config = checking.instance_or_none("msrp_config", msrp_config, MSRPConfiguration)
        self._registration: Registration | None = None

    @property
    def uri(self) -> SIPURI:
        """Its address."""
        return self.credentials.uri

    @property
    def registration(self) -> Registration:
        """Its registration, made when it is first asked for; `register()` and `unregister()` are its methods."""
        if self._registration is None:
            self._registration = Registration(self.credentials, self.route, self.expires)
        return self._registration

    @property
    def service_route(self) -> tuple[str, ...]:
        """The way that its registrar asked its calls to take (RFC 3608); empty unless registered by `registration`."""
        return () if self._registration is None else self._registration.service_route

    @classmethod
    def load(cls, name: str | None = None, path: StrPath | None = None) -> Account:
        """Make an account of what the settings say, and get its password from where they say.

        Args:
            name: Of the account; None: the default one, or the only one there is.
            path: Of the settings file; None: where it usually is.

        Raises:
            SettingsError: The settings cannot be used, or the password cannot be had.
            ModuleNotFoundError: The extra `settings` is not installed.
        """
        return cls.from_settings(load_settings(path), name)

    @classmethod
    def from_settings(cls, settings: Settings, name: str | None = None) -> Account:
        """Make an account of settings that were read already.

        Args:
            settings: What `load_settings()` has returned.
            name: Of the account; None: the default one, or the only one there is.

        Raises:
            SettingsError: There is no such account, or its password cannot be had.
        """
        name, said = settings.account_named(name)
        uri = SIPURI.parse(said.uri)
        uri.display = said.display_name or uri.display
        try:
            credentials = Credentials(uri, _password(said, uri), username=said.username)
        except (TypeError, ValueError) as error:
            raise SettingsError(f"account {name!r}: {error}") from error
        return cls(
            credentials,
            _route(said, uri),
            name=name,
            registers=said.register_it,
            expires=said.expires,
            rtp_config=RTPConfiguration(**said.rtp) if said.rtp else None,
            msrp_config=MSRPConfiguration(**said.msrp) if said.msrp else None,
        )

    def __repr__(self) -> str:
        return f'<Account {self.name!r} "{self.uri}">'


def _password(said: AccountSettings, uri: SIPURI) -> str | None:
    from sipsimple.api.accounts import password

    if said.password_command is not None:
        return password.from_command(said.password_command)
    if said.password_keyring:
        return password.from_keyring(str(uri.uri()))
    return None if said.password is None else said.password.get_secret_value()


def _route(said: AccountSettings, uri: SIPURI) -> Route | None:
    """Return the outbound proxy; where only a transport is wanted, that is the server of the account's domain."""
    if said.outbound_proxy is None:
        return None if said.transport is None else Route(uri.host, uri.port or 0, said.transport)
    proxy = SIPURI.parse(said.outbound_proxy)
    transport = proxy.parameters.get("transport") or said.transport or ("tls" if proxy.secure else "udp")
    return Route(proxy.host, proxy.port or 0, transport)
