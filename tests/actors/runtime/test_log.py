"""What is logged: whatever stands in a value, and whatever the logger does, no actor comes to harm."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from sipsimple.actors.runtime import get_logger

HOSTILE = "a\udcffb\x1b[31m\x00c\u2028"


@pytest.fixture
def configured():
    """Configure structlog with a renderer; return what it writes to: a stream that takes UTF-8 only."""

    def configure(*processors):
        stream = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
        structlog.configure(processors=list(processors), logger_factory=structlog.PrintLoggerFactory(stream))
        return stream

    yield configure
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "renderer",
    [
        structlog.dev.ConsoleRenderer(colors=False),
        structlog.processors.JSONRenderer(ensure_ascii=False),
        structlog.processors.KeyValueRenderer(),
        structlog.processors.LogfmtRenderer(),
    ],
)
def test_what_cannot_be_printed_is_shown_by_its_code(configured, renderer):
    stream = configured(renderer)
    get_logger(call_id=HOSTILE).info("request.rejected", reason=HOSTILE)
    written = stream.buffer.getvalue().decode()
    assert written.count("xffb") == 2
    assert "\x1b" not in written.replace("\x1b[0m", "")
    assert "\u2028" not in written


def test_letters_of_all_languages_and_line_breaks_stay_as_they_are(configured):
    stream = configured(structlog.processors.JSONRenderer(ensure_ascii=False))
    get_logger().info("note", text="Žluťoučký\n\t語", number=1, nothing=None)
    assert json.loads(stream.buffer.getvalue()) == {
        "event": "note",
        "text": "Žluťoučký\n\t語",
        "number": 1,
        "nothing": None,
    }


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error", "exception"])
def test_a_logger_that_raises_harms_nobody_and_is_told_of(configured, level, caplog):
    def refuse(_logger, _name, _event):
        raise OSError("disk full")

    configured(refuse)
    with caplog.at_level(logging.WARNING, "sipsimple"):
        getattr(get_logger(actor="a"), level)("note", value=1)
    assert "the logger failed at note: OSError: disk full" in caplog.text
