"""The assistant in a terminal, on CPython: the same session, modules and policy as in a browser."""
