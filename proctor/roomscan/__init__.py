"""How much of a room a turning camera has shown: coverage by tracked features, hints, panorama, what was met."""
