"""What the text of an environment variable means where the option is no text.

The settings file has numbers and truths of its own; a variable has only text. What a field of the engine's options or
of a configuration object is tells how the text for it is read: a truth in any of the usual words, else JSON.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic_settings import EnvSettingsSource

from sipsimple.api.configuration import MSRPConfiguration, RTPConfiguration
from sipsimple.api.engine.options import EngineOptions

_OF_ACCOUNT = {"rtp": RTPConfiguration, "msrp": MSRPConfiguration}
_TRUTH = TypeAdapter(bool)


class Variables(EnvSettingsSource):
    """What the environment says, with values in place of their texts."""

    def __call__(self) -> dict[str, Any]:
        """Return it."""
        said = super().__call__()
        _read_tables(said, {"engine": EngineOptions})
        accounts = said.get("accounts")
        for account in accounts.values() if isinstance(accounts, dict) else ():
            if isinstance(account, dict):
                _read_tables(account, _OF_ACCOUNT)
        return said


def _read_tables(said: dict[str, Any], makers: dict[str, type[Any]]) -> None:
    for key, maker in makers.items():
        table = said.get(key)
        if isinstance(table, dict):
            said[key] = {name: meaning(maker, name, value) for name, value in table.items()}


def meaning(maker: type[Any], name: str, value: Any) -> Any:
    """Return what `value` means for a field of `maker`; text that means nothing as it is, for the field to refuse."""
    field = maker.__dataclass_fields__.get(name)
    if field is None or not isinstance(value, str):
        return value
    kinds = str(field.type).split(" | ")
    if "str" in kinds:
        return value
    try:
        return _TRUTH.validate_python(value) if "bool" in kinds else json.loads(value)
    except ValueError:
        return value
