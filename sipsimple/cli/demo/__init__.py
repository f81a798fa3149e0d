"""The demonstration: alice, in this process, calls bob, in another, three times."""
