"""The usages of SIP: what requests and responses mean for one call (RFC 3261 8, 9, 13, 14, 15)."""
