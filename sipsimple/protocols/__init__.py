"""What computes: SIP, SDP, MSRP and CPIM without I/O, clock, entropy or log."""
