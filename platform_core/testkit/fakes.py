"""Plugins that exist on disk like installed ones, written in a moment: a distribution's metadata and its package."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import tomlkit

from platform_core.sdk import Task
from platform_core.testkit.fake_events import event_solution
from platform_core.testkit.fake_operations import tally_operation
from platform_core.testkit.fake_tables import table_solution

_SOLUTION = """
from pathlib import Path
from typing import Annotated

from platform_core.sdk import (
    CardNotes, ClassTarget, ColumnMapping, Example, NonBlank, Place, Probe, RawTable, Recipe, Record, Sample,
    Solution, Text,
)


class Words(Example):
    text: Annotated[NonBlank, Text()]


class Lines:
    name = "lines"
    description = "one text@label a line"
    specificity = 1

    def probe(self, source):
        return Probe(tuple(f for f in source.files if f.suffix == ".lines"), "ends in .lines")

    def raw(self, source, limit=None):
        rows = [r.values for r in self.read(source, ColumnMapping())][:limit]
        return RawTable({"text": [r["text"] for r in rows], "label": [r["label"] for r in rows]}, len(rows))

    def read(self, source, mapping):
        for file in self.probe(source).files:
            for number, line in enumerate(file.read_text().splitlines(), start=1):
                text, _, label = line.rpartition("@")
                yield Record(Place(source.name_of(file), number), {"text": text, "label": label})

    def propose(self, table, solution):
        return ColumnMapping({"text": "text", "label": "label"})


def write_sample(folder: Path) -> None:
    rows = [f"{word} number {i}@{label}" for i in range(40) for word, label in (("good", "up"), ("bad", "down"))]
    (folder / "sample.lines").write_text("\\n".join(rows))


solution = Solution(
    id="NAME.words",
    title="Words",
    summary="",
    example=Words,
    target=ClassTarget(),
    adapters=(Lines(),),
    head="platform_core.sdk.heads:ClassificationHead",
    recipes={"head": Recipe(epochs=1)},
    default_method="head",
    sample=Sample(write=write_sample, description="generated sample data", requests=({"text": "good"},)),
    notes=CardNotes(intended_use="tests"),
)
"""


@dataclass(frozen=True, kw_only=True)
class FakePlugin:
    """A plugin with one small solution: ``<name>.words``, ``<name>.rows`` where it reads a table, or ``<name>.events``.

    Attributes:
        name: name of the entry point.
        distribution: name of the distribution; ``verticore-<name>`` unless given.
        package: what the entry point names; ``verticore_<name>`` unless given.
        version: version of the distribution.
        kind: what the solution reads: ``words``, a ``table``, ``mixed``, a text and a table, or ``events`` of
            accounts, with texts to mask, and columns derived from what came before.
        answer: what it predicts from a table; else it is one of two labels.
        operation: whether it offers the operation ``<name>.tally`` too, which asks ``<name>.words@champion``.
        manifest: keys of the manifest to change; ``None`` as a value leaves the key out.
        files: more files of the package, or other contents: path within it → text.
    """

    name: str = "acme"
    distribution: str = ""
    package: str = ""
    version: str = "1.0"
    kind: Literal["words", "table", "mixed", "events"] = "words"
    answer: Task = "binary"
    operation: bool = False
    manifest: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def install(self, site: Path) -> Path:
        """Write the plugin below ``site``, a folder on ``sys.path``, and return the folder of its package."""
        package = self.package or f"verticore_{self.name}"
        self._write_metadata(site, package)
        return self.write_package(site / package)

    def write_package(self, folder: Path) -> Path:
        """Write the package alone, as in a source tree, and return its folder."""
        files = {
            "__init__.py": "",
            "plugin.toml": tomlkit.dumps(self._manifest(folder.name)),
            **self._solution_file(),
            **({"tally.py": tally_operation(self.name)} if self.operation else {}),
            **self.files,
        }
        for path, text in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return folder

    def _solution_file(self) -> dict[str, str]:
        if self.kind == "words":
            return {"words.py": _SOLUTION.replace("NAME", self.name)}
        if self.kind == "events":
            return {"events.py": event_solution(self.name)}
        return {"rows.py": table_solution(self.name, self.kind, self.answer)}

    def _manifest(self, package: str) -> dict[str, Any]:
        name = "rows" if self.kind in ("table", "mixed") else self.kind
        solution = {"id": f"{self.name}.{name}", "object": f"{package}.{name}:solution", "title": name.title()}
        operation = {"id": f"{self.name}.tally", "object": f"{package}.tally:operation", "title": "Tally"}
        keys = {
            "name": self.name,
            "version": self.version,
            "sdk": ">=0.1,<0.2",
            "title": self.name.title(),
            "licences": {"code": "Apache-2.0"},
            "solutions": [solution],
            "operations": [operation] if self.operation else None,
            **self.manifest,
        }
        return {key: value for key, value in keys.items() if value is not None}

    def _write_metadata(self, site: Path, package: str) -> None:
        distribution = self.distribution or f"verticore-{self.name}"
        folder = site / f"{distribution.replace('-', '_')}-{self.version}.dist-info"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {self.version}\n", encoding="utf-8"
        )
        (folder / "entry_points.txt").write_text(f"[verticore.plugins]\n{self.name} = {package}\n", encoding="utf-8")


@contextmanager
def fake_site(folder: Path) -> Iterator[Path]:
    """Make ``folder`` a place where distributions are installed; afterwards forget what was imported from it."""
    folder.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield folder
    finally:
        sys.path.remove(str(folder))
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(f"{folder}/"):
                del sys.modules[name]
