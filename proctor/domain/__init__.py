"""Values that everything else speaks of."""
