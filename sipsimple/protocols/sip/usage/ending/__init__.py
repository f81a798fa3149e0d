"""How a call ends, and what is told of it."""
