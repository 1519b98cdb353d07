"""Recording: encoded frames to durable, sealed segments; repair after a crash; playback."""
