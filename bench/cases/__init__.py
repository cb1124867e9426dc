"""What the benchmarks ask."""
