"""Recording: WebM segments that survive a crash and play at once."""
