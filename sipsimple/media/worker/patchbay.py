"""Makes the connections of the conference be the wanted ones.

A re-INVITE makes a new conference port for its leg and the connections of the old one are gone, without a word, while
a stale port may belong to another call. So no port is ever kept: it is asked for anew each time, and what is not sure
to exist is connected again, which harms nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.media.worker.library import pj, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sipsimple.media.worker.routing import Connection, End


class Patchbay:
    """The conference as it is.

    Args:
        find: Gives the media of an end as it is now; None when it has none.
        warn: Told what could not be connected.
    """

    def __init__(self, find: Callable[[End], Any], warn: Callable[[str], None]) -> None:
        self._find = find
        self._warn = warn
        self._actual: set[Connection] = set()

    def update(self, wanted: set[Connection]) -> None:
        """Part what is not wanted any more, then connect what is missing."""
        for connection in self._actual - wanted:
            self._part(connection)
        for connection in wanted - self._actual:
            self._connect(connection)

    def renew(self, end: End) -> None:
        """Note that the port of `end` is another one, or gone: the next update connects what is to be connected."""
        self._actual = {each for each in self._actual if end not in each}

    def _connect(self, connection: Connection) -> None:
        source, sink = map(self._find, connection)
        if source is None or sink is None:
            return
        try:
            source.startTransmit(sink)
        except pj.Error as error:
            self._warn(f"cannot connect {_text(connection)}: {reason_of(error)}")
        else:
            self._actual.add(connection)

    def _part(self, connection: Connection) -> None:
        self._actual.discard(connection)
        source, sink = map(self._find, connection)
        if source is None or sink is None:
            return
        try:
            source.stopTransmit(sink)
        except pj.Error as error:
            self._warn(f"cannot part {_text(connection)}: {reason_of(error)}")


def _text(connection: Connection) -> str:
    source, sink = connection
    return f"{source.kind.value} {source.name!r} to {sink.kind.value} {sink.name!r}"
