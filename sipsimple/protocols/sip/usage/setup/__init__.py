"""How a call begins, from its INVITE to its ACK, at either side. RFC 3261 section 13."""
