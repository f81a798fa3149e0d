"""What runs: the actor runtime, the sockets, and the actors that carry the cores."""
