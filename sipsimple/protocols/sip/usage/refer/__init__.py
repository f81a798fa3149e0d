"""Transfers: REFER at either side, and the NOTIFYs that tell how it goes. RFC 3515."""
