"""Tests that anybody may run against any peer."""
