"""The settings file and the environment: `~/.config/sipsimple/config.toml`, `SIPSIMPLE_...`."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as NotJSON

from sipsimple.api.accounts.environment import Variables
from sipsimple.api.accounts.models import AccountSettings, EngineFields
from sipsimple.api.accounts.places import line_of
from sipsimple.errors import SettingsError

if TYPE_CHECKING:
    from pydantic_settings import PydanticBaseSettingsSource

    from sipsimple.api.audio.sound_files import StrPath

PREFIX = "SIPSIMPLE_"
BETWEEN = "__"
PATH_VARIABLE = f"{PREFIX}CONFIG"

_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)$")


class Settings(BaseSettings):
    """Everything that the file and the environment say; the environment wins.

    A variable is `SIPSIMPLE_` and the keys with two underscores between them: `SIPSIMPLE_ACCOUNTS__WORK__PASSWORD`.

    Attributes:
        default_account: The account that is meant where none is named; the only one there is needs no such line.
        engine: Options of `Engine.start()`.
        accounts: By their names.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=BETWEEN, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    default_account: str | None = None
    engine: EngineFields = Field(default_factory=dict)
    accounts: dict[str, AccountSettings] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over what the file says."""
        del env_settings, dotenv_settings, file_secret_settings
        return Variables(settings_cls), init_settings

    def account_named(self, name: str | None = None) -> tuple[str, AccountSettings]:
        """Return an account and its name: the one named, else the default, else the only one.

        Raises:
            SettingsError: There is no such account, or it is not clear which one is meant.
        """
        if not self.accounts:
            raise SettingsError("the settings have no account; `sipsimple doctor` says how to write one")
        known = ", ".join(self.accounts)
        wanted = name or self.default_account
        if wanted is None and len(self.accounts) == 1:
            wanted = next(iter(self.accounts))
        if wanted is None:
            raise SettingsError(f"which account is meant? there are: {known}; set default_account")
        if wanted not in self.accounts:
            raise SettingsError(f"there is no account {wanted!r}; there are: {known}")
        return wanted, self.accounts[wanted]


def default_path() -> Path:
    """Return where the file is looked for: `SIPSIMPLE_CONFIG`, else under `XDG_CONFIG_HOME`, else `~/.config`."""
    chosen = os.environ.get(PATH_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "sipsimple" / "config.toml"


def load_settings(path: StrPath | None = None) -> Settings:
    """Read the file and the environment.

    Args:
        path: Of the file, which must exist then; by default `default_path()`, which need not.

    Raises:
        SettingsError: Something is wrong with them: the text has file, line and key.
    """
    place = default_path() if path is None else Path(path)
    text = _text(place, must_exist=path is not None or PATH_VARIABLE in os.environ)
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{place}:{_line_of_end(error, text)}: {error}") from None
    _refuse_readers(place, said)
    _refuse_unknown_tables()
    try:
        return Settings(**said)
    except NotJSON as error:
        raise SettingsError(f"the environment: {error}") from None
    except ValidationError as error:
        raise SettingsError("\n".join(_complaint(place, text, each) for each in error.errors())) from None


def _text(place: Path, *, must_exist: bool) -> str:
    try:
        return place.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if must_exist:
            raise SettingsError(f"{place}: there is no such file") from error
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{place}: cannot be read: {error}") from error


def _complaint(place: Path, text: str, error: Any) -> str:
    """Write one error in one line; never the value, which may be a password."""
    keys = tuple(str(each) for each in error["loc"])
    variable = _variable(keys)
    line = line_of(text, keys)
    where = variable or (f"{place}:{line}" if line is not None else f"{place} or the environment")
    return f"{where}: {'.'.join(keys)}: {error['msg'].removeprefix('Value error, ')}"


def _variable(keys: tuple[str, ...]) -> str | None:
    """Return the variable that says what `keys` is, in place of the file; None when there is none."""
    meant = f"{PREFIX}{BETWEEN.join(keys)}".upper()
    return next((name for name in os.environ if name.upper() == meant), None)


def _line_of_end(error: tomllib.TOMLDecodeError, text: str) -> int:
    """Return the line where the file could not be read on: for what is unfinished at its end the last one."""
    told = _AT_LINE.search(str(error))
    return int(told[1]) if told else max(1, len(text.rstrip().splitlines()))


def _refuse_readers(place: Path, said: dict[str, Any]) -> None:
    """Refuse a file with passwords that others may read.

    Raises:
        SettingsError: It is such a file.
    """
    accounts = said.get("accounts")
    has_password = isinstance(accounts, dict) and any(
        isinstance(each, dict) and "password" in each for each in accounts.values()
    )
    if has_password and place.stat().st_mode & 0o077:
        raise SettingsError(f"{place}: has passwords and can be read by others: chmod 600 {place}")


def _refuse_unknown_tables() -> None:
    """Refuse a variable for a table that there is not: it would change nothing, and nobody would know why.

    Raises:
        SettingsError: There is one.
    """
    for name in os.environ:
        table, between, _key = name.upper().partition(BETWEEN)
        if between and table.startswith(PREFIX) and table.removeprefix(PREFIX).lower() not in Settings.model_fields:
            raise SettingsError(
                f"{name}: there is no table {table.removeprefix(PREFIX).lower()!r}, only engine and accounts"
            )
