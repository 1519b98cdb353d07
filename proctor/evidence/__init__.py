"""Evidence: the hash chain of the timeline."""
