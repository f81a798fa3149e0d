"""The logger of the runtime: structlog where the application has configured it.

Else there is silence, but for what must never be silent: an actor that crashed
is told to the standard library's logging. Whichever it is, the logger's name
there is `sipsimple`.
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


class SilentLogger:
    """Says nothing, at the price of a call."""

    __slots__ = ()

    def bind(self, **_values: Any) -> Logger:
        """Return the same silence."""
        return self

    def debug(self, event: str, **values: Any) -> None:
        """Say nothing."""

    info = warning = error = debug


SILENT: Logger = SilentLogger()

NAME = "sipsimple"
"""Of the logger, where loggers have names: in the standard library's logging."""


class CarefulLogger:
    """Writes with the logger of the application; nothing that a peer has written can make it raise.

    What cannot be printed in a line is shown by its code: a header may hold any byte, and not every renderer or
    stream takes the halves of surrogate pairs that stand for them. A logger that raises all the same crashes no actor.
    Until the application has configured structlog it says nothing.
    """

    __slots__ = ("_logger", "_values")

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values
        self._logger: Any = None  # made when it is needed: what outlives the start may be older than the configuration

    def bind(self, **values: Any) -> Logger:
        """Return a logger that adds `values` to each event."""
        return CarefulLogger({**self._values, **values})

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

    def _write(self, level: str, event: str, values: dict[str, Any]) -> None:
        try:
            if self._logger is None:
                if not structlog.is_configured():
                    return
                self._logger = structlog.get_logger(NAME).bind(**_printable(self._values))
            getattr(self._logger, level)(event, **_printable(values))
        except Exception as error:  # noqa: BLE001 - whoever logs has more important things to do
            with suppress(Exception):
                logging.getLogger(NAME).warning("the logger failed at %s: %s", event, error_text(error))


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


def get_logger(**values: Any) -> Logger:
    """Return a logger bound to `values`; silent until the application has configured structlog."""
    return CarefulLogger(values)


def is_silent(logger: Logger) -> bool:
    """Tell whether the logger says nothing, so that nothing has to be gathered for it."""
    return logger is SILENT


def error_text(error: BaseException) -> str:
    """Describe an error in one line."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - an error of somebody's own making, which cannot be printed
        return type(error).__name__


def log_crash(actor: str, error: BaseException, restarts: int, log: Logger = SILENT) -> None:
    """Log that an actor crashed, under the names by which its own `log` knows it."""
    unmissable("error", "actor.crashed", error, log, actor=actor, restarts=restarts)


def log_trouble(event: str, **values: Any) -> None:
    """Log an error of the runtime's own business."""
    unmissable("error", event, **values)


def unmissable(
    level: str, event: str, raised: BaseException | None = None, log: Logger = SILENT, **values: Any
) -> None:
    """Log what must not go unseen because nobody configured structlog: then it goes to `logging`.

    Whoever calls this has something more important to see to: it never raises.
    """
    with suppress(Exception):
        if raised is not None:
            values["error"] = error_text(raised)
        if not structlog.is_configured():
            text = " ".join(f"{key}={value}" for key, value in values.items())
            getattr(logging.getLogger(NAME), level)("%s %s", event, text, exc_info=raised)
            return
        if raised is not None:  # as text: a renderer that shows local variables would show bodies and passwords
            values["traceback"] = "".join(traceback.format_exception(raised))
        getattr(get_logger() if is_silent(log) else log, level)(event, **values)
