"""Benchmarks: `make bench` measures, it never judges."""
