"""The logger of the runtime: structlog where the application has configured it.

Else there is silence, but for what must never be silent: an actor that crashed
is told to the standard library's logging.
"""

from __future__ import annotations

import logging
import re
import traceback
from contextlib import suppress
from typing import Any, Protocol

import structlog

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Logger(Protocol):
    """What this library asks of a logger: an event name and key-value pairs."""

    def bind(self, **values: Any) -> Logger:
        """Return a logger that adds `values` to each event."""

    def debug(self, event: str, **values: Any) -> Any:
        """Log each message and other detail."""

    def info(self, event: str, **values: Any) -> Any:
        """Log a change that the user could see."""

    def warning(self, event: str, **values: Any) -> Any:
        """Log that the peer broke a rule, or that we recovered."""

    def error(self, event: str, **values: Any) -> Any:
        """Log that an actor died."""

    def exception(self, event: str, **values: Any) -> Any:
        """Log the error that is being handled."""


class SilentLogger:
    """Says nothing, at the price of a call."""

    __slots__ = ()

    def bind(self, **_values: Any) -> Logger:
        """Return the same silence."""
        return self

    def debug(self, event: str, **values: Any) -> None:
        """Say nothing."""

    info = warning = error = exception = debug


SILENT: Logger = SilentLogger()


class CarefulLogger:
    """Writes with the logger of the application; nothing that a peer has written can make it raise.

    What cannot be printed in a line is shown by its code: a header may hold any byte, and not every renderer or
    stream takes the halves of surrogate pairs that stand for them. A logger that raises all the same crashes no actor.
    """

    __slots__ = ("_logger",)

    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def bind(self, **values: Any) -> Logger:
        """Return a logger that adds `values` to each event."""
        return CarefulLogger(self._logger.bind(**_printable(values)))

    def debug(self, event: str, **values: Any) -> None:
        """Log each message and other detail."""
        self._write("debug", event, values)

    def info(self, event: str, **values: Any) -> None:
        """Log a change that the user could see."""
        self._write("info", event, values)

    def warning(self, event: str, **values: Any) -> None:
        """Log that the peer broke a rule, or that we recovered."""
        self._write("warning", event, values)

    def error(self, event: str, **values: Any) -> None:
        """Log that an actor died."""
        self._write("error", event, values)

    def exception(self, event: str, **values: Any) -> None:
        """Log the error that is being handled."""
        self._write("exception", event, values)

    def _write(self, level: str, event: str, values: dict[str, Any]) -> None:
        try:
            getattr(self._logger, level)(event, **_printable(values))
        except Exception as error:  # noqa: BLE001 - whoever logs has more important things to do
            with suppress(Exception):
                logging.getLogger("sipsimple").warning("the logger failed at %s: %s", event, error_text(error))


def _printable(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _UNPRINTABLE.sub(_code, value) if isinstance(value, str) and not value.isprintable() else value
        for name, value in values.items()
    }


def _code(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8, see PEP 383
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def is_configured() -> bool:
    """Tell whether anybody listens."""
    return structlog.is_configured()


def get_logger(**values: Any) -> Logger:
    """Return a logger bound to `values`; silent until the application has configured structlog."""
    if not structlog.is_configured():
        return SILENT
    return CarefulLogger(structlog.get_logger()).bind(**values)


def is_silent(logger: Logger) -> bool:
    """Tell whether the logger says nothing, so that nothing has to be gathered for it."""
    return logger is SILENT


def error_text(error: BaseException) -> str:
    """Describe an error in one line."""
    return f"{type(error).__name__}: {error}"


def log_crash(actor: str, error: BaseException, restarts: int) -> None:
    """Log that an actor crashed; a logger that fails must not stop the supervisor that calls this."""
    with suppress(Exception):
        # the traceback as text: a renderer that shows local variables would show credentials
        text = "".join(traceback.format_exception(error))
        unmissable("error", "actor.crashed", actor=actor, error=error_text(error), restarts=restarts, traceback=text)


def log_trouble(event: str, **values: Any) -> None:
    """Log an error of the runtime's own business, with the same care."""
    with suppress(Exception):
        unmissable("error", event, **values)


def unmissable(level: str, event: str, *, exc_info: bool = False, **values: Any) -> None:
    """Log what must not go unseen because nobody configured structlog: then it goes to `logging`."""
    if structlog.is_configured():
        extra = {"exc_info": True} if exc_info else {}
        getattr(get_logger(), level)(event, **extra, **values)
    else:
        text = " ".join(f"{key}={value}" for key, value in values.items())
        getattr(logging.getLogger("sipsimple"), level)("%s %s", event, text, exc_info=exc_info)
