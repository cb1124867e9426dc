"""Kernels in TVM's script; ruff and mypy read it as Python, which it is not quite."""
