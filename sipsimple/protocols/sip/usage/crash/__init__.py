"""What is still due to the peer and the application when the actor of a call has crashed."""
