"""One request outside of a call, from its draft to its outcome: REGISTER, SUBSCRIBE, PUBLISH, MESSAGE."""
