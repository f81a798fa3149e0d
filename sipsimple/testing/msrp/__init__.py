"""A conformance suite for MSRP: what a peer must do with given bytes, checked over real sockets.

RFC 4975 (MSRP), 4976 (relays), 6135 (who connects), 5547 (file offers), 3862 (CPIM). The cases are data, in `cases`;
`player` plays one over a session that `given` or `calls` opened, `suite` plays them all. It shares no code with the
library's own MSRP, so that one error cannot hide in both. `python -m sipsimple.testing.msrp --help` tells the rest.
"""
