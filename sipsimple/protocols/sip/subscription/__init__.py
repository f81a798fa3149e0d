"""One subscription of ours to the state of something, from `subscribe()` to its last NOTIFY (RFC 6665 4.1)."""
