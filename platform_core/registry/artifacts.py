"""What a published model may consist of: data that no reader executes."""

from __future__ import annotations

import json
from pathlib import Path

from platform_core.sdk.errors import UnsafeArtifact

SAFE_SUFFIXES = frozenset({".safetensors", ".onnx", ".json", ".md", ".png"})
"""Weights, graphs, numbers and words, cards, pictures. Pickles (``.pkl``, ``.pt``, ``.bin``) run code when read."""


def refuse_unsafe(folder: Path) -> None:
    """Refuse a model folder with a file that could run code when it is read.

    Raises:
        UnsafeArtifact: names the file, either of another type than :data:`SAFE_SUFFIXES` or a configuration that
            asks for remote code.
    """
    for file in sorted(path for path in folder.rglob("*") if not path.is_dir()):
        place = file.relative_to(folder).as_posix()
        if file.suffix not in SAFE_SUFFIXES:
            raise UnsafeArtifact(
                f"a model may not hold the file {place}",
                where=str(folder),
                hint=f"only {', '.join(sorted(SAFE_SUFFIXES))} are accepted; save weights as safetensors",
            )
        if file.suffix == ".json" and _asks_for_remote_code(file):
            raise UnsafeArtifact(
                f"the configuration {place} asks for remote code",
                where=str(folder),
                hint="use an encoder whose code is part of an installed library",
            )


def _asks_for_remote_code(file: Path) -> bool:
    try:
        content = json.loads(file.read_bytes())
    except ValueError:
        return False
    return isinstance(content, dict) and bool(content.get("auto_map") or content.get("trust_remote_code"))
