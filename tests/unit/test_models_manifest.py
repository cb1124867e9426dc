"""The packaged model files are exactly those the manifest lists."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path, PurePosixPath
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

pytestmark = pytest.mark.unit

MODELS = Path(__file__).resolve().parents[2] / "models"
SHA256 = r"^[0-9a-f]{64}$"


class ModelFile(BaseModel):
    """One file, `path` relative to the models folder."""

    model_config = ConfigDict(extra="forbid")
    path: str = Field(pattern=r"^prebuilt/[A-Za-z0-9_./-]+$")
    role: Literal["config", "tokenizer", "weights_index", "weights", "library"]
    bytes: int = Field(gt=0)
    sha256: str = Field(pattern=SHA256)


class Architecture(BaseModel):
    """What a reference implementation needs besides the weights."""

    model_config = ConfigDict(extra="forbid")
    vocabulary_tokens: int
    hidden_size: int
    feed_forward_size: int
    layers: int
    heads: int
    kv_heads: int
    head_size: int
    rope_theta: float
    norm_epsilon: float
    tied_output: bool


class Model(BaseModel):
    """One packaged model."""

    model_config = ConfigDict(extra="forbid")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    name: str
    purpose: Literal["default", "test"]
    label: str = Field(min_length=20, max_length=240)
    description: str
    provenance: str = Field(min_length=40)
    license: dict[str, str]
    model_path: str
    library_path: str
    context_window_tokens: int = Field(gt=0)
    parameters: int = Field(gt=0)
    prompt_family: str
    control_tokens: list[str] = Field(min_length=1)
    required_features: list[str]
    architecture: Architecture
    files: list[ModelFile]


class Manifest(BaseModel):
    """`models/manifest.json`."""

    model_config = ConfigDict(extra="forbid")
    version: Literal[1]
    #: models below it get one round of tools per turn
    one_step_below_parameters: int = Field(gt=0)
    models: list[Model] = Field(min_length=1)


def read(root: Path) -> Manifest:
    """The manifest under `root`; raises pydantic.ValidationError when it is malformed."""
    return Manifest.model_validate_json((root / "manifest.json").read_bytes())


def differences(root: Path) -> list[str]:
    """One line for each packaged file that is missing, changed or not listed."""
    found: list[str] = []
    listed: set[str] = set()
    for model in read(root).models:
        for file in model.files:
            listed.add(file.path)
            path = root / PurePosixPath(file.path)
            if not path.is_file():
                found.append(f"{file.path}: missing")
                continue
            data = path.read_bytes()
            if len(data) != file.bytes:
                found.append(f"{file.path}: {len(data)} bytes, manifest says {file.bytes}")
            elif hashlib.sha256(data).hexdigest() != file.sha256:
                found.append(f"{file.path}: contents differ from the manifest's SHA-256")
    for path in sorted((root / "prebuilt").rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and name not in listed:
            found.append(f"{name}: not in the manifest")
    return found


def test_files_match_the_manifest() -> None:
    assert differences(MODELS) == []


def test_ids_are_unique_and_one_model_is_the_default() -> None:
    models = read(MODELS).models
    assert len({model.id for model in models}) == len(models)
    assert [model.purpose for model in models].count("default") == 1


def test_each_model_is_a_complete_mlc_folder() -> None:
    for model in read(MODELS).models:
        paths = {file.path: file.role for file in model.files}
        folder = f"{model.model_path}/resolve/main"
        assert paths[model.library_path] == "library"
        assert paths[f"{folder}/mlc-chat-config.json"] == "config"
        assert paths[f"{folder}/tokenizer.json"] == "tokenizer"
        index = json.loads((MODELS / folder / "tensor-cache.json").read_bytes())
        for shard in index["records"]:
            assert paths[f"{folder}/{shard['dataPath']}"] == "weights"
        config = json.loads((MODELS / folder / "mlc-chat-config.json").read_bytes())
        assert config["vocab_size"] == model.architecture.vocabulary_tokens
        assert model.context_window_tokens <= config["context_window_size"]


def test_parameter_counts_are_those_of_the_weights() -> None:
    for model in read(MODELS).models:
        index = json.loads(
            (MODELS / model.model_path / "resolve/main/tensor-cache.json").read_bytes()
        )
        total = 0
        for shard in index["records"]:
            for record in shard["records"]:
                size = 1
                for extent in record["shape"]:
                    size *= extent
                total += size
        assert total == model.parameters


def test_control_tokens_are_special_in_the_tokenizer() -> None:
    for model in read(MODELS).models:
        tokenizer = json.loads(
            (MODELS / model.model_path / "resolve/main/tokenizer.json").read_bytes()
        )
        special = {token["content"] for token in tokenizer["added_tokens"] if token["special"]}
        assert set(model.control_tokens) <= special


@pytest.mark.parametrize("position", ["first", "middle", "last"])
def test_one_changed_byte_is_named(tmp_path: Path, position: str) -> None:
    copy = tmp_path / "models"
    shutil.copytree(MODELS, copy)
    name = "prebuilt/tiny/resolve/main/params_shard_0.bin"
    data = bytearray((copy / name).read_bytes())
    at = {"first": 0, "middle": len(data) // 2, "last": len(data) - 1}[position]
    data[at] ^= 1
    (copy / name).write_bytes(data)
    assert differences(copy) == [f"{name}: contents differ from the manifest's SHA-256"]


def test_missing_short_and_unlisted_files_are_named(tmp_path: Path) -> None:
    copy = tmp_path / "models"
    shutil.copytree(MODELS, copy)
    (copy / "prebuilt/tiny/tiny.wasm").unlink()
    config = "prebuilt/tiny/resolve/main/mlc-chat-config.json"
    (copy / config).write_bytes((copy / config).read_bytes()[:-1])
    (copy / "prebuilt/extra.bin").write_bytes(b"x")
    found = differences(copy)
    assert "prebuilt/tiny/tiny.wasm: missing" in found
    assert any(line.startswith(f"{config}: ") and "bytes" in line for line in found)
    assert "prebuilt/extra.bin: not in the manifest" in found
