"""One request of the application, in a dialog with nobody."""
