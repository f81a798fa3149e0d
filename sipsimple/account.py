"""Import path of accounts and settings; beside the published API."""

from sipsimple.api.accounts.account import Account, load_settings
from sipsimple.errors import SettingsError

__all__ = ["Account", "SettingsError", "load_settings"]
