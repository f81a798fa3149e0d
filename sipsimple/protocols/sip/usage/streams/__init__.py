"""What the descriptions of both sides mean for the streams of a call. RFC 3264."""
