"""Capacity: what a candidate costs the server."""
