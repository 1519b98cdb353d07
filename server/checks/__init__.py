"""Guided checks: what a candidate is asked to do in front of a camera, from the asking to the result."""
