"""Running the gate: measure two versions on what neither has seen, ask plugins, judge, and perhaps promote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from platform_core.datasets.records import LabeledExample
from platform_core.datasets.service import Datasets
from platform_core.datasets.slicing import slice_values
from platform_core.evaluation.paired_slices import PairedSlice, compare_slices
from platform_core.finetune.ancestry import Ancestry
from platform_core.finetune.assessment import groups_of
from platform_core.finetune.measuring import Examiner, check_slices
from platform_core.finetune.pairing import Pair
from platform_core.finetune.service import RunService
from platform_core.monitoring.feedback.service import Feedback
from platform_core.monitoring.gating.evidence import Unseen, Witnesses
from platform_core.monitoring.gating.latency import measure_latencies
from platform_core.monitoring.gating.policy import (
    GateLimits,
    judge_calibration,
    judge_latency,
    judge_metric,
    judge_objections,
    judge_slices,
    passes,
)
from platform_core.monitoring.gating.report import GateReport, Judged
from platform_core.registry.references import Reference
from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import Registry
from platform_core.sdk import Conflict, Progress, UsageError

LABEL = "right answer"
"""The slices by what is true, of examples with one class or level each."""


class Gate:
    """Judges versions of one tenant.

    Args:
        registry: the tenant's models.
        datasets: the tenant's datasets.
        runs: the tenant's runs.
        feedback: what people said.
        examiner: loads models.
    """

    def __init__(
        self, registry: Registry, datasets: Datasets, runs: RunService, feedback: Feedback, examiner: Examiner
    ) -> None:
        self._registry = registry
        self._datasets = datasets
        self._runs = runs
        self._feedback = feedback
        self._examiner = examiner

    def judge(
        self,
        candidate: str,
        against: str,
        *,
        data: str | None,
        slices: Sequence[str],
        limits: GateLimits,
        promote: bool,
        progress: Progress,
        keep: Callable[[GateReport], object],
    ) -> GateReport:
        """Say whether ``candidate`` may take the place of ``against``; see :meth:`Platform.gate`.

        Raises:
            NotFound: a reference names nothing.
            UsageError: both are the same version, their solutions or labels differ, or there is no alias to move.
            Conflict: the alias moved meanwhile; it was not moved again.
        """
        new = self._registry.resolve(candidate)
        place = new.model + against if against.startswith("@") else against
        present, reference = self._registry.resolve(place), Reference.parse(place)
        alias = reference.alias if reference.name == new.model else None
        if new.id == present.id:
            raise UsageError(f"{candidate} and {against} are the same version", where="--against")
        if promote and alias is None:
            hint = f"say --against @ALIAS, an alias of {new.model}"
            raise UsageError("there is no alias to move", where="--promote", hint=hint)

        def refuse_moved(_session: object, current: int | None) -> None:
            if current != present.number:
                hint = "give the command again: it judges against the new one"
                raise Conflict(f"{place} moved meanwhile", hint=hint)

        report = self._measure(present, new, alias, data, slices, limits, progress)
        keep(report)
        if not (promote and report.passed and alias):
            return report
        reason = f"passed the gate against {present.ref}"
        self._registry.promote(new.ref, alias, reason, check=refuse_moved)
        report = replace(report, promoted=True)
        keep(report)
        return report

    def _measure(
        self,
        present: VersionInfo,
        new: VersionInfo,
        alias: str | None,
        data: str | None,
        slices: Sequence[str],
        limits: GateLimits,
        progress: Progress,
    ) -> GateReport:
        pair = self._examiner.pair(present, new)
        progress.stage("Finding examples that neither has seen")
        ancestry = Ancestry(self._registry, self._runs)
        witnesses = Witnesses(self._datasets, self._feedback, ancestry, present, new)
        frozen = witnesses.frozen(data, pair.memory)
        if frozen.rows:
            check_slices(frozen.rows, slices)
        fresh = witnesses.fresh(frozen.rows, pair.models[0].spec.head.labels)
        test, parts = self._on_test(pair, frozen, slices, limits, progress)
        feedback, _ = _compared(pair, fresh, progress)
        progress.stage("Timing single answers of both")
        asked = [row.example for row in (frozen.rows or fresh.rows)]
        latencies = measure_latencies(*pair.models, asked)
        checks = (
            judge_metric("test", test.comparison, frozen.units, limits, least=limits.min_examples, needed=True),
            judge_metric("feedback", feedback.comparison, fresh.units, limits, least=limits.min_feedback, needed=False),
            judge_slices(parts),
            judge_calibration(test.comparison, limits),
            judge_latency(latencies, limits),
            judge_objections(self._registry.objections(new, alias) if alias else None),
        )
        return GateReport(
            candidate=new.ref,
            present=present.ref,
            alias=alias,
            solution=new.solution,
            passed=passes(checks),
            checks=checks,
            test=test,
            feedback=feedback,
            slices=parts,
            latencies=latencies,
            limits=limits,
        )

    def _on_test(
        self, pair: Pair, frozen: Unseen, names: Sequence[str], limits: GateLimits, progress: Progress
    ) -> tuple[Judged, list[PairedSlice]]:
        judged, scores = _compared(pair, frozen, progress)
        if scores is None:
            return judged, []
        progress.stage("Comparing slices")
        values = slice_values(frozen.rows, list(dict.fromkeys((*pair.solution.slices, *names))))
        if all(isinstance(row.target, str) for row in frozen.rows):
            values[LABEL] = [str(row.target) for row in frozen.rows]
        losses = pair.losses(frozen.rows, scores)
        parts = compare_slices(*losses, values, groups_of(frozen.rows), significance=limits.significance)
        return judged, parts


def _compared(pair: Pair, unseen: Unseen, progress: Progress) -> tuple[Judged, tuple[np.ndarray, np.ndarray] | None]:
    """Return what both models make of some examples, and their scores."""
    rows: list[LabeledExample] = unseen.rows
    if not rows:
        return Judged(source=unseen.source, n=0, seen=unseen.seen, comparison=None), None
    scores = pair.scores(rows, progress)
    comparison = pair.compare(rows, scores)
    return Judged(source=unseen.source, n=len(rows), seen=unseen.seen, comparison=comparison), scores
