"""Accounts: who calls, by which way, and the file and environment that say so."""
