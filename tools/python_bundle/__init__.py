"""Builds what Pyodide loads at start: third-party code and kernel, our own code, a snapshot."""
