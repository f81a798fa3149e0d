"""The engine: its options, its life, and where the tree of actors is put together."""
