"""Sample data of solutions, as files."""

from __future__ import annotations

from pathlib import Path

from platform_core.sdk import Adapter, Solution, Source


def write_sample(solution: Solution, folder: Path) -> Source:
    """Write the sample of a solution into ``folder``; return it as adapters get it."""
    solution.sample.write(folder)
    return Source(folder, tuple(sorted(file for file in folder.rglob("*") if file.is_file())))


def contents(source: Source) -> dict[str, bytes]:
    """Return the bytes of each file, by name."""
    return {source.name_of(file): file.read_bytes() for file in source.files}


def adapter_for(solution: Solution, source: Source) -> Adapter:
    """Return the most specific adapter of ``solution`` that knows the files of ``source``."""
    fitting = [adapter for adapter in solution.adapters if adapter.probe(source).files]
    assert fitting, f"no adapter of {solution.id} knows the files of its sample"
    return max(fitting, key=lambda adapter: adapter.specificity)
