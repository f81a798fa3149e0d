"""The installation: Python, what it needs, and what can be added."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sipsimple.cli.doctor.finding import Clerk, Finding
from sipsimple.media.availability import is_available
from sipsimple.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipsimple.cli.doctor.subject import Subject

installation = Clerk("installation")

NEEDED = ("gevent", "cryptography", "dnspython", "msgspec")
SETTINGS = ("pydantic", "pydantic_settings")
NEWEST_WITH_AUDIO = (3, 12)


def check_installation(_subject: Subject) -> Iterator[Finding]:
    """Tell the versions, and what is missing."""
    versions = ", ".join([f"{each} {_version(each) or 'missing'}" for each in NEEDED])
    yield installation.ok(f"sipsimple {__version__}, Python {platform.python_version()}, {versions}")
    missing = [each for each in SETTINGS if find_spec(each) is None]
    if missing:
        yield installation.wrong(
            f"the settings file cannot be read without {' and '.join(missing)}",
            'pip install "sipsimple-gevent[settings]"',
        )
    yield of_audio(is_available(), _version("pjsua2-python"), sys.version_info[:2])
    if find_spec("keyring") is None:
        yield installation.ok("no keyring: only password_keyring needs it", 'pip install "sipsimple-gevent[keyring]"')


def of_audio(trouble: str | None, wheel: str | None, python: tuple[int, int]) -> Finding:
    """Say whether there can be audio.

    Args:
        trouble: Why not.
        wheel: The version of pjsua2 that is installed.
        python: The version of Python.
    """
    if trouble is None:
        return installation.ok(f"audio: pjsua2 {wheel or 'of unknown version'}")
    if wheel is None and python > NEWEST_WITH_AUDIO:
        return installation.warning(
            f"no audio: there is no pjsua2 wheel for Python {python[0]}.{python[1]}",
            'Chat and files work. For audio use Python 3.11 or 3.12, and pip install "sipsimple-gevent[audio]".',
        )
    return installation.warning(f"no audio: {trouble}", 'Chat and files work; pip install "sipsimple-gevent[audio]".')


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
