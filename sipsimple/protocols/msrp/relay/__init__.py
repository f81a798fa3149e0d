"""Paths at MSRP relays: asked for and kept. RFC 4976."""
