"""The cases: one table per subject."""

from sipsimple.testing.msrp.cases import answers, chunking, framing, offers, paths, relays, wrapped

CASES = (
    *framing.CASES,
    *answers.CASES,
    *paths.CASES,
    *chunking.CASES,
    *wrapped.CASES,
    *offers.CASES,
    *relays.CASES,
)
"""Every case; ids are unique."""
