"""Bounds that the network could otherwise exceed."""

MAILBOX_LIMIT = 10_000
"""Messages that may wait for an actor of a call: far more than any but a flood brings."""
