import os
from pathlib import Path

import pytest

from platform_core.sdk import UsageError
from platform_core.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder without settings of the developer's own."""
    for variable in [name for name in os.environ if name.upper().startswith("VERTICORE_")]:
        monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_keep_everything_in_one_folder(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.home == tmp_path / ".verticore"
    assert settings.database == f"sqlite:///{tmp_path}/.verticore/verticore.db"
    assert settings.storage == f"file://{tmp_path}/.verticore/storage"
    assert settings.host == "127.0.0.1"
    assert not settings.home.exists()


def test_the_nearer_to_the_command_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "verticore.toml").write_text('port = 1\nmax_batch_tokens = 11\ncache_bytes = "2 MiB"\nhost = "file"\n')
    monkeypatch.setenv("VERTICORE_PORT", "2")
    monkeypatch.setenv("VERTICORE_MAX_BATCH_TOKENS", "12")
    settings = load_settings(port=3, host=None)
    assert (settings.port, settings.max_batch_tokens, settings.cache_bytes) == (3, 12, 2 * 1024**2)
    assert settings.host == "file", "None means that the option was not given"


def test_the_first_file_found_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "ws"
    home.mkdir()
    (home / "verticore.toml").write_text("port = 1")
    assert load_settings(home).port == 1
    (tmp_path / "verticore.toml").write_text("port = 2")
    assert load_settings(home).port == 2
    (tmp_path / "other.toml").write_text("port = 3")
    monkeypatch.setenv("VERTICORE_CONFIG", "other.toml")
    assert load_settings(home).port == 3


def test_a_home_in_a_file_is_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "verticore.toml").write_text('home = "data"')
    monkeypatch.setenv("VERTICORE_CONFIG", str(tmp_path / "etc" / "verticore.toml"))
    assert load_settings().home == tmp_path / "etc" / "data"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("prot = 1", ["no setting 'prot'", "verticore.toml", "did you mean 'port'?"]),
        ('port = "many"', ["'port' is 'many'", "verticore.toml, key 'port'"]),
        ('tenant = "../x"', ["'tenant'", "verticore.toml, key 'tenant'"]),
        ("port = ", ["not valid TOML", "verticore.toml", "Invalid value"]),
    ],
)
def test_a_wrong_file_is_named_with_the_key(tmp_path: Path, text: str, parts: list[str]) -> None:
    (tmp_path / "verticore.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        load_settings()
    assert all(part in str(caught.value) for part in parts), str(caught.value)
    assert caught.value.exit_code == 2


def test_a_wrong_variable_or_option_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="option 'port'"):
        load_settings(port=70000)
    monkeypatch.setenv("VERTICORE_PORT", "70000")
    with pytest.raises(UsageError, match="environment variable VERTICORE_PORT"):
        load_settings()
    monkeypatch.setenv("VERTICORE_CONFIG", "absent.toml")
    with pytest.raises(UsageError, match=r"absent\.toml"):
        load_settings()


def test_every_setting_is_described() -> None:
    assert not [name for name, field in Settings.model_fields.items() if not field.description]


def test_trackers_are_a_list_in_the_file_and_words_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().trackers == ()
    (tmp_path / "verticore.toml").write_text('trackers = ["mlflow"]')
    assert load_settings().trackers == ("mlflow",)
    monkeypatch.setenv("VERTICORE_TRACKERS", "tensorboard, mlflow")
    assert load_settings().trackers == ("tensorboard", "mlflow")
    monkeypatch.setenv("VERTICORE_TRACKERS", "wandb")
    with pytest.raises(UsageError, match=r"VERTICORE_TRACKERS") as caught:
        load_settings()
    assert "'tensorboard' or 'mlflow'" in str(caught.value)


def test_the_password_of_the_tracking_server_is_not_shown() -> None:
    settings = load_settings(mlflow_uri="http://anna:secret@host")
    assert "secret" not in f"{settings!r} {settings}"
