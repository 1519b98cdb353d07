"""Health, public configuration and load figures."""
