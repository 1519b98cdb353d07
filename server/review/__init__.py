"""Recordings and timelines of sittings, read-only and logged."""
