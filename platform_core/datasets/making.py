"""From files to the contents of a version: read, left out who was erased, split, described."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from platform_core.datasets.arranging import arrange
from platform_core.datasets.catalogue import Contents
from platform_core.datasets.file_names import FileNames
from platform_core.datasets.finishing import Finisher
from platform_core.datasets.importing import provenance_of, read_parts, warnings_of
from platform_core.datasets.looked_for import choose_looked_for
from platform_core.datasets.options import ImportOptions
from platform_core.datasets.preparation import prepare
from platform_core.datasets.reading import files_of
from platform_core.datasets.rewriting import provenance_without
from platform_core.datasets.splitting import Ratio
from platform_core.datasets.targets import count_targets, ordered_labels
from platform_core.datasets.tombstones import without_erased
from platform_core.plugin_host.info import PluginInfo
from platform_core.sdk import Progress

DEFAULT_SPLIT = "80/10/10"


@dataclass(frozen=True)
class Made:
    """What files gave.

    Attributes:
        contents: of the version, as they are stored.
        warnings: those of the contents, with the names of files as they are.
    """

    contents: Contents
    warnings: list[str]


def make_contents(
    finisher: Finisher,
    plugin: PluginInfo,
    path: str | Path,
    options: ImportOptions,
    *,
    erased: Set[str],
    progress: Progress,
) -> Made:
    """Read files and make of them what a version holds; nothing is stored.

    Args:
        finisher: of the solution.
        plugin: whose solution it is.
        path: file or folder.
        options: see :class:`ImportOptions`.
        erased: keyed hashes of persons whose rows are left out.
        progress: is told how it goes.

    Raises:
        BadInput: an option is wrong, or the data cannot be used.
    """
    solution, seed = finisher.solution, options.get("seed", 0)
    ratio = Ratio.parse(options.get("split") or DEFAULT_SPLIT)
    progress.stage("Reading data")
    parts = read_parts(finisher, path, options, progress)
    kept = {role: without_erased(read, erased, finisher.pseudonyms.of) for role, read in parts.items()}
    arrangement = arrange(kept, options, finisher.roles)
    data, official = arrangement.reads["data"], {r: read for r, read in arrangement.reads.items() if r != "data"}
    progress.stage("Finding duplicates, splitting")
    prepared = prepare(
        data.examples,
        {role: read.examples for role, read in official.items()},
        ratio,
        seed=seed,
        time_column=arrangement.time_column,
    )
    labels = ordered_labels((row.target for row in prepared.examples), solution.target)
    counts = count_targets([row for row in prepared.examples if row.split == "train"])
    positive = choose_looked_for(solution.target, labels, counts, options.get("positive"))
    notes = [*arrangement.notes, *([positive.note] if positive and positive.note else [])]
    names = FileNames(finisher, parts.values())
    warnings = warnings_of(arrangement.reads, prepared, solution.target)
    provenance = provenance_without(
        provenance_of(arrangement.reads, finisher, plugin, notes),
        files_of(parts.values()) - files_of(kept.values()),
    )
    contents = Contents(
        solution=solution.id,
        examples=names.in_rows(prepared.examples),
        labels=labels,
        adapter=data.adapter,
        mapping=data.mapping,
        options={
            "split": str(ratio),
            "seed": seed,
            "by_time": arrangement.time_column is not None,
            "official": sorted(official),
            **({"positive": positive.label, "positive_by": positive.by} if positive else {}),
        },
        statistics=prepared.statistics,
        provenance=names.in_provenance(provenance),
        warnings=names.in_texts(warnings),
    )
    return Made(contents, warnings)
