"""A chat message as the application handed it over."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as it was handed over; `number` orders those that wait."""

    number: int
    message_id: str
    content: bytes = field(repr=False)
    content_type: str
    from_: str
    to: str
    datetime_text: str
    private: bool
    success_report: str
    failure_report: str
    headers: tuple[tuple[str, str], ...]

    @property
    def is_tracked(self) -> bool:
        """Whether its fate is told: it asked for at least one kind of report."""
        return (self.success_report, self.failure_report) != ("no", "no")
