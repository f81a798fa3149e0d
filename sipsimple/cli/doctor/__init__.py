"""`sipsimple doctor`: says what is wrong with an installation, its settings and the way to its server."""
