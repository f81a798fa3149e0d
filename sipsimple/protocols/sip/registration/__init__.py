"""One registration: a binding of ours at a registrar, made, kept and taken back (RFC 3261 10, RFC 5626)."""
