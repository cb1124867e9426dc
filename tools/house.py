"""House rules a machine can check: file sizes, import direction, figures without a file."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

JS_LINES, PYTHON_LINES = 300, 500
PROCESSES = ("background", "sidepanel", "offscreen")
GENERATED = ("shared/contract", "requirements.lock", "package-lock.json")
#: Layers of python/sidelight, bottom first; a module may import its own layer's and lower ones.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset(
        {
            "contract",
            "errors",
            "ffi",
            "kernel",
            "tokens",
            "grammar",
            "schema",
            "turn",
            "streams",
            "jsontext",
        }
        | {"streaming", "transport", "personas"}
    ),
    frozenset({"host", "engine", "prompts"}),
    frozenset(
        {
            "toolcalls",
            "toolset",
            "effects",
            "policy",
            "reading",
            "budget",
            "events",
            "approval",
            "executor",
        }
        | {"prompting", "room", "labels", "host_transport", "providers", "builtin", "switching"}
    ),
    frozenset({"sessions"}),
    frozenset({"bridge"}),
    frozenset({"testing", "console"}),
)
#: Amplifier modules stand between the tools of the trade and the sessions that load them.
MODULES_MAY_IMPORT = 2
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")
FIGURE = re.compile(r"\b\d[\d,.]*\s?(?:tok/s|tokens/s|tokens per second|ms\b|MB/s)")


def tracked(root: Path) -> list[Path]:
    """Files git knows or would add."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return [root / name for name in names if name and (root / name).is_file()]


def long_files(root: Path, files: list[Path]) -> list[str]:
    """Files over the house's limit of lines."""
    found = []
    for file in files:
        name = str(file.relative_to(root))
        if name.startswith(GENERATED):
            continue
        limit = {".js": JS_LINES, ".mjs": JS_LINES, ".py": PYTHON_LINES}.get(file.suffix)
        if limit and (lines := len(file.read_text().splitlines())) > limit:
            found.append(f"{name}: {lines} lines, at most {limit}")
    return found


def process_imports(root: Path, files: list[Path]) -> list[str]:
    """A process folder imports itself and shared/, never another process."""
    found = []
    for file in files:
        name = file.relative_to(root)
        if file.suffix != ".js" or name.parts[0] not in (*PROCESSES, "shared"):
            continue
        for target in IMPORT.findall(file.read_text()):
            resolved = (file.parent / target).resolve()
            if not resolved.is_relative_to(root):
                found.append(f"{name} imports {target}, outside the project")
                continue
            folder = resolved.relative_to(root).parts[0]
            if folder not in (name.parts[0], "shared"):
                found.append(f"{name} imports {target}: a process imports only itself and shared/")
    return found


def layer_of(module: str) -> int | None:
    """Index of the layer of a ``sidelight`` submodule, None for the package itself."""
    return next((i for i, layer in enumerate(LAYERS) if module in layer), None)


def python_imports(root: Path, files: list[Path]) -> list[str]:
    """Lower layers of ``sidelight`` never import higher ones; every module has a layer."""
    found = []
    base = root / "python/sidelight"
    for file in files:
        if file.suffix != ".py" or not file.is_relative_to(base):
            continue
        own = file.relative_to(base).parts[0].removesuffix(".py")
        if own in ("__init__", "__main__"):
            continue
        own_layer = layer_of(own)
        if own_layer is None:
            found.append(f"{file.relative_to(root)}: {own} has no layer in tools/house.py")
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            for target in imported(node):
                layer = layer_of(target)
                if layer is not None and layer > own_layer:
                    found.append(
                        f"{file.relative_to(root)} imports sidelight.{target}, a higher layer"
                    )
    return found


def module_imports(root: Path, files: list[Path]) -> list[str]:
    """An Amplifier module imports no other module, and nothing that loads modules."""
    found = []
    for file in files:
        name = file.relative_to(root)
        if file.suffix != ".py" or not name.parts[1:2] or name.parts[0] != "python":
            continue
        own = name.parts[1]
        if not own.startswith("amplifier_module_"):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                top = node.module.split(".")[0]
                if top.startswith("amplifier_module_") and top != own:
                    found.append(f"{name} imports {top}: modules are loaded, never imported")
            for target in imported(node):
                layer = layer_of(target)
                if layer is not None and layer > MODULES_MAY_IMPORT:
                    found.append(f"{name} imports sidelight.{target}, a higher layer")
    return found


def imported(node: ast.AST) -> list[str]:
    """Names of the ``sidelight`` submodules that an import statement reaches."""
    if isinstance(node, ast.Import):
        return [a.name.split(".")[1] for a in node.names if a.name.startswith("sidelight.")]
    if isinstance(node, ast.ImportFrom) and node.module:
        if node.module == "sidelight":
            return [a.name for a in node.names]
        if node.module.startswith("sidelight."):
            return [node.module.split(".")[1]]
    return []


def loose_figures(root: Path, files: list[Path]) -> list[str]:
    """A measured figure in a document needs a result file named on the same line or table."""
    found = []
    for file in files:
        name = str(file.relative_to(root))
        if file.suffix != ".md" or name.startswith("docs/decisions"):
            continue
        text = file.read_text()
        for number, line in enumerate(text.splitlines(), 1):
            if not FIGURE.search(line):
                continue
            files_named = re.findall(r"bench/results/[\w.-]+\.json", text)
            if not files_named:
                found.append(f"{name}:{number}: a figure without a result file")
            found.extend(
                f"{name}:{number}: {result} does not exist"
                for result in files_named
                if not (root / result).is_file()
            )
    return sorted(set(found))


def findings(root: Path) -> list[str]:
    """All findings, one sentence each."""
    files = tracked(root)
    return (
        long_files(root, files)
        + process_imports(root, files)
        + python_imports(root, files)
        + module_imports(root, files)
        + loose_figures(root, files)
    )
