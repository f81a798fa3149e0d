"""Replaces: which dialog a new call takes the place of (RFC 3891 §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.parameters import parse_parameters
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence


class Replaces(Value):
    """The dialog to replace, named as the one sees it who receives the header.

    Attributes:
        call_id: Its Call-ID.
        to_tag: The tag of the receiver.
        from_tag: The tag of the receiver's peer in that dialog.
        early_only: Only while the dialog is early.
    """

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one value.

        Raises:
            RemoteProtocolError: It is malformed, or lacks one of the tags, or has one twice.
        """
        call_id, semicolon, rest = text.strip().partition(";")
        call_id = call_id.strip()
        parameters = parse_parameters(semicolon + rest)
        tags = [[value for each, value in parameters if each == name] for name in ("to-tag", "from-tag")]
        if not call_id or any(character.isspace() for character in call_id):
            raise RemoteProtocolError(f"malformed Replaces: {text[:80]!r}")
        if any(len(each) != 1 or not each[0] for each in tags):
            raise RemoteProtocolError(f"Replaces needs one to-tag and one from-tag: {text[:80]!r}")
        return cls(call_id, tags[0][0] or "", tags[1][0] or "", any(each == "early-only" for each, _ in parameters))

    @classmethod
    def of(cls, values: Sequence[str]) -> Self | None:
        """Read the header of a request from all its values; None where there is none.

        Raises:
            RemoteProtocolError: There is more than one, or it is malformed.

        RFC: 3891 §3.
        """
        if not values:
            return None
        if len(values) > 1 or "," in values[0]:
            raise RemoteProtocolError("more than one Replaces")
        return cls.parse(values[0])

    def __str__(self) -> str:
        flag = ";early-only" if self.early_only else ""
        return f"{self.call_id};to-tag={self.to_tag};from-tag={self.from_tag}{flag}"
