import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from platform_core.sdk import Conflict, IntegrityError, NotFound, StorageFull, UsageError
from platform_core.storage import Published, Storage
from platform_core.storage.service import ABANDONED_SECONDS

KEY = "tenants/local/models/ver_1"


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """The same storage on a local disk and behind an object store's interface."""
    memory = fsspec.filesystem("memory")
    yield Storage(f"file://{tmp_path}/st ore" if request.param == "file" else "memory://bucket", tmp_path / "cache")
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


def write(folder: Path, **texts: str) -> Path:
    """Write ``name__part=text`` as ``name/part.json``."""
    for name, text in texts.items():
        file = folder / f"{name.replace('__', '/')}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def publish(store: Storage, key: str = KEY, **texts: str) -> Published:
    with store.staging() as folder:
        return store.publish(write(folder, **(texts or {"head": "{}", "encoder__config": "[1]"})), key)


def test_what_is_published_is_read_back(store: Storage) -> None:
    published = publish(store)
    folder = store.fetch(KEY, digest=published.digest)
    assert (folder / "encoder" / "config.json").read_text() == "[1]"
    assert published == Published(KEY, published.digest, 5)
    assert store.exists(KEY)
    store.verify(KEY)


def test_publishing_the_same_again_changes_nothing(store: Storage) -> None:
    assert publish(store) == publish(store)
    with pytest.raises(Conflict, match="something else"):
        publish(store, head="{ }")
    assert (store.fetch(KEY) / "head.json").read_text() == "{}"


def test_a_folder_from_elsewhere_is_left_as_it_is(store: Storage, tmp_path: Path) -> None:
    mine = write(tmp_path / "mine", head="{}")
    store.publish(mine, KEY)
    assert [path.name for path in mine.iterdir()] == ["head.json"]


def test_keys_are_listed_below_a_folder(store: Storage) -> None:
    publish(store, "tenants/a/models/v1")
    publish(store, "tenants/b/datasets/d1")
    assert store.keys() == ["tenants/a/models/v1", "tenants/b/datasets/d1"]
    assert store.keys("tenants/a") == ["tenants/a/models/v1"]
    assert store.keys("nobody") == []


def test_what_is_deleted_is_gone(store: Storage) -> None:
    publish(store)
    store.fetch(KEY)
    store.delete(KEY)
    store.delete(KEY)
    assert not store.exists(KEY)
    assert store.keys() == []
    with pytest.raises(NotFound):
        store.fetch(KEY)


@pytest.mark.parametrize("key", ["../x", "a/../b", "/a", "a//b", "a/", "", ".staging/x", "a/.b", "a\\b", "a b"])
def test_keys_that_lead_elsewhere_are_refused(store: Storage, tmp_path: Path, key: str) -> None:
    folder = write(tmp_path / "mine", head="{}")
    for use in (lambda: store.publish(folder, key), lambda: store.fetch(key), lambda: store.delete(key)):
        with pytest.raises(UsageError):
            use()


def test_links_empty_folders_and_the_reserved_name_are_refused(store: Storage, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    linked = write(tmp_path / "linked", head="{}")
    (linked / "passwd.json").symlink_to("/etc/passwd")
    reserved = write(tmp_path / "reserved", manifest="{}")
    for folder, part in ((tmp_path / "empty", "empty"), (linked, "passwd.json"), (reserved, "manifest.json")):
        with pytest.raises(UsageError, match=part):
            store.publish(folder, KEY)
    assert store.keys() == []


class TestTampering:
    """Bytes that are not the published ones are never handed out."""

    @pytest.fixture
    def published(self, storage: Storage) -> Path:
        publish(storage)
        return storage.fetch(KEY)

    def test_a_changed_file_is_named(self, storage: Storage, published: Path) -> None:
        (published / "encoder" / "config.json").write_text("[2]")
        with pytest.raises(IntegrityError, match=r"encoder/config\.json is not what was published"):
            storage.fetch(KEY)
        assert storage.fetch(KEY, verify=False) == published

    def test_an_extra_file_is_named(self, storage: Storage, published: Path) -> None:
        (published / "evil.pkl").write_text("")
        with pytest.raises(IntegrityError, match=r"evil\.pkl was not published"):
            storage.fetch(KEY)

    def test_a_missing_file_is_named(self, storage: Storage, published: Path) -> None:
        (published / "head.json").unlink()
        with pytest.raises(IntegrityError, match=r"head\.json is missing"):
            storage.verify(KEY)

    def test_a_file_behind_a_link_is_refused(self, storage: Storage, published: Path, tmp_path: Path) -> None:
        shutil.move(published / "head.json", tmp_path / "head.json")
        (published / "head.json").symlink_to(tmp_path / "head.json")
        with pytest.raises(IntegrityError, match=r"head\.json"):
            storage.fetch(KEY)

    @pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 9, "files": {}}'])
    def test_a_damaged_manifest_is_named(self, storage: Storage, published: Path, text: str) -> None:
        (published / "manifest.json").write_text(text)
        with pytest.raises(IntegrityError) as caught:
            storage.fetch(KEY)
        assert "manifest.json" in str(caught.value)

    def test_a_missing_manifest_is_damage(self, storage: Storage, published: Path) -> None:
        (published / "manifest.json").unlink()
        with pytest.raises(IntegrityError, match="manifest is missing"):
            storage.fetch(KEY)

    def test_who_kept_the_digest_notices_a_forged_folder(self, storage: Storage, published: Path) -> None:
        genuine = storage.publish(write(published.parent / "copy", head="{}", encoder__config="[1]"), "copy").digest
        storage.fetch(KEY, digest=genuine)
        shutil.rmtree(published)
        publish(storage, KEY, head="[666]", encoder__config="[1]")
        storage.fetch(KEY)
        for use in (storage.fetch, storage.verify):
            with pytest.raises(IntegrityError, match="manifest"):
                use(KEY, digest=genuine)


