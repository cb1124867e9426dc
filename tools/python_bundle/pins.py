"""Every wheel of the bundle: exact version and hash. Downloads accept nothing else."""

from __future__ import annotations

from dataclasses import dataclass

PYODIDE_VERSION = "314.0.7"
PYTHON_VERSION = "3.14.2"
PYODIDE_ABI = "2026_0"
SITE_PACKAGES = "/lib/python3.14/site-packages"


@dataclass(frozen=True)
class Pin:
    """One wheel. `tags` are pip's platform, python, implementation and abi options."""

    name: str
    version: str
    sha256: str
    tags: tuple[str, ...] = ()

    @property
    def requirement(self) -> str:
        """The line for a hash-checked requirements file."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


_LINUX = (
    *("--platform", "manylinux2014_x86_64", "--python-version", "3.11"),
    *("--implementation", "cp", "--abi", "abi3"),
)
_WASM = (
    *("--platform", f"pyemscripten_{PYODIDE_ABI}_wasm32", "--python-version", "3.14"),
    *("--implementation", "cp", "--abi", "cp314"),
)
_PURE = ("--platform", "any", "--python-version", "3.14", "--implementation", "py")

#: The published kernel. Any platform does: the native library is not used.
KERNEL = Pin(
    "amplifier-core",
    "2.0.2",
    "50406335d88598d6b4cba90f8598e7774d2b9b189e9d3992a09474b777036f9f",
    _LINUX,
)

#: What the kernel needs at run time. pydantic demands exactly this pydantic_core.
RUNTIME = (
    Pin(
        "pydantic",
        "2.14.3",
        "3f7b347782ab7e4cf4c798496ae3a82787d9f21ec12676a9c564355eeef8daa8",
        _PURE,
    ),
    Pin(
        "pydantic_core",
        "2.50.4",
        "e6da138a1ecc1341c8b788a5ee822670b03788e1f5decf7af9d461de6e508b8e",
        _WASM,
    ),
    Pin(
        "typing_extensions",
        "4.16.0",
        "481caa481374e813c1b176ada14e97f1f67a4539ce9cfeb3f350d78d6370c2e8",
        _PURE,
    ),
    Pin(
        "annotated_types",
        "0.8.0",
        "f072f4d804ea359e4eaf198b1af7a8b0943881a87f31bb764f8bf219bb9419e0",
        _PURE,
    ),
    Pin(
        "typing_inspection",
        "0.4.5",
        "bc210535442b39e1bf2805e0c7a17dfd6a4ace760c84c7f7d16245d23a6b1c39",
        _PURE,
    ),
)

#: Only for running the tests inside Pyodide; never part of the extension.
TESTING = (
    Pin(
        "pytest",
        "9.2.0",
        "07acdcf88ec174f907dc01af70bf52d49b014bbab03faeeade31c96b18c2e588",
        _PURE,
    ),
    Pin(
        "pluggy",
        "1.7.0",
        "7dd7b0d8832ba3cb632c306926ded123429211b83641b35dc5c41ad2d34f9bec",
        _PURE,
    ),
    Pin(
        "iniconfig",
        "2.3.1",
        "9121e2c1fdb355232495be3194c8dfe87ccc2d5dee45947b78e68f499790d7a7",
        _PURE,
    ),
    Pin(
        "packaging",
        "26.3",
        "d7193f7c8e4e93f444fde0262bf90af30e16fa0ad0ad44cb553c87339b23cd1c",
        _PURE,
    ),
    Pin(
        "pygments",
        "2.21.0",
        "2363c69b61c4a97c838da3b130dcd6468f4848992b21a82f2a63ec34377137d9",
        _PURE,
    ),
)
