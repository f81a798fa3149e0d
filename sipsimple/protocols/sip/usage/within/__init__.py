"""Requests inside the dialog: how they are made, by which way they go, who asks for credentials."""
