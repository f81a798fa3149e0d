"""MSRP connections and relays (RFC 4975, 4976): who dials, listens, shares and watches them."""
