"""The names of the API as pages write them, and whether there is such a thing."""

from __future__ import annotations

import ast
import importlib.util
import inspect

import sipsimple
import sipsimple.account
import sipsimple.core
import sipsimple.msrp
import sipsimple.notification
import sipsimple.session
from sipsimple.api.engine.options import EngineOptions

MODULES = (sipsimple.core, sipsimple.session, sipsimple.msrp, sipsimple.account, sipsimple.notification)
PUBLIC = {word: getattr(module, word) for module in MODULES for word in module.__all__}
VARIABLES = {
    "session": PUBLIC["Session"],
    "call": PUBLIC["Session"],
    "chat": PUBLIC["MSRPChat"],
    "transfer": PUBLIC["MSRPFileTransfer"],
    "registration": PUBLIC["Registration"],
    "account": PUBLIC["Account"],
    "msrp_config": PUBLIC["MSRPConfiguration"],
    "rtp_config": PUBLIC["RTPConfiguration"],
    "ringtone_config": PUBLIC["RingtoneConfiguration"],
    "theirs": PUBLIC["IncomingSubscription"],
}
"""What stands for an object of which class, in each page."""


def kind_of(node: ast.expr) -> type | None:
    """Return the public class that an expression makes or is an object of; None for others."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        made = PUBLIC.get(node.func.id)
        return made if isinstance(made, type) else None
    return VARIABLES.get(node.id) if isinstance(node, ast.Name) else None


def has(kind: type, word: str) -> bool:
    """Tell whether objects of a class have this attribute, be it one that is only made with the object."""
    if kind is PUBLIC["Engine"] and word in EngineOptions.defaults():
        return True
    fields = getattr(kind, "__dataclass_fields__", {})
    sources = [inspect.getsource(each) for each in kind.__mro__ if each.__module__.startswith("sipsimple")]
    return word in fields or hasattr(kind, word) or any(f"self.{word}" in source for source in sources)


def is_of_ours(dotted: str) -> bool:
    """Tell whether there is such a module, or such a name in one."""
    holder, _, word = dotted.rpartition(".")
    if not holder:
        return True
    if importlib.util.find_spec(holder) is None:
        return False
    module = importlib.import_module(holder)
    return hasattr(module, word) or (hasattr(module, "__path__") and importlib.util.find_spec(dotted) is not None)


def called(node: ast.Call) -> object | None:
    """Return what of ours a call calls; None for anything else."""
    if isinstance(node.func, ast.Name):
        return PUBLIC.get(node.func.id)
    if isinstance(node.func, ast.Attribute) and (kind := kind_of(node.func.value)) is not None:
        assert has(kind, node.func.attr), f"{kind.__name__}.{node.func.attr}"
        return getattr(kind, node.func.attr, None)
    return None


def check_call(node: ast.Call) -> None:
    """Fail if a call of ours cannot be made so; one that gives the parameters' own names has to give their defaults."""
    function = called(node)
    if not callable(function) or any(isinstance(each, ast.Constant) and each.value is ... for each in node.args):
        return
    parameters = {word: each for word, each in inspect.signature(function).parameters.items() if word != "self"}
    known = {**parameters, **EngineOptions.defaults()} if "options" in parameters else parameters
    given = [each.id if isinstance(each, ast.Name) else None for each in node.args]
    assert len(given) <= len(parameters), ast.unparse(node)
    is_signature = bool(given) and given == list(parameters)[: len(given)]
    for keyword in (each for each in node.keywords if each.arg is not None):
        assert keyword.arg in known, f"{keyword.arg} in {ast.unparse(node)}"
        if is_signature and isinstance(keyword.value, ast.Constant) and keyword.value.value is not ...:
            assert parameters[keyword.arg].default in (inspect.Parameter.empty, keyword.value.value), ast.unparse(node)
