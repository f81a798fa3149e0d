"""Bounds that the network could otherwise exceed."""

MAILBOX_LIMIT = 10_000
"""Messages that may wait for an actor of a call: far more than any but a flood brings."""

MOST_UNHEARD = 1000
"""Notifications of one sender that observers have not come to, with bodies among them of up to 64 KiB each."""

MOST_UNHEARD_OF_CALL = 3000
"""The same of a session, its streams with it: a chat makes its peer wait before that."""
