"""What becomes a dataset version: the files of each role, what is said of them, and where they came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import platform_core
from platform_core.datasets.describing import label_warnings
from platform_core.datasets.finishing import Finisher
from platform_core.datasets.inspection import suspects_of
from platform_core.datasets.looked_for import asked_of
from platform_core.datasets.open_warnings import unused_warning
from platform_core.datasets.options import ImportOptions
from platform_core.datasets.preparation import Prepared
from platform_core.datasets.reading import Memory, ReadResult, read_examples
from platform_core.datasets.targets import check_targets, labels_of
from platform_core.plugin_host.info import PluginInfo
from platform_core.sdk import Progress, Target
from platform_core.sdk import __version__ as sdk_version


def read_parts(
    finisher: Finisher, path: str | Path, options: ImportOptions, progress: Progress
) -> dict[str, ReadResult]:
    """Return what was read, by role: ``data``, and the official splits that there are, read in the same way."""
    solution = asked_of(finisher.solution, options.get("positive"))
    adapter, skip_bad = options.get("adapter"), options.get("skip_bad", False)
    named = {"group": options.get("group"), "time": options.get("time")}
    columns = dict(options.get("mapping") or {}) | {field: column for field, column in named.items() if column}
    data = read_examples(
        solution,
        path,
        finisher=finisher,
        adapter=adapter,
        mapping=columns,
        skip_bad=skip_bad,
        drop=options.get("drop") or (),
        keep=options.get("keep") or (),
        progress=progress,
    )
    check_targets(data.examples, solution.target, data.column_of("label"), str(path))
    columns_read = {field: column for field, column in data.mapping.items() if field != "time"}
    labels = sorted({label for row in data.examples for label in labels_of(row.target)})
    memory = Memory(data.adapter, columns_read, data.styles, labels)
    reads = {"data": data}
    for role, given in (("validation", options.get("validation")), ("test", options.get("test"))):
        if given is not None:
            reads[role] = read_examples(
                solution, given, finisher=finisher, adapter=adapter, remembered=memory, skip_bad=skip_bad
            )
    return reads


def warnings_of(reads: Mapping[str, ReadResult], prepared: Prepared, target: Target) -> list[str]:
    """Return what people should know before they trust the version."""
    warnings = [warning for read in reads.values() for warning in read.warnings]
    told = {suspect.column for suspect in reads["data"].dropped}
    warnings += [unused_warning(suspect) for suspect in suspects_of(reads["data"]) if suspect.column not in told]
    return warnings + label_warnings(prepared.examples, target) + prepared.warnings


def provenance_of(
    reads: Mapping[str, ReadResult], finisher: Finisher, plugin: PluginInfo, notes: Sequence[str]
) -> dict[str, Any]:
    """Return, as JSON types, which files were read by which software, what of them was left out, and what was hidden.

    Args:
        reads: what was read, by role.
        finisher: has finished its examples.
        plugin: the plugin of the solution.
        notes: what people should know of how rows were split.
    """
    hidden: dict[str, Any] = {}
    if finisher.solution.masker is not None:
        hidden["masking"] = {"by": finisher.solution.masker.name, "counts": dict(sorted(finisher.masked.items()))}
    if finisher.roles.identity in reads["data"].mapping:
        hidden["pseudonyms"] = {"field": finisher.roles.identity, "key": finisher.pseudonyms.fingerprint}
    return hidden | {
        "files": [file for role, read in reads.items() for file in _files(role, read)],
        "ignored_files": sum(len(read.ignored_files) for read in reads.values()),
        "bad_rows": sum(read.bad_rows for read in reads.values()),
        "unused_columns": list(reads["data"].unused),
        "notes": list(notes),
        "plugin": plugin.name,
        "plugin_version": plugin.version,
        "sdk": sdk_version,
        "verticore": platform_core.__version__,
    }


def _files(role: str, read: ReadResult) -> list[dict[str, Any]]:
    facts = []
    for file in read.reader.probe.files:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        facts.append(
            {"role": role, "name": read.reader.source.name_of(file), "sha256": digest, "bytes": file.stat().st_size}
        )
    return facts
