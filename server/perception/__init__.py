"""Perception: worker processes that decode and analyse, and the server's side of them."""
