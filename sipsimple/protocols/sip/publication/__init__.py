"""One publication of ours: a document about our state that a server keeps for us (RFC 3903)."""
