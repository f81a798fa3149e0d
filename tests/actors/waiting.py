"""Waiting for what others do, threads among them."""

from __future__ import annotations

import gevent


def until(condition):
    """Let the others run until something holds."""
    while not condition():
        gevent.sleep(0.001)
