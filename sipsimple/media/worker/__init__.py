"""The child process: a pjsua2 user agent on 127.0.0.1 that nobody but the engine talks to."""
