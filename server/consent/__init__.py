"""Versioned consent texts."""
