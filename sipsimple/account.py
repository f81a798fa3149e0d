"""Import path of accounts and settings; beside the published API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api.accounts.account import Account
from sipsimple.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from sipsimple.api.accounts.settings import Settings

__all__ = ["Account", "SettingsError", "load_settings"]


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings file and the environment; see `sipsimple.api.accounts.settings.load_settings`.

    Raises:
        SettingsError: Something is wrong with them: the text has file, line and key.
        ModuleNotFoundError: The extra `settings` is not installed.
    """
    from sipsimple.api.accounts import settings

    return settings.load_settings(path)
