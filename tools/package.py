"""``./dev package``: the release as ``build/sidelight-VERSION.zip``, the same bytes every time."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

from tools.build import ROOT, build

TIME = (1980, 1, 1, 0, 0, 0)


def package() -> Path:
    """Build the release and zip it; returns the zip's path."""
    build("--release")
    folder = ROOT / "build/release"
    version = json.loads((folder / "manifest.json").read_text())["version"]
    path = ROOT / f"build/sidelight-{version}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return path


if __name__ == "__main__":
    made = package()
    print(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1e6:.1f} MB")
    sys.exit(0)
