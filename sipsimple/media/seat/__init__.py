"""The SIP between the engine and one worker about one call, as a value: offers and answers for its audio line."""
