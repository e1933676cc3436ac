"""The command that makes a version again."""

from __future__ import annotations

import json
import shlex
from typing import Any

from platform_core.registry.card.model import ModelCard


def command_of(card: ModelCard) -> str:
    """Return the command for a shell."""
    return shlex.join(_export(card) if card.export else _train(card))


def _train(card: ModelCard) -> list[str]:
    words = ["verticore", "train", card.solution, "--data", card.data.dataset, "--name", card.model]
    words += ["--from", card.parent] if card.parent else []
    words += ["--method", card.method]
    words += ["--encoder", card.encoder.name] if card.encoder else []
    words += ["--goal", card.goal] if card.goal else []
    words += ["--abstain-risk", f"{card.abstain_risk:g}"] if card.abstain_risk is not None else []
    words += card.declined
    words += ["--devices", str(card.training.devices)] if card.training.devices > 1 else []
    words += ["--seed", str(card.seed)]
    for name, value in card.changed.items():
        words += [] if name == "encoder" else ["--set", f"{name}={_as_setting(value)}"]
    return words


def _export(card: ModelCard) -> list[str]:
    assert card.export is not None
    words = ["verticore", "export", card.export.parent, "--format", card.export.format]
    return [*words, "--int8"] if card.export.precision == "int8" else words


def _as_setting(value: Any) -> str:
    """Return ``value`` as ``--set`` reads it: JSON, or text that is none."""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        json.loads(value)
    except ValueError:
        return value
    return json.dumps(value, ensure_ascii=False)
