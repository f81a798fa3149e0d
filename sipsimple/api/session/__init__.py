"""One call as applications hold it: what it is, its methods, its actors, and the manager of all."""
