"""Every corner case that is known from 2009, and every decision, with the tests that prove it."""

from __future__ import annotations

import string

from tests.corner_cases import decided, mended, mended_later, never_mended, told_in_order
from tests.corner_cases.entry import Chapter

CHAPTERS = (
    Chapter(
        "Mended in 2009",
        "the corner cases that were found and mended from March to June 2009",
        tuple(range(1, 53)),
        (*mended.ENTRIES, *mended_later.ENTRIES),
    ),
    Chapter(
        "Never mended in 2009",
        "what was known to be wrong then and stayed so",
        (
            *("glare", "487", "no offer", "chunks", "accept-types", "several lines", "user_agent", "leak", "reason"),
            *("refused hold", "code", "equality"),
        ),
        never_mended.ENTRIES,
    ),
    Chapter(
        "The order of notifications",
        "the scenarios of a session, by letter",
        (*string.ascii_lowercase[: string.ascii_lowercase.index("v") + 1], "always"),
        told_in_order.ENTRIES,
    ),
    Chapter(
        "Decisions",
        "what this project has decided where the published text leaves a choice",
        tuple(range(1, 19)),
        decided.ENTRIES,
    ),
)
