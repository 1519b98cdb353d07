"""Correlation: signals that belong together become incidents."""
