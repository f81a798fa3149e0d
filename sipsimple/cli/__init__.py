"""The endpoint as a program: `listen` answers calls, `chat` makes one, `demo` shows both."""
