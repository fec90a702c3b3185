"""Measures the assistant beside the stock Rasa pipeline: `make benchmark` (benchmarks/README.md)."""
