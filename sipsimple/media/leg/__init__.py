"""The audio leg of one call, as a value: what it is told, what it asks for, and the table between them."""
