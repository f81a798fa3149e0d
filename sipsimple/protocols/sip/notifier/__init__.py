"""One subscription of somebody else to what the application tells, from SUBSCRIBE to the last NOTIFY (RFC 6665 4.2)."""
