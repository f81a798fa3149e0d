"""The actor of one file transfer (RFC 5547), and its file on the disk."""
