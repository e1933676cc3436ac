"""Erasing a person from all that a workspace keeps: datasets, caches, checkpoints, searches.

What holds rows is emptied in an order that a crash cannot spoil: the stored tables, by which everything else is found,
go last (see :mod:`platform_core.datasets.erasing`). What was *learned* from the rows stays: the models are named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from platform_core.datasets.tombstones import Holding, Person, Tombstone
from platform_core.finetune.ancestry import Ancestry
from platform_core.finetune.erasure import ErasedRows, ErasureResult, TrainedOn
from platform_core.finetune.guarding import wait_for_writers
from platform_core.finetune.search.holding import held
from platform_core.finetune.search.places import places_on, remove
from platform_core.finetune.workshop import Workshop
from platform_core.modeling.feature_cache import feature_key
from platform_core.modeling.feature_forgetting import forget, forget_all
from platform_core.modeling.rows import has_text, texts_of
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import Conflict, Progress, UsageError, VerticoreError

_SEARCHED = "another process searches on the rows"
_GO_ON = "wait for it, then give the same command again: what was removed until now stays removed, and it goes on"


class Keeper(Protocol):
    """Keeps examples, beside dataset versions and caches."""

    def __call__(self, subject: str, solution: str, *, dry_run: bool) -> int:
        """Remove the examples of a person, of one solution or, if it is empty, of all; return how many there were."""


def erase(
    shop: Workshop,
    searches: Path,
    subject: str,
    *,
    solution: str = "",
    keepers: Mapping[str, Keeper] | None = None,
    dry_run: bool,
    progress: Progress,
) -> ErasureResult:
    """Remove a person from all dataset versions and caches, leave a tombstone, and name the models trained on them.

    Args:
        shop: the rooms.
        searches: folder of all searches.
        subject: the identity as it stands in the files, or the keyed hash that stands in dataset versions.
        solution: whose data alone they are removed from; empty: all data.
        keepers: remove what else is kept of them; by what people call it.
        dry_run: only tell what would be removed.
        progress: is told how it goes.

    Raises:
        UsageError: the subject is empty.
        NotFound: there is no such solution, and no data of it.
        Conflict: a run or a search works on the rows; what was removed until then stays removed, and the same call
            goes on.
        IntegrityError: stored data cannot be read.
        StorageFull: there is no room to write what is left; the same call goes on.
    """
    if not subject.strip():
        raise UsageError("the subject is empty", where="--subject", hint="give the identity as it stands in the files")
    eraser = shop.datasets.eraser
    if solution and solution not in {version.solution for version in shop.datasets.list()}:
        shop.host.solution(solution)
    person = Person(eraser.pseudonym(subject), solution)
    before = eraser.tombstone(person)
    progress.stage("Looking at all dataset versions")
    if not dry_run:
        eraser.begin(person)
    erasure = _Erasure(shop, searches, person, before, eraser.find(person), keepers or {})
    if dry_run:
        return erasure.foretold()
    try:
        return erasure.done(progress)
    except Conflict as conflict:
        conflict.hint = _GO_ON
        raise


@dataclass(frozen=True)
class _Erasure:
    shop: Workshop
    searches: Path
    person: Person
    before: Tombstone | None
    holdings: list[Holding]
    keepers: Mapping[str, Keeper]

    def foretold(self) -> ErasureResult:
        runs, places = self._runs(), self._places()
        elsewhere = self._elsewhere(dry_run=True)
        return self._result(self._models(), dry_run=True, vectors=0, runs=runs, places=places, elsewhere=elsewhere)

    def done(self, progress: Progress) -> ErasureResult:
        eraser = self.shop.datasets.eraser
        models, runs, places = self._models(), self._runs(), self._places()
        with ExitStack() as stack:
            for run in runs:
                stack.enter_context(self.shop.runs.claim(run))
            for place in places:
                if place.suffix != ".png":
                    stack.enter_context(held(place, _SEARCHED))
            progress.stage("Erasing", len(self.holdings))
            keys = self._feature_keys()
            for holding in self.holdings:
                eraser.switch(self.person, holding)
            wait_for_writers(self.shop.cache)
            for place in sorted(set(self._places()) - set(places)):  # a search has begun meanwhile
                stack.enter_context(held(place, _SEARCHED))
                places.append(place)
            vectors = forget_all(self.shop.cache) if keys is None else forget(self.shop.cache, keys)
            for run in runs:
                self.shop.runs.discard_checkpoint(run)
            for place in places:
                remove(place)
            elsewhere = self._elsewhere(dry_run=False)
            self._check_alone(runs)
            for holding in self.holdings:
                eraser.drop(holding)
                progress.advance()
            eraser.sweep(self.person)
        eraser.finish(self.person, [version.ref for version in models])
        return self._result(models, dry_run=False, vectors=vectors, runs=runs, places=places, elsewhere=elsewhere)

    def _elsewhere(self, *, dry_run: bool) -> dict[str, int]:
        person = self.person
        return {name: erase(person.subject, person.solution, dry_run=dry_run) for name, erase in self.keepers.items()}

    @cached_property
    def _held(self) -> dict[str, int]:
        """Rows that are to be removed, by id of the dataset version."""
        return {version.id: len(holding.rows) for holding in self.holdings for version in holding.versions}

    @cached_property
    def _affected(self) -> dict[str, int]:
        """The same, with those that a call which died has removed."""
        begun = self.before.versions if self.before and not self.before.finished else {}
        return {name: self._held.get(name, 0) + begun.get(name, 0) for name in self._held | begun}

    def _models(self) -> list[VersionInfo]:
        """Return the versions that were trained on the rows."""
        if not self._affected:
            return []
        data = {name: self.shop.datasets.resolve(name) for name in self._affected}
        ancestry = Ancestry(self.shop.registry, self.shop.runs)
        return [
            version
            for version in ancestry.versions
            if any(
                name in self._held or (name in data and data[name].erased_since(digest))
                for name, digest in ancestry.data_of(version)
            )
        ]

    def _runs(self) -> list[str]:
        """Return the runs on the rows that have checkpoints, or may write some."""
        runs = self.shop.runs
        return [
            run.id
            for run in runs.list()
            if run.dataset_id in self._affected and (run.status == "running" or runs.has_checkpoint(run.id))
        ]

    def _check_alone(self, claimed: Collection[str]) -> None:
        """Refuse to end where a run has begun on the rows meanwhile: it writes their features again.

        The old tables still stand, so that the same call finds all of it.

        Raises:
            Conflict: there is such a run.
        """
        begun = sorted(set(self._runs()) - set(claimed))
        if begun:
            raise Conflict(f"the run {begun[0]} has begun with the rows meanwhile")

    @cached_property
    def _digests(self) -> set[str]:
        """The digests of data with the rows, as they are before anything is removed."""
        versions = [self.shop.datasets.resolve(name) for name in self._affected]
        digests = {version.digest for version in versions if version.id in self._held}
        return digests | {step["digest"] for version in versions for step in version.erased}

    def _places(self) -> list[Path]:
        """Return the files and folders of searches on the rows."""
        return sorted({place for digest in self._digests for place in places_on(self.searches, digest)})

    def _feature_keys(self) -> set[bytes] | None:
        """Return the keys of the cached features of the rows; ``None`` where no plugin tells what was encoded."""
        keys: set[bytes] = set()
        for holding in self.holdings:
            try:
                if has_text(self.shop.host.solution(holding.solution).example):
                    rows = self.shop.datasets.eraser.examples(holding)
                    keys.update(feature_key(text) for text in texts_of([row.example for row in rows]))
            except VerticoreError:
                return None
        return keys

    def _result(
        self,
        models: Sequence[VersionInfo],
        *,
        dry_run: bool,
        vectors: int,
        runs: Sequence[str],
        places: Collection[Path],
        elsewhere: Mapping[str, int],
    ) -> ErasureResult:
        datasets = []
        for name, rows in self._affected.items():
            version = self.shop.datasets.resolve(name)
            left = version.rows - self._held.get(name, 0) if dry_run else version.rows
            datasets.append(ErasedRows(dataset=version.ref, rows=rows, left=left))
        return ErasureResult(
            subject=self.person.subject,
            solution=self.person.solution,
            dry_run=dry_run,
            found=bool(self.holdings or self._affected or any(elsewhere.values())),
            erased_before=self.before.at if self.before else None,
            datasets=sorted(datasets, key=lambda rows: rows.dataset),
            models=[self._trained_on(version) for version in models],
            vectors=vectors,
            runs=list(runs),
            searches=[place.name for place in places],
            elsewhere=dict(elsewhere),
            hidden=self.shop.datasets.eraser.hidden(self.person.solution),
        )

    def _trained_on(self, version: VersionInfo) -> TrainedOn:
        dataset = self.shop.datasets.resolve(version.dataset_version_id).ref if version.dataset_version_id else ""
        return TrainedOn(model=version.ref, solution=version.solution, dataset=dataset, aliases=list(version.aliases))
