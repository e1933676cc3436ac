"""What is refused: tampered versions, code in encoders and artifacts, encoders that are not the one trained on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from platform_core.modeling.artifact import load_artifact
from platform_core.modeling.encoder_files import locate_encoder
from platform_core.platform import Platform
from platform_core.sdk import (
    FileUnreadable,
    IntegrityError,
    NotFound,
    UnsafeArtifact,
    UsageError,
    WorkspaceTooNew,
)

HEAD = "platform_core.sdk.heads:ClassificationHead"


@pytest.fixture
def model_folder(workspace: Platform, tmp_path: Path) -> Path:
    """A copy of the files of a model."""
    folder = tmp_path / "model"
    shutil.copytree(workspace.registry.folder(workspace.registry.resolve("first")), folder)
    return folder


@pytest.fixture
def encoder_folder(tmp_path: Path) -> Path:
    """A copy of the packaged encoder."""
    folder = tmp_path / "encoder"
    shutil.copytree(locate_encoder("minilm").folder, folder)
    return folder


def edit(file: Path, **changes: object) -> None:
    content = json.loads(file.read_text())
    file.write_text(json.dumps(content | changes))


@pytest.mark.parametrize("name", ["head.safetensors", "delta.safetensors", "model.json"])
def test_a_tampered_version_is_refused_at_load(workspace, tmp_path, name):
    home = tmp_path / "copy"
    shutil.copytree(workspace.settings.home, home)
    with Platform.open(home) as platform:
        file = platform.registry.folder(platform.registry.resolve("first")) / name
        content = bytearray(file.read_bytes())
        content[-3] ^= 1
        file.write_bytes(content)
        with pytest.raises(IntegrityError, match=name.replace(".", r"\.")) as caught:
            platform.predict("first", [{"text": "Sales fell."}])
        assert caught.value.exit_code == 2


def test_a_model_that_names_foreign_code_is_refused(model_folder):
    spec = json.loads((model_folder / "model.json").read_text())
    edit(model_folder / "model.json", head=spec["head"] | {"object": "os:system"})
    with pytest.raises(UnsafeArtifact, match="os:system"):
        load_artifact(model_folder, head=HEAD)


def test_a_model_of_a_later_layout_is_refused(model_folder):
    edit(model_folder / "model.json", format=3)
    with pytest.raises(WorkspaceTooNew, match="format 3"):
        load_artifact(model_folder, head=HEAD)


def test_damaged_weights_are_named(model_folder):
    (model_folder / "delta.safetensors").write_bytes(b"nothing")
    with pytest.raises(IntegrityError, match=r"delta\.safetensors"):
        load_artifact(model_folder, head=HEAD)


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_an_encoder_that_asks_for_remote_code_is_refused(encoder_folder, file):
    edit(encoder_folder / file, auto_map={"AutoModel": "modeling_evil.EvilModel"})
    with pytest.raises(UnsafeArtifact, match="remote code"):
        locate_encoder(str(encoder_folder))


def test_an_encoder_with_pickled_weights_only_is_refused(encoder_folder):
    (encoder_folder / "model.safetensors").rename(encoder_folder / "pytorch_model.bin")
    with pytest.raises(UnsafeArtifact, match=r"pytorch_model\.bin"):
        locate_encoder(str(encoder_folder))


def test_a_folder_that_is_no_encoder_is_named(tmp_path):
    with pytest.raises(FileUnreadable, match=r"config\.json"):
        locate_encoder(str(tmp_path))


def test_downloads_need_permission():
    with pytest.raises(NotFound, match="--allow-download"):
        locate_encoder("nobody/no-such-model")
    with pytest.raises(NotFound, match="did you mean 'minilm'"):
        locate_encoder("minilmm")


def test_a_download_takes_safe_files_only(monkeypatch, encoder_folder):
    asked = {}

    def snapshot_download(reference: str, **options: object) -> str:
        asked.update(options, reference=reference)
        return str(encoder_folder)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    files = locate_encoder("org/name", allow_download=True)
    assert files.folder == encoder_folder
    assert asked["reference"] == "org/name"
    assert asked["local_files_only"] is False
    assert not any(pattern.endswith((".bin", ".py", ".pt")) for pattern in asked["allow_patterns"])


def test_a_model_refuses_another_encoder_than_its_own(tmp_path, small_csv, encoder_folder):
    with Platform.open(tmp_path / "home") as platform:
        platform.train(
            "finance.sentiment", small_csv, method="head", encoder=str(encoder_folder), settings={"epochs": 1}
        )
    edit(encoder_folder / "config.json", layer_norm_eps=1e-3)
    with Platform.open(tmp_path / "home") as platform, pytest.raises(IntegrityError, match="trained on"):
        platform.predict("finance.sentiment", [{"text": "Sales fell."}])


def test_output_files_are_whole_or_absent(workspace, small_csv, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match=r"\.csv"):
        workspace.predict_file("first", small_csv, output=tmp_path / "out.docx")
    result = workspace.predict_file("first", small_csv, output=tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0].endswith("prediction,score_negative,score_neutral,score_positive,topic")
    assert len(lines) == len(result.predictions) + 1
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]
