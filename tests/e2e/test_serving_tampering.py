"""Versions that are not what was published, and those of earlier releases, behind a real server."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from worlds.serving import Client, assert_like, serving

from platform_core.platform import Platform

pytestmark = pytest.mark.slow

RELEASES = sorted((Path(__file__).parent.parent / "golden").iterdir())


@pytest.fixture(scope="module")
def place(fleet, tmp_path_factory) -> Iterator[tuple[Client, Path]]:
    """A client of a server, and the folder of ``steady:1``, which nobody has asked for yet."""
    home = fleet.copy(tmp_path_factory.mktemp("tampering"))
    with Platform.open(home) as platform:
        folder = platform.registry.folder(platform.registry.resolve("steady:1"))
    with serving(home, fleet.environment) as server:
        client = server.client()
        yield client, folder
        client.close()


@contextmanager
def restored(folder: Path, copy: Path) -> Iterator[None]:
    """While inside, a folder may be changed."""
    shutil.copytree(folder, copy)
    try:
        yield
    finally:
        shutil.rmtree(folder)
        shutil.move(copy, folder)


def assert_refused(fleet, client: Client, name: str) -> None:
    """Ask for the version that was changed, and for another one."""
    asked = fleet.examples["steady:1"][0]
    status, problem = client.predict("steady", asked)
    assert (status, problem["code"]) == (500, "artifact.tampered"), problem
    assert name in problem["detail"] + problem["where"]
    status, said = client.predict("plain", asked)
    assert status == 200
    assert_like(said["predictions"][0], fleet.offline["plain:1"][0])


def test_any_byte_of_any_file_is_missed_and_the_file_is_named(fleet, place, tmp_path):
    client, folder = place
    files = sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    assert {"model.json", "manifest.json", "head.safetensors", "delta.safetensors", "card.json"} <= set(map(str, files))
    for name in files:
        for share in (0.0, 0.5, 1.0):
            with restored(folder, tmp_path / "copy"):
                content = bytearray((folder / name).read_bytes())
                content[int(share * (len(content) - 1))] ^= 1
                (folder / name).write_bytes(content)
                assert_refused(fleet, client, "manifest" if name.name == "manifest.json" else str(name))
        with restored(folder, tmp_path / "copy"):
            (folder / name).unlink()
            assert_refused(fleet, client, "manifest" if name.name == "manifest.json" else str(name))


@pytest.mark.parametrize("name", ["notes.txt", "more/weights.safetensors"])
def test_a_file_that_was_not_published_is_named(fleet, place, tmp_path, name):
    client, folder = place
    with restored(folder, tmp_path / "copy"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("more")
        assert_refused(fleet, client, name)


@pytest.mark.parametrize("forge_manifest", [False, True])
def test_another_description_is_refused_also_with_a_manifest_that_fits(fleet, place, tmp_path, forge_manifest):
    client, folder = place
    with restored(folder, tmp_path / "copy"):
        file = folder / "model.json"
        edited = json.dumps(json.loads(file.read_text()) | {"solution": "world.flawed"})
        file.write_text(edited)
        if forge_manifest:
            manifest = json.loads((folder / "manifest.json").read_text())
            manifest["files"]["model.json"] = {
                "sha256": hashlib.sha256(edited.encode()).hexdigest(),
                "size": len(edited),
            }
            (folder / "manifest.json").write_text(json.dumps(manifest))
        assert_refused(fleet, client, "manifest" if forge_manifest else "model.json")


def test_what_is_as_published_again_is_served(fleet, place):
    client, _ = place
    status, said = client.predict("steady", *fleet.examples["steady:1"])
    assert status == 200
    for found, wanted in zip(said["predictions"], fleet.offline["steady:1"], strict=True):
        assert_like(found, wanted)


@pytest.mark.parametrize("release", RELEASES, ids=lambda folder: folder.name)
def test_versions_of_a_release_are_served_with_the_outputs_that_it_recorded(release, tmp_path):
    copy = shutil.copytree(release, tmp_path / "release")
    expected = json.loads((copy / "expected.json").read_text("utf-8"))
    examples = [{"text": text} for text in expected["texts"]]
    with serving(copy / "workspace", {}, folder=copy) as server:  # the models name their encoder by a relative path
        client = server.client()
        for model, wanted in expected["predictions"].items():
            status, said = client.predict(model, *examples)
            assert status == 200, said
            for found, prediction in zip(said["predictions"], wanted, strict=True):
                assert_like({name: found[name] for name in prediction}, prediction)
        client.close()
