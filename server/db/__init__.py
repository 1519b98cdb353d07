"""Records and migrations."""
