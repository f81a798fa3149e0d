"""The sockets: UDP, TCP and TLS, and the actors that read them."""
