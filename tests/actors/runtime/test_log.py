"""What is logged: whatever stands in a value, and whatever the logger does, no actor comes to harm."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from sipsimple.actors.runtime import get_logger
from sipsimple.actors.runtime.log import log_crash

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


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_a_logger_that_raises_harms_nobody_and_is_told_of(configured, level, caplog):
    def refuse(_logger, _name, _event):
        raise OSError("disk full")

    configured(refuse)
    with caplog.at_level(logging.WARNING, "sipsimple"):
        getattr(get_logger(actor="a"), level)("note", value=1)
    assert "the logger failed at note: OSError: disk full" in caplog.text


def test_a_logger_that_is_older_than_the_configuration_writes_from_then_on(configured):
    old = get_logger(component="engine")
    old.info("engine.started")
    stream = configured(structlog.processors.JSONRenderer())
    old.bind(host="h").info("engine.ended")
    old.info("engine.ended")
    written = [json.loads(line) for line in stream.buffer.getvalue().splitlines()]
    assert [each.pop("event") for each in written] == ["engine.ended"] * 2
    assert written == [{"component": "engine", "host": "h"}, {"component": "engine"}]


def test_where_loggers_have_names_it_is_that_of_the_library(caplog):
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    try:
        with caplog.at_level(logging.INFO, "sipsimple"):
            get_logger(actor="a").info("note")
    finally:
        structlog.reset_defaults()
    assert [(each.name, each.getMessage()) for each in caplog.records] == [("sipsimple", "note")]


def test_a_crash_whose_error_cannot_be_printed_is_logged_all_the_same(caplog):
    class UnprintableError(Exception):
        def __str__(self):
            raise ValueError("cannot be printed")

    log_crash("root/a", UnprintableError(), 0)
    assert "error=UnprintableError" in caplog.text
