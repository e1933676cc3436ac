from __future__ import annotations

import pytest

from platform_core.modeling.encoder_files import lasting_reference, read_safe_config
from platform_core.sdk import FileUnreadable


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
