"""What is heard: the audio of sessions, and the sounds beside it."""
