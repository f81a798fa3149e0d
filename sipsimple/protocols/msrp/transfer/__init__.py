"""A file over MSRP, at the side that sends and at the side that receives. RFC 5547."""
