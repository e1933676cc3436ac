"""What a plugin's source imports that it should not: rooms of the core behind the SDK, and other plugins."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from platform_core.plugin_host.info import Finding

_CORE = "platform_core"
_OPEN_ROOMS = frozenset({"platform_core.sdk", "platform_core.testkit"})


def forbidden_imports(package: Path, others: Iterable[str]) -> list[Finding]:
    """Return an error for each import in a plugin that goes past the SDK; nothing is run.

    Args:
        package: folder of the plugin's import package.
        others: import packages of other plugins.
    """
    others = frozenset(others) - {package.name}
    return [
        _finding(file, line, name, others)
        for file in sorted(package.rglob("*.py"))
        for line, name in _imports(file)
        if _is_behind_the_sdk(name) or name.partition(".")[0] in others
    ]


def _is_behind_the_sdk(name: str) -> bool:
    return name.startswith(f"{_CORE}.") and ".".join(name.split(".")[:2]) not in _OPEN_ROOMS


def _imports(file: Path) -> Iterator[tuple[int, str]]:
    """Yield line and absolute name of what a file imports; one that is no Python is found by running it."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from platform_core import registry` names a room too.
            names = [f"{_CORE}.{alias.name}" for alias in node.names] if node.module == _CORE else [node.module]
            yield from ((node.lineno, name) for name in names)


def _finding(file: Path, line: int, name: str, others: frozenset[str]) -> Finding:
    if name.partition(".")[0] in others:
        return Finding(
            level="error",
            message=f"{file}:{line} imports the plugin {name}, which need not be installed",
            hint="let an operation call its models: context.predict('model@alias', examples)",
        )
    return Finding(
        level="error",
        message=f"{file}:{line} imports {name}, which may change with any release",
        hint="import from platform_core.sdk, sdk.heads or sdk.adapters; in tests from platform_core.testkit",
    )
