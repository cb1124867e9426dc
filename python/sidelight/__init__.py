"""Sidelight: a private assistant built from Amplifier modules."""

__version__ = "0.1.0"
