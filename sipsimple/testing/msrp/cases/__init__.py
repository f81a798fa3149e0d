"""The cases: one table per subject."""

from sipsimple.testing.msrp.cases import (
    answers,
    chunking,
    extensions,
    framing,
    notices,
    offers,
    paths,
    relays,
    reporting,
    wrapped,
)

CASES = (
    *framing.CASES,
    *answers.CASES,
    *paths.CASES,
    *reporting.CASES,
    *chunking.CASES,
    *wrapped.CASES,
    *notices.CASES,
    *offers.CASES,
    *extensions.CASES,
    *relays.CASES,
)
"""Every case; ids are unique."""
