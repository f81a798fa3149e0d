"""Where the password of an account comes from: what is written down, a command, or the keyring of the desktop."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import gevent
from gevent import monkey

from sipsimple.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND_LIMIT = 30.0
"""Seconds that a command has to say the password; it may ask its user for the key of a store."""

_TELLS_STATUS = ("/bin/sh", "-c", '"$@"; printf "\\nstatus %d" "$?"', "sh")
"""Runs the words after it as they are, and writes the status: gevent, once it was used to start a process, takes the
status of every child of the program, and there is nobody else who could tell it."""

_STATUS = re.compile(rb"status [0-9]{1,3}")

KEYRING_SERVICE = "sipsimple"
"""The name under which the keyring knows our passwords; the user name there is the account's address."""


def from_command(command: Sequence[str]) -> str:
    """Run a command and return the first line that it prints; other greenlets run on meanwhile.

    Raises:
        SettingsError: It cannot be run, fails, takes too long or prints nothing.
    """
    outcome: str | SettingsError = gevent.get_hub().threadpool.apply(_first_line, (tuple(command),))
    if isinstance(outcome, SettingsError):
        raise outcome
    return outcome


def _first_line(command: tuple[str, ...]) -> str | SettingsError:
    """Return the error instead of raising it: a pool thread would print it."""
    name, run = command[0], monkey.get_original("subprocess", "run")
    words = (*_TELLS_STATUS, *command)
    try:
        done = run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_LIMIT, check=False)
    except OSError as error:
        return SettingsError(f"the password command {name!r} cannot be run: {error.strerror}")
    except subprocess.TimeoutExpired:
        return SettingsError(f"the password command {name!r} took more than {COMMAND_LIMIT:.0f} s")
    printed, _, told = done.stdout.rpartition(b"\n")
    if _STATUS.fullmatch(told) is None:
        return SettingsError(f"the password command {name!r} ended with a signal")
    status = int(told[7:])
    if status in (126, 127):
        why = "not found" if status == 127 else "not permitted"
        return SettingsError(f"the password command {name!r} cannot be run: {why} (status {status})")
    if status:
        return SettingsError(f"the password command {name!r} ended with status {status}")
    line = str(printed.decode("utf-8", "replace")).partition("\n")[0].rstrip("\r")
    return line or SettingsError(f"the password command {name!r} printed nothing")


def from_keyring(address: str) -> str:
    """Return what the keyring of the desktop keeps for `address`.

    Raises:
        SettingsError: There is no keyring, or it has no such password.
    """
    try:
        import keyring
        from keyring.errors import KeyringError
    except ModuleNotFoundError as error:
        raise SettingsError('the keyring needs an extra: pip install "sipsimple-gevent[keyring]"') from error
    try:
        password = keyring.get_password(KEYRING_SERVICE, address)
    except KeyringError as error:
        raise SettingsError(f"the keyring cannot be read: {error}") from error
    if password is None:
        raise SettingsError(f"the keyring has no password of {KEYRING_SERVICE!r} for {address}")
    return password
