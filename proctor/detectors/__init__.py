"""Detectors: pure rules from observations to signals; one file a rule."""
