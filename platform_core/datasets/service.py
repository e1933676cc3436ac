"""What can be done with datasets. This room owns their transactions."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

from platform_core.datasets.catalogue import Catalogue
from platform_core.datasets.erasing import Eraser
from platform_core.datasets.extending import Extension
from platform_core.datasets.finishing import Finisher
from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.inspection import Inspection, inspect_examples
from platform_core.datasets.making import make_contents
from platform_core.datasets.mapping import MappedColumns
from platform_core.datasets.naming import checked_name, is_path
from platform_core.datasets.options import ImportOptions
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.reading import Memory, ReadResult, read_examples
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.splitting import SPLITS
from platform_core.datasets.successors import make_successor, newest_successor
from platform_core.datasets.tombstones import subject_of
from platform_core.datasets.versions import read_version
from platform_core.db.engine import Database
from platform_core.plugin_host.host import PluginHost
from platform_core.sdk import Conflict, EmptyData, NotFound, Progress, Silent, UsageError
from platform_core.storage.service import Storage


class Datasets:
    """The datasets of one tenant.

    Args:
        db: where versions are listed.
        storage: where their examples are.
        host: knows the solutions.
        pseudonyms: stand in the place of identities.
        tenant: whose datasets these are.

    Attributes:
        eraser: erases persons from them.
    """

    def __init__(self, db: Database, storage: Storage, host: PluginHost, pseudonyms: Pseudonyms, tenant: str) -> None:
        self.eraser = Eraser(db, storage, host, pseudonyms, tenant)
        self._catalogue = Catalogue(db, storage, tenant)
        self._storage = storage
        self._host = host
        self._pseudonyms = pseudonyms

    def finisher(self, solution_id: str) -> Finisher:
        """Return what finishes examples of a solution: those of files, and those of requests."""
        return Finisher(self._host.solution(solution_id), self._pseudonyms)

    def read(
        self,
        solution_id: str,
        path: str | Path,
        *,
        adapter: str | None = None,
        mapping: MappedColumns | None = None,
        remembered: Memory | None = None,
        labelled: bool | None = None,
        skip_bad: bool = False,
        drop: Iterable[str] = (),
        keep: Iterable[str] = (),
        progress: Progress | None = None,
    ) -> ReadResult:
        """Read a file or folder and store nothing; see :func:`read_examples`."""
        return read_examples(
            self._host.solution(solution_id),
            path,
            finisher=self.finisher(solution_id),
            adapter=adapter,
            mapping=mapping,
            remembered=remembered,
            labelled=labelled,
            skip_bad=skip_bad,
            drop=drop,
            keep=keep,
            progress=progress,
        )

    def inspect(
        self,
        solution_id: str,
        path: str | Path,
        *,
        adapter: str | None = None,
        mapping: MappedColumns | None = None,
        drop: Iterable[str] = (),
        keep: Iterable[str] = (),
    ) -> Inspection:
        """Say what would be read; rows that cannot be used are counted.

        Raises:
            BadInput: nothing can be read at all.
        """
        read = self.read(
            solution_id, path, adapter=adapter, mapping=mapping, labelled=None, skip_bad=True, drop=drop, keep=keep
        )
        return inspect_examples(read, self._host.solution(solution_id).target)

    def import_(
        self,
        solution_id: str,
        path: str | Path,
        *,
        name: str | None = None,
        progress: Progress | None = None,
        **options: Unpack[ImportOptions],
    ) -> DatasetInfo:
        """Make an immutable version of a file or folder. The same content and options give the same version.

        Rows of persons who were erased are left out, with a warning.

        Args:
            solution_id: for which solution.
            path: file or folder.
            name: name of the dataset; the solution's id if left out.
            progress: is told how it goes.
            options: see :class:`ImportOptions`.

        Raises:
            BadInput: an option is wrong or the data cannot be used; nothing was stored.
            Conflict: a person was erased meanwhile; nothing was stored.
            StorageFull: there is no room; nothing was stored.
        """
        finisher, watcher = self.finisher(solution_id), progress or Silent()
        title = checked_name(name or solution_id)
        erased, plugin = self.eraser.erased(solution_id), self._host.plugin(solution_id.partition(".")[0])
        made = make_contents(finisher, plugin, path, options, erased=erased, progress=watcher)
        watcher.stage("Storing the dataset version")
        info = self._catalogue.add(title, made.contents, erased)
        # Names of files are told once, to who gave them.
        return replace(info, warnings=made.warnings) if info.warnings == made.contents.warnings else info

    def obtain(
        self,
        solution_id: str,
        data: str | Path,
        *,
        progress: Progress | None = None,
        **options: Unpack[ImportOptions],
    ) -> DatasetInfo:
        """Return the dataset version that ``data`` names, or import the file or folder that it is.

        Args:
            solution_id: for which solution.
            data: a path, or ``name``, ``name:1``.
            progress: is told how it goes.
            options: as for :meth:`import_`; a version is split already, so that only ``seed`` may be given with one.

        Raises:
            NotFound: there is neither a file nor a dataset of this name.
            UsageError: an option does not go with a dataset version.
            Conflict: the dataset is one of another solution.
        """
        if is_path(data):
            imported = self.import_(solution_id, data, progress=progress, **options)
            for note in imported.notes:
                (progress or Silent()).note(note)
            return imported
        info = self._resolve_for(solution_id, str(data))
        given = [key for key, value in options.items() if value and key != "seed"]
        if given:
            raise UsageError(
                f"{given[0]!r} says how files are imported, but {info.ref} is imported already",
                hint="leave it out, or give the path of the files",
            )
        return info

    def extend(
        self, parent: DatasetInfo, further: Sequence[LabeledExample], source: Mapping[str, Any]
    ) -> tuple[DatasetInfo, Extension]:
        """Make the next version of a dataset: all rows of ``parent`` in their splits, and further ones.

        Args:
            parent: the version to go on from.
            further: finished, labelled rows, the oldest first; see :func:`~platform_core.datasets.extending.extend`.
                Those of persons who were erased are left out.
            source: what is told of where they come from, as JSON types.

        Returns:
            The version, or ``parent`` where there is nothing to change, and what became of the rows.

        Raises:
            EmptyData: all rows of ``parent`` were erased.
            Conflict: a person was erased meanwhile, or identities were hashed with another key.
            StorageFull: there is no room; nothing was stored.
        """
        erased = self.eraser.erased(parent.solution)
        kept = [row for row in further if subject_of(row, erased, self._pseudonyms.of) is None]
        made = make_successor(parent, self.load(parent), kept, self.finisher(parent.solution), source)
        if not made.extension.changes:
            return parent, made.extension
        return self._catalogue.add(parent.name, made.contents, erased), made.extension

    def newest_successor(self, info: DatasetInfo) -> DatasetInfo:
        """Return the last of the versions that go on from ``info``; itself where none does."""
        return newest_successor(info, self._catalogue.all())

    def examples_for(
        self,
        solution_id: str,
        data: str | Path,
        *,
        adapter: str | None = None,
        mapping: MappedColumns | None = None,
        remembered: Memory | None = None,
        split: str = "test",
        skip_bad: bool = False,
        progress: Progress | None = None,
    ) -> tuple[builtins.list[LabeledExample], builtins.list[str]]:
        """Return labelled examples to evaluate on, and warnings.

        Args:
            solution_id: of which solution.
            data: a dataset version, of which ``split`` is taken, or a path, which is read whole and not stored.
            adapter, mapping, remembered, skip_bad, progress: as for :meth:`read`.
            split: ``train``, ``validation``, ``test`` or ``all``.

        Raises:
            BadInput: the data, the reference or the split cannot be used.
        """
        if split not in (*SPLITS, "all"):
            raise UsageError(f"there is no split {split!r}", where="--split", hint=f"one of {', '.join(SPLITS)}, all")
        if is_path(data):
            read = self.read(
                solution_id,
                data,
                adapter=adapter,
                mapping=mapping,
                remembered=remembered,
                labelled=True,
                skip_bad=skip_bad,
                progress=progress,
            )
            return read.examples, read.warnings
        info = self._resolve_for(solution_id, str(data))
        examples = self.load(info, None if split == "all" else [split])
        if not examples:
            filled = ", ".join(name for name, count in info.splits.items() if count)
            raise EmptyData(f"the {split} split is empty", where=info.ref, hint=f"choose another: {filled}, all")
        return examples, []

    def resolve(self, reference: str) -> DatasetInfo:
        """Return the version that ``name``, ``name:3`` or an id means; a bare name means the newest.

        Raises:
            NotFound: there is no such version; suggests the nearest.
        """
        return self._catalogue.resolve(reference)

    def check_unchanged(self, info: DatasetInfo) -> None:
        """Look whether a version is still what ``info`` says.

        Raises:
            DataChanged: rows were erased from it.
        """
        self._catalogue.check_unchanged(info)

    def list(self) -> builtins.list[DatasetInfo]:
        """Return all versions, by name and number."""
        return self._catalogue.all()

    def load(self, info: DatasetInfo, splits: Sequence[str] | None = None) -> builtins.list[LabeledExample]:
        """Return the examples of a version, all or those of ``splits``, in the order in which they were read.

        Raises:
            EmptyData: all rows were erased.
            DataChanged: some were erased since ``info`` was asked for.
            IntegrityError: the stored bytes were changed.
            DataError: the installed plugin no longer takes these examples.
        """
        if not info.rows:
            raise EmptyData("all rows of this version were erased", where=info.ref, hint="import other data")
        try:
            folder = self._storage.fetch(info.storage_key)
        except NotFound:
            self.check_unchanged(info)
            raise
        return read_version(folder, self._host.solution(info.solution).example, splits)

    def _resolve_for(self, solution_id: str, reference: str) -> DatasetInfo:
        info = self.resolve(reference)
        if info.solution != solution_id:
            raise Conflict(
                f"{info.ref} is data of {info.solution}, not of {solution_id}", hint="import it for this one"
            )
        return info
