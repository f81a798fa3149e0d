"""Which values the garbage collector looks at: those that hold what may lead back to them, and no others."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import sipsimple
from sipsimple.protocols.values import Value

LEADS_BACK = re.compile(
    r"\b(Any|object|Actor|Ref|BaseException|\w+Error|Callable|PasswordOf|SessionStream|ConnectionBound)\b"
)
"""In the type of a field: what may hold the value that holds it."""

PURE = {"data", "commands", "command", "make_ack", "make_trying", "records", "others", "status"}
"""Fields of cores with such a type that hold texts, numbers, values and plain functions all the same."""


def values(cls: type = Value) -> list[type]:
    return [each for child in cls.__subclasses__() for each in (child, *values(child))]


@pytest.fixture(scope="module", autouse=True)
def _everything() -> None:
    for module in pkgutil.walk_packages(sipsimple.__path__, "sipsimple."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def fields(cls: type) -> dict[str, str]:
    annotations = {
        name: str(kind) for each in cls.__mro__ for name, kind in getattr(each, "__annotations__", {}).items()
    }
    return {name: annotations[name] for name in cls.__struct_fields__}


def leads_back(cls: type) -> bool:
    exempt = PURE if cls.__module__.startswith("sipsimple.protocols.") else set()
    return any(LEADS_BACK.search(kind) for name, kind in fields(cls).items() if name not in exempt)


def test_a_value_is_collected_if_it_may_be_part_of_a_cycle() -> None:
    told = {
        f"{each.__module__}.{each.__qualname__}": each.__struct_config__.gc
        for each in values()
        if each.__struct_fields__
    }

    assert told == {
        f"{each.__module__}.{each.__qualname__}": leads_back(each) for each in values() if each.__struct_fields__
    }


def test_a_core_is_never_collected() -> None:
    collected = {each.__name__ for each in values() if each.__struct_config__.gc}

    assert collected & {"Call", "Chat", "Dialog", "Transactions", "Negotiation", "Notify", "Send"} == set()
    assert {"Line", "ChildSpec", "Malformed"} <= collected
