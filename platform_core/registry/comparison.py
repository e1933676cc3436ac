"""Two versions side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platform_core.registry.schemas import VersionInfo

_FACTS = ("solution", "method", "encoder", "encoder_fingerprint", "dataset_version_id", "parent_id", "size_bytes")


def compare_versions(first: VersionInfo, second: VersionInfo) -> dict[str, Any]:
    """Return how ``second`` differs from ``first``, as JSON types.

    Returns:
        ``first`` and ``second`` (references); ``metrics``: name → ``{"first", "second", "difference"}``, where a
        version without the metric has ``None``; ``facts`` and ``lineage``: name → ``{"first", "second"}`` for what
        is not equal. What both have as mappings, such as recipes, is taken apart, with dotted names.
    """
    names = sorted(first.metrics.keys() | second.metrics.keys())
    return {
        "first": first.ref,
        "second": second.ref,
        "metrics": {name: _numbers(first.metrics.get(name), second.metrics.get(name)) for name in names},
        "facts": _unequal({n: getattr(first, n) for n in _FACTS}, {n: getattr(second, n) for n in _FACTS}),
        "lineage": _unequal(first.lineage, second.lineage),
    }


def _numbers(first: Any, second: Any) -> dict[str, Any]:
    both = isinstance(first, int | float) and isinstance(second, int | float)
    return {"first": first, "second": second, "difference": second - first if both else None}


def _unequal(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in sorted(first.keys() | second.keys()):
        a, b = first.get(name), second.get(name)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            found |= {f"{name}.{inner}": row for inner, row in _unequal(a, b).items()}
        elif a != b:
            found[name] = {"first": a, "second": b}
    return found
