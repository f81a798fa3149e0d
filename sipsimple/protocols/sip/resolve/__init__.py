"""Finding the servers of a URI, and in which order they are tried. RFC 3263."""
