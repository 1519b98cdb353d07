"""Benchmarks that anyone can run: `python3 run.py bench NAME`."""
