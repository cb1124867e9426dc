"""Generate the JavaScript side of the contract from ``python/sidelight/contract/``.

``python -m tools.contract`` writes ``shared/contract.schema.json``, ``shared/contract.d.ts`` and
``shared/contract-check.js``; ``--check`` only compares and names what drifted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

from sidelight import contract  # noqa: E402

OUTPUTS = ("contract.schema.json", "contract.d.ts", "contract-check.js")
NOTIFICATIONS = (
    "TurnEvents",
    "AppStateChanged",
    "ConversationsChanged",
    "PageStateChanged",
    "HandoffReady",
    "SettingsChanged",
    "DecisionsChanged",
    "LedgerChanged",
    "PythonEvents",
)
UNIONS = (
    "PanelToOffscreen",
    "ToBackground",
    "ToPanel",
    "ToPython",
    "PythonToOffscreen",
    "EngineToPython",
    "PythonToEngine",
    "TurnEventBody",
)


def strip_titles(node: Any) -> Any:
    """Drop pydantic's ``title`` keys: they become alias noise in the generated types.

    A property called ``title`` is a dict, a schema title is a string: only strings go.
    """
    if isinstance(node, dict):
        return {
            k: strip_titles(v) for k, v in node.items() if not (k == "title" and isinstance(v, str))
        }
    if isinstance(node, list):
        return [strip_titles(v) for v in node]
    return node


def build_schema() -> dict[str, Any]:
    """One schema document: every model and every union under ``$defs``, plus the request table."""
    models = [
        value
        for value in vars(contract).values()
        if isinstance(value, type)
        and issubclass(value, contract.Model)
        and value is not contract.Model
    ]
    _, top = models_json_schema([(m, "validation") for m in models], ref_template="#/$defs/{model}")
    defs: dict[str, Any] = top["$defs"]
    for name in UNIONS:
        schema = TypeAdapter(getattr(contract, name)).json_schema(ref_template="#/$defs/{model}")
        schema.pop("$defs", None)
        schema.pop("discriminator", None)
        defs[name] = schema
    requests = {}
    for model in models:
        field = model.model_fields.get("type")
        if field is None:
            continue
        wire = field.annotation.__args__[0]
        if wire in contract.RESULTS:
            requests[wire] = {"request": model.__name__, "result": contract.RESULTS[wire].__name__}
    notifications = {
        getattr(contract, n).model_fields["type"].annotation.__args__[0]: n for n in NOTIFICATIONS
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "sidelight",
        "$defs": strip_titles(dict(sorted(defs.items()))),
        "x-requests": dict(sorted(requests.items())),
        "x-notifications": dict(sorted(notifications.items())),
    }


def generate(out: Path) -> None:
    """Write the three generated files into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / "contract.schema.json"
    path.write_text(json.dumps(build_schema(), indent=1, ensure_ascii=False) + "\n")
    subprocess.run(
        ["node", str(ROOT / "tools/contract/generate.mjs"), str(path), str(out)],
        check=True,
        cwd=ROOT,
    )


def main() -> int:
    """Command line entry. Returns 1 when ``--check`` finds a difference."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if not args.check:
        generate(ROOT / "shared")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        drifted = [
            name
            for name in OUTPUTS
            if (Path(folder) / name).read_text() != (ROOT / "shared" / name).read_text()
        ]
    for name in drifted:
        print(f"shared/{name} differs from python/sidelight/contract: run python -m tools.contract")
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main())