class TestRemote:
    """What only an object store can do wrong."""

    @pytest.fixture
    def remote(self, tmp_path: Path) -> Iterator[Storage]:
        memory = fsspec.filesystem("memory")
        yield Storage("memory://bucket", tmp_path / "cache")
        memory.store.clear()
        memory.pseudo_dirs[:] = [""]

    def test_the_manifest_comes_last(self, remote: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
        memory = fsspec.filesystem("memory")

        def die(*_args: object, **_kwargs: object) -> None:
            assert memory.exists(f"/bucket/{KEY}/head.json")
            raise ConnectionError("cable cut")

        monkeypatch.setattr(type(memory), "pipe_file", die)
        with pytest.raises(ConnectionError):
            publish(remote)
        monkeypatch.undo()
        assert remote.keys() == []
        assert not memory.exists(f"/bucket/{KEY}/head.json"), "what was uploaded in vain is taken back"

    def test_files_without_manifest_are_not_there(self, remote: Storage) -> None:
        publish(remote)
        fsspec.filesystem("memory").rm_file(f"/bucket/{KEY}/manifest.json")
        assert not remote.exists(KEY)
        assert remote.keys() == []
        with pytest.raises(NotFound):
            remote.fetch(KEY)

    def test_a_damaged_copy_is_fetched_again(self, remote: Storage) -> None:
        publish(remote)
        copy = remote.fetch(KEY)
        (copy / "head.json").write_text("broken")
        assert (remote.fetch(KEY) / "head.json").read_text() == "{}"

    @pytest.mark.parametrize(("change", "message"), [("rm", "is missing"), ("pipe", "is not what was published")])
    def test_damage_in_the_store_is_noticed(self, remote: Storage, change: str, message: str) -> None:
        publish(remote)
        remote.fetch(KEY)
        memory = fsspec.filesystem("memory")
        place = f"/bucket/{KEY}/head.json"
        memory.rm_file(place) if change == "rm" else memory.pipe_file(place, b"[666]")
        with pytest.raises(IntegrityError, match=rf"head\.json {message}"):
            remote.verify(KEY)
        shutil.rmtree(remote.fetch(KEY))
        with pytest.raises(IntegrityError, match=rf"head\.json {message}"):
            remote.fetch(KEY)

    def test_an_extra_file_in_the_store_is_noticed(self, remote: Storage) -> None:
        publish(remote)
        fsspec.filesystem("memory").pipe_file(f"/bucket/{KEY}/evil.pkl", b"")
        with pytest.raises(IntegrityError, match=r"evil\.pkl was not published"):
            remote.verify(KEY)
        assert not (remote.fetch(KEY) / "evil.pkl").exists()


class TestFullDisk:
    """No room to write: said so, and nothing half-written stays."""

    @pytest.mark.parametrize("stage", ["copy", "flush", "rename"])
    def test_while_publishing(
        self, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
    ) -> None:
        def fail(*_args: object, **_kwargs: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        mine = write(tmp_path / "mine", head="{}")
        target = {"copy": (shutil, "copystat"), "flush": (os, "fsync"), "rename": (os, "rename")}[stage]
        monkeypatch.setattr(*target, fail)
        with pytest.raises(StorageFull, match="no room"):
            storage.publish(mine, KEY)
        monkeypatch.undo()
        assert storage.keys() == []
        assert not [path for path in storage_files(storage) if path.is_file()]

    def test_while_the_caller_writes(self, storage: Storage) -> None:
        with pytest.raises(StorageFull), storage.staging():
            raise OSError(errno.ENOSPC, "No space left on device")

    def test_as_libraries_in_rust_put_it(self, storage: Storage) -> None:
        with pytest.raises(StorageFull), storage.staging():
            raise RuntimeError('IoError(Os { code: 28, kind: StorageFull, message: "No space left on device" })')

    def test_other_failures_stay_what_they_are(self, storage: Storage) -> None:
        with pytest.raises(PermissionError), storage.staging():
            raise PermissionError(errno.EACCES, "denied")

    def test_for_real(self, storage: Storage, tmp_path: Path) -> None:
        """The kernel refuses: files may not grow beyond a limit."""
        mine = tmp_path / "mine"
        mine.mkdir()
        (mine / "weights.safetensors").write_bytes(b"x" * 1_000_000)
        script = f"""
import resource, signal
from pathlib import Path
from platform_core.sdk import StorageFull
from platform_core.storage import Storage
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    Storage({storage.url!r}, Path("unused")).publish(Path({str(mine)!r}), {KEY!r})
except StorageFull:
    raise SystemExit(7)
"""
        assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 7
        assert storage.keys() == []
        assert not [path for path in storage_files(storage) if path.is_file()]


def storage_files(storage: Storage) -> list[Path]:
    return list(Path(storage.url.removeprefix("file://")).rglob("*"))


def test_a_sweep_removes_what_dead_processes_left(storage: Storage) -> None:
    with storage.staging() as alive:
        write(alive, head="{}")
        dead = alive.with_name("dead")
        write(dead, head="{}")
        long_ago = time.time() - ABANDONED_SECONDS - 60
        for path in (dead / "head.json", dead):
            os.utime(path, (long_ago, long_ago))
        assert storage.sweep() == 1
        assert alive.exists()
        assert not dead.exists()
    assert storage.sweep() == 0


def test_an_unknown_protocol_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="storage"):
        Storage("carrierpigeon://coop", tmp_path)
