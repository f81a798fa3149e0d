"""A chat message as the application handed it over."""

from __future__ import annotations

from typing import NamedTuple


class Draft(NamedTuple):
    """A message as it was handed over; a tuple, for it is made and dropped on the way of every message.

    Attributes:
        number: Orders those that wait.
        private: It is for somebody else than the remote party.
        headers: More of the CPIM wrapper.
        content_headers: More of the content in it.
        reported: Its sender wants to be told what becomes of it, which needs a wrapper.
    """

    number: int
    message_id: str
    content: bytes
    content_type: str
    from_: str
    to: str
    datetime_text: str
    private: bool
    success_report: str
    failure_report: str
    headers: tuple[tuple[str, str], ...]
    content_headers: tuple[tuple[str, str], ...] = ()
    reported: bool = False

    def __repr__(self) -> str:
        return f"Draft({self.number}, {self.message_id!r})"  # no content in the log

    @property
    def is_tracked(self) -> bool:
        """Whether its fate is told: it asked for at least one kind of report."""
        return (self.success_report, self.failure_report) != ("no", "no")
