"""The shape of the settings: what may stand in the file and in the environment.

What the engine and the configuration objects know of their fields is not said
again here: they check themselves what was written for them.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from sipsimple.api.configuration import MSRPConfiguration, RTPConfiguration
from sipsimple.api.engine.options import EngineOptions
from sipsimple.api.uri import SIPURI
from sipsimple.errors import SIPCoreError

Fields = dict[str, Any]


def _made(maker: type[Any], fields: Fields) -> Fields:
    """Return `fields` if an object can be made of them; what is wrong is told of its key."""
    wrong = [_wrong(name, why) for name in fields if (why := _objection(maker, name, fields[name])) is not None]
    if wrong:
        raise ValidationError.from_exception_data(maker.__name__, wrong)
    try:
        maker(**fields)
    except TypeError as error:
        raise ValueError(str(error)) from None
    return fields


def _objection(maker: type[Any], name: str, value: Any) -> str | None:
    known = [each.name for each in dataclasses.fields(maker) if each.init]
    if name not in known:
        return f"there is no {name!r}; there are {', '.join(known)}"
    check = maker.CHECKS.get(name)
    try:
        if check is not None:
            check(name, value)
    except (TypeError, ValueError) as error:
        return str(error)
    return None


def _wrong(name: str, why: str) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError("value_error", "{why}", {"why": why}), loc=(name,), input=None)


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
        register_it: Whether it is meant to be registered; `register` in the file.
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
