"""A conformance suite for MSRP: what a peer must do with given bytes, checked over real sockets.

RFC 4975 (MSRP), 4976 (relays), 6135 and 6714 (who connects, and to where), 5547 (file offers), 7701 (chat rooms),
3862 (CPIM), 3994 (who writes), 5438 (disposition notifications). The cases are data, in `cases`;
`player` plays one over a session that `given` or `calls` opened, `suite` plays them all. It shares no code with the
library's own MSRP, so that one error cannot hide in both. `python -m sipsimple.testing.msrp --help` tells the rest.
"""
