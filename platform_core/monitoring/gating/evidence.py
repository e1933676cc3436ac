"""What a gate judges by: examples with known answers that neither model has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from platform_core.datasets.aligning import align
from platform_core.datasets.reading import Memory
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.roles import roles_of
from platform_core.datasets.service import Datasets
from platform_core.datasets.targets import labels_of
from platform_core.finetune.ancestry import Ancestry
from platform_core.finetune.overlap import learned_from
from platform_core.monitoring.feedback.service import Feedback
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import EmptyData, NotFound

_LEARNED = ["train", "validation"]


@dataclass(frozen=True)
class Unseen:
    """Labelled examples, and what was left out.

    Attributes:
        rows: what neither model has seen.
        seen: how many were left out since one was trained or chosen on their inputs.
        source: where they are from, in words.
    """

    rows: list[LabeledExample]
    seen: int
    source: str

    @property
    def units(self) -> int:
        """Independent examples: rows of one group count once."""
        groups = {row.group for row in self.rows if row.group is not None}
        return len(groups) + sum(row.group is None for row in self.rows)


class Witnesses:
    """Finds examples that two versions can be judged by.

    Args:
        datasets: the tenant's datasets.
        feedback: what people said.
        ancestry: which data is behind the versions.
        present, candidate: the versions.
    """

    def __init__(
        self,
        datasets: Datasets,
        feedback: Feedback,
        ancestry: Ancestry,
        present: VersionInfo,
        candidate: VersionInfo,
    ) -> None:
        self._datasets = datasets
        self._feedback = feedback
        self._versions = (present, candidate)
        self._learned = self._hashes(ancestry)

    def frozen(self, data: str | None, memory: Memory) -> Unseen:
        """Return the examples that were held out.

        Args:
            data: a dataset version, of which the test split is taken, or a file, which is read whole; if left out, that
                of the present version's data, else that of the candidate's.
            memory: how files are read.

        Raises:
            NotFound: there is no dataset ``data``.
            EmptyData: it has no test split.
        """
        if data is not None:
            solution = self._versions[0].solution
            rows, _ = self._datasets.examples_for(solution, data, remembered=memory, split="test")
            return self._unseen(rows, data)
        for version in self._versions:
            known = learned_from(self._datasets, version)
            rows = self._datasets.load(known, ["test"]) if known is not None else []
            if known is not None and rows:
                return self._unseen(rows, f"{known.ref}, test split")
        return Unseen([], 0, "no test split")

    def fresh(self, frozen: Sequence[LabeledExample], labels: Sequence[str]) -> Unseen:
        """Return feedback that neither version has learned from.

        Args:
            frozen: the test split, whose inputs are judged already.
            labels: that the models know; none of numbers.
        """
        names = list(dict.fromkeys(version.model for version in self._versions))
        said = [row for name in names for row in self._feedback.rows(name)]
        rows = align(said, self._sample() or frozen)
        asked = {row.example.content_hash() for row in frozen}
        told = {row.example.content_hash(): row for row in rows if set(labels_of(row.target)) <= set(labels)}
        left = [row for key, row in told.items() if key not in asked]
        identity = roles_of(type(left[0].example)).identity if left else None
        if identity is not None:
            left = [replace(row, group=getattr(row.example, identity)) for row in left]
        return self._unseen(left, f"feedback on {' and '.join(names)}")

    def _unseen(self, rows: Sequence[LabeledExample], source: str) -> Unseen:
        kept = [row for row in rows if row.example.content_hash() not in self._learned]
        return Unseen(kept, len(rows) - len(kept), source)

    def _sample(self) -> list[LabeledExample]:
        """Return rows of the candidate's data, whose columns feedback is brought to."""
        known = learned_from(self._datasets, self._versions[1])
        return self._datasets.load(known, ["train"]) if known is not None else []

    def _hashes(self, ancestry: Ancestry) -> set[str]:
        """Return the hashes of all inputs that either version, or one that it goes on from, was made with."""
        names = {name for version in self._versions for name, _ in ancestry.data_of(version)}
        found: set[str] = set()
        for name in names:
            try:
                rows = self._datasets.load(self._datasets.resolve(name), _LEARNED)
            except (NotFound, EmptyData):
                continue
            found.update(row.example.content_hash() for row in rows)
        return found
