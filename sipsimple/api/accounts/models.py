"""The shape of the settings: what may stand in the file and in the environment.

What the engine and the configuration objects know of their fields is not said
again here: they check themselves what was written for them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from sipsimple.api.configuration import MSRPConfiguration, RTPConfiguration
from sipsimple.api.options import EngineOptions
from sipsimple.api.uri import SIPURI
from sipsimple.errors import SIPCoreError

Fields = dict[str, Any]


def _made(maker: type[Any], fields: Fields) -> Fields:
    """Return `fields` if an object can be made of them."""
    known = [name for name in getattr(maker, "__dataclass_fields__", {}) if not name.startswith("_")]
    for name in fields:
        if name not in known:
            raise ValueError(f"there is no {name!r}; there are {', '.join(known)}")
    try:
        maker(**fields)
    except TypeError as error:
        raise ValueError(str(error)) from None
    return fields


def _uri(text: str) -> str:
    try:
        SIPURI.parse(text)
    except (SIPCoreError, ValueError) as error:
        raise ValueError(str(error)) from None
    return text


EngineFields = Annotated[Fields, AfterValidator(lambda fields: _made(EngineOptions, fields))]
RTPFields = Annotated[Fields, AfterValidator(lambda fields: _made(RTPConfiguration, fields))]
MSRPFields = Annotated[Fields, AfterValidator(lambda fields: _made(MSRPConfiguration, fields))]
Address = Annotated[str, AfterValidator(_uri)]


class AccountSettings(BaseModel):
    """One account.

    Attributes:
        uri: Its address, such as `sip:alice@example.com`.
        display_name: Shown to who is called.
        username: What the server knows the user as, where that is not the user part of the address.
        password: The password itself.
        password_command: A command that prints it, with its arguments.
        password_keyring: The keyring of the desktop has it, under the service `sipsimple` and the address.
        outbound_proxy: A SIP URI that every request goes to first.
        transport: Of requests that do not say it by their URI or proxy.
        register_it: Whether it is registered when it is started; `register` in the file.
        expires: Seconds that a registration is asked for.
        rtp: Fields of `RTPConfiguration`.
        msrp: Fields of `MSRPConfiguration`, the relay among them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    uri: Address
    display_name: str | None = None
    username: str | None = None
    password: SecretStr | None = None
    password_command: tuple[str, ...] | None = Field(default=None, min_length=1)
    password_keyring: bool = False
    outbound_proxy: Address | None = None
    transport: Literal["udp", "tcp", "tls"] | None = None
    register_it: bool = Field(default=True, alias="register")
    expires: int = Field(default=600, ge=10, le=86400)
    rtp: RTPFields = Field(default_factory=dict)
    msrp: MSRPFields = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_one_password(self) -> AccountSettings:
        if sum([self.password is not None, self.password_command is not None, self.password_keyring]) > 1:
            raise ValueError("only one of password, password_command and password_keyring may be given")
        return self
