"""The live trace: notifications of both sides and a ladder of SIP messages, in colour, in the order of time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import gevent
from rich.console import Console
from rich.text import Text

from sipsimple.cli.demo.story import ALICE, BOB, CANCELLED, CUT, REFUSED, RESUMED, TALK, moment
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.message import Request, parse

if TYPE_CHECKING:
    from sipsimple.cli.events import Event
    from sipsimple.notification import NotificationData

STYLES = {ALICE: "cyan", BOB: "magenta"}
HELD_SECONDS = 0.05
"""A line is held back so long, since what bob says has further to go than what alice says."""

TITLES = {
    TALK: "alice calls bob, and they talk and chat",
    REFUSED: "alice calls bob, who refuses",
    CANCELLED: "alice calls bob, who lets it ring; alice gives up",
    CUT: "alice sends bob a file of 64 MiB; the connection is cut",
    RESUMED: "alice sends it again: what has come is not sent twice",
}
ARROW_WIDTH = 34
KEYS_UNSHOWN = frozenset(
    {
        *("event", "session", "call_id", "direction", "timestamp", "message", "cpim_headers", "prev_state"),
        *("file_selector", "files", "message_id", "refused_streams", "failure"),
    }
)


class LiveTrace:
    """Prints lines soon after they come, sorted by when they happened.

    Args:
        quiet: Print nothing.

    Attributes:
        sip_messages: How many SIP messages there were.
        console: Where it is printed.
    """

    def __init__(self, quiet: bool) -> None:
        self.sip_messages = 0
        self.console = Console(highlight=False, soft_wrap=True, quiet=quiet)
        self._held: list[tuple[datetime, Text]] = []
        self._begun: datetime | None = None
        self._printer = gevent.spawn(self._print_in_time)

    def close(self) -> None:
        """Print what is left."""
        self._printer.kill()
        self._print(datetime.now(UTC))

    def title(self, name: str) -> None:
        """Head what follows; the first one begins the time."""
        now = datetime.now(UTC)
        self._begun = self._begun or now
        self._hold(now, Text(f"\n{TITLES[name]}", "bold"))

    def event(self, side: str, event: Event) -> None:
        """Show a notification of a side; those of a chat that the session repeats are left out."""
        name = event["event"]
        if name in ("listening", "MSRPFileTransferGotProgress") or ("message" in event and name.startswith("MSRPChat")):
            return
        when = moment(event)
        line = Text.assemble(self._time(when), (f"{side:6}", f"bold {STYLES[side]}"), (f"{name:28}", STYLES[side]))
        line.append(f" {_told(event)}")
        self._hold(when, line)

    def sip(self, data: NotificationData) -> None:
        """Show a SIP message as alice sees it."""
        self.sip_messages += 1
        when = data.timestamp.astimezone(UTC)
        label, style = _label(data.data)
        label = f" {label} "
        left, right = ("◀", "─") if data.received else ("─", "▶")
        arrow = f"{left}{label:─^{ARROW_WIDTH}}{right}"
        size = f"  {data.transport} {len(data.data.encode('utf-8', 'surrogateescape'))} B"
        line = Text.assemble(self._time(when), (f"{ALICE:6}", STYLES[ALICE]), (arrow, style), (f" {BOB}", STYLES[BOB]))
        self._hold(when, line.append(size, "dim"))

    def _time(self, when: datetime) -> tuple[str, str]:
        elapsed = (when - (self._begun or when)).total_seconds()
        return f"{elapsed * 1000:7.1f} ms  ", "dim"

    def _hold(self, when: datetime, line: Text) -> None:
        self._held.append((when, line))

    def _print_in_time(self) -> None:
        while True:
            gevent.sleep(HELD_SECONDS)
            self._print(datetime.now(UTC), HELD_SECONDS)

    def _print(self, now: datetime, held: float = 0.0) -> None:
        due = [each for each in self._held if (now - each[0]).total_seconds() >= held]
        self._held = [each for each in self._held if (now - each[0]).total_seconds() < held]
        for _, line in sorted(due, key=lambda each: each[0]):
            self.console.print(line)


def _told(event: Event) -> str:
    """Say what a notification carries, in a few words."""
    if event["event"] == "SCSessionChangedState":
        return f"{event['prev_state']} → {event['state']}"
    if event["event"] == "SCSessionGotMessage":
        wrapped = "CPIM" if event["cpim_headers"] else "plain"
        return f"“{event['content']}”  {wrapped}, {'TLS' if event['message']['tls'] else 'TCP'}"
    return "  ".join(_shown(name, value) for name, value in event.items() if name not in KEYS_UNSHOWN)


def _shown(name: str, value: Any) -> str:
    return f"{name}={value}"


def _label(data: str) -> tuple[str, str]:
    """Return what names a message in a ladder, and its colour."""
    try:
        message = parse(data.encode("utf-8", "surrogateescape"))
        if isinstance(message, Request):
            return message.method, "bold blue"
        label = f"{message.status} {message.reason} ({message.cseq.method})"
    except RemoteProtocolError as error:
        return f"malformed: {error.reason}", "bold red"
    return label, "yellow" if message.is_provisional else "green" if message.is_success else "red"
