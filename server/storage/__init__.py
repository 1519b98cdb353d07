"""Blobs on disk."""
