"""All that a line of SDP says of its file: RFC 5547 section 6, and the x-file-offset of the SDK.

`a=x-file-offset` on both sides lets the receiver say where to begin, in answer to a FILE_OFFSET request of MSRP.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sdp.file_selector import FileSelector
from sipsimple.protocols.sdp.media import Attribute
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.media import Media

_RANGE = re.compile(r"([0-9]{1,19})-(\*|[0-9]{1,19})")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,255}")
_DATE = re.compile(r'(creation|modification|read):"([^"\r\n]*)"')
_LINE = re.compile(r"[^\x00\r\n]*")
NAMES = (
    "file-selector",
    "file-transfer-id",
    "file-disposition",
    "file-date",
    "file-icon",
    "file-range",
    "x-file-offset",
)


class FileRange(NamedTuple):
    """Which bytes of the file are transferred, counted from 1; `stop` is None up to its end."""

    start: int = 1
    stop: int | None = None

    def __str__(self) -> str:
        return f"{self.start}-{'*' if self.stop is None else self.stop}"

    @classmethod
    def parse(cls, text: str) -> FileRange:
        """Read the value of the attribute.

        Raises:
            RemoteProtocolError: 488: it is no range.
        """
        found = _RANGE.fullmatch(text.strip())
        start, stop = (int(found[1]), None if found[2] == "*" else int(found[2])) if found else (0, None)
        if start < 1 or (stop is not None and stop < start):
            raise RemoteProtocolError("bad file-range", 488)
        return cls(start, stop)


class FileDates(NamedTuple):
    """When the file was made, changed and read, as RFC 5322 writes dates."""

    creation: str | None = None
    modification: str | None = None
    read: str | None = None

    @classmethod
    def parse(cls, text: str) -> FileDates:
        """Read the value of the attribute; what is unreadable is skipped."""
        return cls(**dict(reversed(_DATE.findall(text))))

    def __str__(self) -> str:
        pairs = zip(self._fields, self, strict=True)
        return " ".join(f'{name}:"{date}"' for name, date in pairs if date is not None)


class FileAttributes(Value):
    """The attributes of one file transfer.

    Attributes:
        selector: Which file.
        transfer_id: Tells a transfer that goes on in a new offer from another one.
        disposition: `attachment` or `render`.
        dates: Of the file.
        icon: Where a small picture of it is: a cid URL.
        range: The part of the file that is transferred; None for all of it.
        offset: The side knows how to begin in the middle (`x-file-offset`).
    """

    selector: FileSelector
    transfer_id: str | None = None
    disposition: str | None = None
    dates: FileDates | None = None
    icon: str | None = None
    range: FileRange | None = None
    offset: bool = False

    @classmethod
    def from_media(cls, media: Media) -> FileAttributes | None:
        """Read them from a line; None when it has no file-selector and so is about no file.

        Raises:
            RemoteProtocolError: 488: the range is none, so it is not known what to transfer.
        """
        selector = media.attribute("file-selector")
        if selector is None:
            return None
        dates, part = media.attribute("file-date"), media.attribute("file-range")
        return cls(
            FileSelector.parse(selector),
            (media.attribute("file-transfer-id") or "").strip() or None,
            (media.attribute("file-disposition") or "").strip() or None,
            None if dates is None else FileDates.parse(dates),
            media.attribute("file-icon") or None,
            None if part is None else FileRange.parse(part),
            media.attribute("x-file-offset") is not None,
        )

    def to_attributes(self) -> tuple[Attribute, ...]:
        """Write them, the selector first.

        Raises:
            LocalProtocolError: A value would break its line.
        """
        if self.transfer_id is not None and not _TOKEN.fullmatch(self.transfer_id):
            raise LocalProtocolError(f"not a file-transfer-id: {self.transfer_id!r}")
        values = (
            str(self.selector),
            self.transfer_id,
            self.disposition,
            None if self.dates is None else str(self.dates),
            self.icon,
            None if self.range is None else str(self.range),
        )
        written = [Attribute(name, value) for name, value in zip(NAMES, values, strict=False) if value is not None]
        for each in written:
            if each.value is None or not _LINE.fullmatch(each.value):
                raise LocalProtocolError(f"cannot be written in one line: {each.value!r}")
        return (*written, Attribute("x-file-offset")) if self.offset else tuple(written)

    def added_to(self, media: Media) -> Media:
        """Return a line with these attributes in place of those that it had of their names."""
        others = [each for each in media.attributes if each.name not in NAMES]
        return media.with_(attributes=(*others, *self.to_attributes()))
