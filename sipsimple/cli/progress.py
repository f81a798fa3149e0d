"""How far a file transfer is: a bar for people, and the facts that both kinds of output need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from sipsimple.notification import NotificationCenter

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.console import Console

    from sipsimple.msrp import MSRPFileTransfer
    from sipsimple.notification import Notification

MIB = 1024 * 1024


class TransferBar:
    """A bar that follows one transfer; use as a context.

    Args:
        transfer: Which one.
        title: Stands before the bar.
        console: Where it is drawn; None: stdout.
    """

    def __init__(self, transfer: MSRPFileTransfer, title: str, console: Console | None = None) -> None:
        self._transfer = transfer
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._progress.add_task(title, total=None)

    def __enter__(self) -> Self:
        """Begin to draw."""
        NotificationCenter().add_observer(self, sender=self._transfer)
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the bar as it is."""
        NotificationCenter().discard_observer(self, sender=self._transfer)
        self._progress.stop()

    def handle_notification(self, notification: Notification) -> None:
        """Move the bar."""
        if notification.name == "MSRPFileTransferGotProgress":
            data = notification.data
            self._progress.update(self._task, completed=data.transferred_bytes, total=data.file_size)


def rate_mib_s(transfer: MSRPFileTransfer) -> float:
    """Return the rate of a transfer, for people and programs."""
    return round(transfer.rate / MIB, 1)


def hash_of(transfer: MSRPFileTransfer) -> str | None:
    """Return the strongest hash of a file, as `sha-256:AB:CD...`; None while it is not known."""
    selector = transfer.file_selector
    return ":".join(selector.hashes[-1]) if selector is not None and selector.hashes else None
