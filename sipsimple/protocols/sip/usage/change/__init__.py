"""What changes an established call, or keeps it alive: offers, hold, proposals, refreshes. RFC 3261 section 14."""
