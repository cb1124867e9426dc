"""What goes into site.zip: only what a session in the browser can reach, and every licence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .archive import Tree, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: Command line, gRPC, test plug-ins and compatibility layers for other major versions.
_UNREACHABLE = re.compile(
    r"""
    amplifier_core/(_grpc_gen/|cli\.py|pytest_plugin\.py|loader_grpc\.py)
    | pydantic/(v1/|mypy\.py|_hypothesis_plugin\.py)
    | .*\.pyi$ | .*/py\.typed$
    | .*\.dist-info/(sboms/|RECORD$|top_level\.txt$|entry_points\.txt$)
    """,
    re.VERBOSE,
)


def site_tree(kernel: Tree, wheels: Iterable[Path]) -> Tree:
    """Return the files of site-packages, still as source."""
    tree: Tree = {}
    for part in (kernel, *map(unpacked, wheels)):
        for name, content in part.items():
            if not _UNREACHABLE.match(name):
                tree[name] = _without_description(content) if _is_metadata(name) else content
    return tree


def _is_metadata(name: str) -> bool:
    return name.endswith(".dist-info/METADATA")


def _without_description(metadata: bytes) -> bytes:
    head, _, _ = metadata.decode().partition("\n\n")
    return f"{head}\n".encode()
