"""Keyed hashes in the place of identities, and their key."""

import stat
from multiprocessing import get_context
from pathlib import Path

import pytest

from platform_core.datasets.pseudonyms import KEY_FILE, Pseudonyms
from platform_core.sdk import FileUnreadable


def test_a_pseudonym_is_the_same_every_time_and_tells_nothing(tmp_path: Path) -> None:
    made = Pseudonyms(tmp_path / KEY_FILE)
    assert made.of("Ada Lovelace") == Pseudonyms(tmp_path / KEY_FILE).of(" Ada Lovelace ")
    assert made.of("Ada Lovelace") != made.of("ada lovelace")
    assert made.of(made.of("Ada")) == made.of("Ada"), "what is hashed stays"
    assert made.of("Ada") != Pseudonyms(tmp_path / KEY_FILE, tenant="other").of("Ada")
    assert made.of("Ada") != Pseudonyms(tmp_path / "other.key").of("Ada")
    assert made.fingerprint == Pseudonyms(tmp_path / KEY_FILE).fingerprint
    assert made.fingerprint != Pseudonyms(tmp_path / "other.key").fingerprint


def test_a_key_of_the_settings_needs_no_file(tmp_path: Path) -> None:
    assert Pseudonyms(tmp_path / KEY_FILE, "k" * 16).of("Ada") == Pseudonyms(tmp_path / "x", "k" * 16).of("Ada")
    assert not list(tmp_path.iterdir())


def test_the_key_is_made_when_it_is_needed_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "workspace" / KEY_FILE
    made = Pseudonyms(file)
    assert not file.parent.exists()
    made.of("Ada")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [KEY_FILE]


@pytest.mark.parametrize("content", ["", "zz", "00ff"])
def test_a_damaged_key_is_never_replaced(tmp_path: Path, content: str) -> None:
    file = tmp_path / KEY_FILE
    file.write_text(content)
    with pytest.raises(FileUnreadable, match="key of the pseudonyms") as caught:
        Pseudonyms(file).of("Ada")
    assert caught.value.where == str(file)
    assert file.read_text() == content


def _pseudonym(file: Path) -> str:
    return Pseudonyms(file).of("Ada")


def test_processes_that_begin_together_share_a_key(tmp_path: Path) -> None:
    with get_context("fork").Pool(4) as pool:
        assert len(set(pool.map(_pseudonym, [tmp_path / KEY_FILE] * 16))) == 1
