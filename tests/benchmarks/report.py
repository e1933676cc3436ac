"""Writes a benchmark's table into ``docs/reference/benchmarks.md``, replacing the section of the same name.

``$VERTICORE_BENCH_PAGE`` names another page, for trials.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

import torch

PAGE = Path(
    os.environ.get("VERTICORE_BENCH_PAGE")
    or Path(__file__).resolve().parent.parent.parent / "docs" / "reference" / "benchmarks.md"
)
HEAD = (
    "# Benchmarks\n\nMeasured by `make bench`, all contenders in one run on one machine. Machines differ and are "
    "noisy: trust ratios, not seconds.\n"
)


def write_section(title: str, words: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write ``## title`` with a paragraph and a table; print it too."""
    lines = ["| " + " | ".join(line) + " |" for line in (columns, ["---"] * len(columns), *rows)]
    machine = f"{platform.machine()}, torch {torch.__version__}" + (
        f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    )
    section = f"## {title}\n\n{words}\n\n" + "\n".join(lines) + f"\n\nMachine: {machine}.\n"
    print(section)
    page = PAGE.read_text("utf-8") if PAGE.is_file() else HEAD
    pattern = re.compile(rf"## {re.escape(title)}\n.*?(?=\n## |\Z)", re.S)
    page = pattern.sub(lambda _: section, page) if pattern.search(page) else f"{page.rstrip()}\n\n{section}"
    PAGE.write_text(page, "utf-8")
