"""SIP header fields as values: one file per family."""
