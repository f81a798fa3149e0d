"""What people touch: the published API, and the place where the tree of actors is put together."""
