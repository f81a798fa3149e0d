"""The actor of one MSRP chat."""
