"""``./dev package``: the release as ``build/sidelight-VERSION.zip``, the same bytes every time."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

from tools.build import ROOT, build
from tools.code_scan import judge, judge_release, load_allowed

TIME = (1980, 1, 1, 0, 0, 0)


def package() -> Path:
    """Build the release and zip it; returns the zip's path. Raises SystemExit on unknown code."""
    folder = ROOT / "build/release"
    # The scan reads names that minifying takes away, so it looks at the readable build and counts.
    build()
    build("--release")
    allowed = load_allowed()
    if found := judge(ROOT / "dist", allowed) + judge_release(folder, ROOT / "dist", allowed):
        sys.exit("\n".join(["No package was made: this code was not looked at.", *found]))
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
