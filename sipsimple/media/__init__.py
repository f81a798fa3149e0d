"""What sounds: the pool of audio worker processes around pjsua2, and the audio legs of calls."""
