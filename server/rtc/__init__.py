"""The only place that imports aiortc."""
