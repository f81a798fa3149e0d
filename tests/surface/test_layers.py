"""The arrows between the packages, seen by a fresh interpreter instead of by reading the imports."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

IMPORT_ALL = """
import importlib, json, pkgutil, sys
import msgspec  # computes only, but brings _socket along with the uuid of the standard library
before = set(sys.modules)
package = importlib.import_module(sys.argv[1])
if hasattr(package, "__path__"):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(found.name)
print(json.dumps(sorted(set(sys.modules) - before)))
"""

# What waits, sleeps or talks: a core that needs one of these is not a core.
RUNNING = {"gevent", "greenlet", "socket", "_socket", "ssl", "_ssl", "select", "selectors", "asyncio", "subprocess"}
TELLING = {"structlog", "blinker", "zope", "logging"}


def modules_loaded_with(name: str) -> set[str]:
    """Import `name` and all below it in an interpreter of its own, and give what that loaded."""
    command = [sys.executable, "-I", "-c", IMPORT_ALL, name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def layers(modules: set[str]) -> set[str]:
    """Name the parts of sipsimple among `modules`: the second word of their names."""
    return {name.split(".")[1] for name in modules if name.startswith("sipsimple.")}


def test_protocols_load_nothing_that_runs_or_tells() -> None:
    loaded = modules_loaded_with("sipsimple.protocols")
    assert "sipsimple.protocols.outputs" in loaded
    assert not {name.partition(".")[0] for name in loaded} & (RUNNING | TELLING)


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("sipsimple.errors", {"errors"}),
        ("sipsimple.protocols", {"errors", "protocols"}),
        ("sipsimple.actors", {"actors", "errors", "protocols"}),
        ("sipsimple.media", {"actors", "errors", "media", "protocols"}),
    ],
)
def test_a_package_loads_only_those_below_it(package: str, allowed: set[str]) -> None:
    assert layers(modules_loaded_with(package)) <= allowed


def test_media_knows_only_the_runtime_and_the_wire_of_the_actors() -> None:
    loaded = modules_loaded_with("sipsimple.media")
    actors = {name.split(".")[2] for name in loaded if name.startswith("sipsimple.actors.")}
    assert actors <= {"runtime", "wire"}


@pytest.mark.skipif(find_spec("pjsua2") is None, reason="needs pjsua2-python")
def test_an_audio_worker_loads_the_wire_format_and_nothing_else_of_ours_and_never_gevent() -> None:
    loaded = modules_loaded_with("sipsimple.media.worker")
    ours = {".".join(name.split(".")[:3]) for name in loaded if name.startswith("sipsimple.")}
    assert ours <= {"sipsimple.media", "sipsimple.media.wire", "sipsimple.media.worker"}
    assert not {name.partition(".")[0] for name in loaded} & {"gevent", "greenlet", *TELLING}
