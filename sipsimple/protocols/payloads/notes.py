"""Notes: text for people, which presence documents have in several places (RFC 3863 4.1.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.payloads.reading import LANGUAGE, is_leaf, leaf, written
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.protocols.payloads.xml import Element


class Note(Value):
    """Text for people, and its language where that is told."""

    text: str
    language: str | None = None


def read_notes(elements: Iterable[Element], namespace: str) -> tuple[tuple[Note, ...], tuple[Element, ...]]:
    """Return the notes among `elements`, and the others."""
    notes, others = [], []
    for each in elements:
        if each.name == f"{namespace}note" and is_leaf(each, LANGUAGE):
            notes.append(Note(each.text, each.attribute(LANGUAGE)))
        else:
            others.append(each)
    return tuple(notes), tuple(others)


def written_notes(notes: Iterable[Note], namespace: str) -> tuple[Element, ...]:
    """Return the elements that say `notes`."""
    found = [leaf(f"{namespace}note", each.text, written((LANGUAGE, each.language))) for each in notes]
    return tuple([element for each in found for element in each])
