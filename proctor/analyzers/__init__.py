"""Analyzers: frames and sound in, observations out; one file a model family."""
