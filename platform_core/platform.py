"""All that Verticore does, as one object: what the commands and the server call, and the Python API for notebooks.

from platform_core import Platform

with Platform.open("my-workspace") as platform:
    result = platform.train("finance.sentiment", data="headlines.csv", promote="champion")
    platform.predict("finance.sentiment@champion", [{"text": "Profit rose."}])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from platform_core.rooms import Rooms
from platform_core.sdk import Progress, Silent

if TYPE_CHECKING:
    from datetime import datetime

    from platform_core.datasets.mapping import MappedColumns
    from platform_core.datasets.options import ImportOptions
    from platform_core.evaluation import Comparison
    from platform_core.finetune.erasure import ErasureResult
    from platform_core.finetune.export.schemas import ExportResult
    from platform_core.finetune.measuring import LabelledData
    from platform_core.finetune.schemas import EvaluateResult, TrainResult
    from platform_core.finetune.search.results import TuneResult
    from platform_core.finetune.search.schemas import FoldKind
    from platform_core.monitoring.feedback.learning import FromFeedback
    from platform_core.monitoring.feedback.words import FeedbackInfo
    from platform_core.monitoring.gating.policy import GateLimits
    from platform_core.monitoring.gating.report import GateReport
    from platform_core.operations.results import OperationResult
    from platform_core.serving.files import PredictFileResult


class Platform(Rooms):
    """What people do, in one place; the rooms lie open for more."""

    def train(
        self,
        solution: str,
        data: str | Path,
        *,
        name: str | None = None,
        method: str = "auto",
        minutes: float | None = None,
        encoder: str | None = None,
        settings: Mapping[str, Any] | None = None,
        goal: str | None = None,
        abstain_risk: float | None = None,
        parent: str | None = None,
        devices: int = 1,
        cv: int | None = None,
        cv_by: FoldKind | None = None,
        promote: str | None = None,
        progress: Progress | None = None,
        **options: Unpack[ImportOptions],
    ) -> TrainResult:
        """Fine-tune a solution and register the version.

        Args:
            solution: id, e.g. ``finance.sentiment``.
            data: a file, a folder, or a dataset version such as ``news:1``.
            name: name of the model; the solution's id if left out.
            method: ``auto`` (the solution's default), ``head``, ``lora``, ``full`` or ``fit``.
            minutes: with ``auto``: the time in which the solution's methods are tried; the best is kept.
            encoder: reference of another encoder than the recipe's: a packaged name, a hub id, or a folder. The model
                finds it under the same reference, so give the absolute path of a folder.
            settings: recipe values by name, e.g. ``{"epochs": 2, "table.width": 128}``.
            goal: what thresholds are chosen for on validation data: ``recall=.95``, ``precision=.9``, ``fbeta=2``,
                ``cost=fp:1,fn:20`` or ``alerts=1%``; the solution's own if left out, where it has one that suits the
                data; ``none``: not even that.
            abstain_risk: share of wrong answers that is accepted; less sure ones are marked for a person. The
                solution's own if left out; 0: not even that.
            parent: version whose weights training starts from: ``name``, ``name:3`` or ``name@alias``; its encoder is
                used.
            devices: processes that share the work.
            cv: folds of a cross-validation before the run; what it found is in the version's lineage and card.
            cv_by: how rows become folds: ``stratified``, ``group`` or ``time``; by default as the data was imported.
            promote: alias that moves to the new version.
            progress: is told how it goes.
            options: how files become a dataset version, see :class:`ImportOptions`; with a dataset version only
                ``seed``, which is also that of the initial weights, the order of batches and dropout.

        Raises:
            NotFound: unknown solution, dataset or encoder.
            DataError: the data cannot be used.
            UsageError: an option is wrong.
            Conflict: the model belongs to another solution, or a plugin objects to the alias.
            Interrupted: SIGTERM or Ctrl-C; :meth:`resume` goes on.
        """
        from platform_core.finetune.planning import RunRequest, plan_run
        from platform_core.finetune.search.preliminaries import Wishes, check_search, look_ahead

        check_search(method, minutes, cv, cv_by)
        request = RunRequest(
            solution=solution,
            data=data,
            name=name,
            method=method,
            encoder=encoder,
            settings=settings or {},
            goal=goal,
            abstain_risk=abstain_risk,
            parent=parent,
            devices=devices,
            promote=promote,
            options=options,
        )
        spec = plan_run(self._workshop, request, progress or Silent())
        wishes = Wishes(minutes=minutes, folds=cv, by=cv_by, changes=settings or {})
        prospect = look_ahead(self._workshop, self._studies, spec, wishes, progress or Silent())
        return self._execute(prospect.create(self.runs), progress)

    def tune(
        self,
        solution: str,
        data: str | Path,
        *,
        trials: int = 20,
        minutes: float | None = None,
        cv: int | None = None,
        cv_by: FoldKind | None = None,
        name: str | None = None,
        method: str = "auto",
        encoder: str | None = None,
        settings: Mapping[str, Any] | None = None,
        goal: str | None = None,
        abstain_risk: float | None = None,
        devices: int = 1,
        promote: str | None = None,
        progress: Progress | None = None,
        **options: Unpack[ImportOptions],
    ) -> TuneResult:
        """Search for the best recipe, then fine-tune with it and register the version.

        The trials are kept in a study: the same call goes on with it, after an interruption as well.

        Args:
            solution: id, e.g. ``finance.sentiment``.
            data: a file, a folder, or a dataset version such as ``news:1``.
            trials: how many the study is to have in the end, those of earlier calls included.
            minutes: time for the search; the run with the best recipe comes after it.
            cv: a trial's value is its mean over so many folds; if left out, that on the validation split.
            cv_by: how rows become folds: ``stratified``, ``group`` or ``time``; by default as the data was imported.
            name: name of the model; the solution's id if left out.
            method: whose recipe is searched; ``auto``: the solution's default.
            encoder: as for :meth:`train`.
            settings: recipe values by name, which are not searched then.
            goal, abstain_risk: of the final run, as for :meth:`train`.
            devices: processes that share the work of the final run; the search is one process's.
            promote: alias that moves to the new version.
            progress: is told how it goes.
            options: as for :meth:`train`; ``seed`` is also that of the search.

        Raises:
            NotFound, DataError, UsageError, Conflict: as for :meth:`train`.
            Interrupted: SIGTERM or Ctrl-C; the same call goes on.
            TrainingFailed: no trial gave a result.
        """
        from platform_core.finetune.planning import RunRequest, plan_run
        from platform_core.finetune.search.preliminaries import check_search
        from platform_core.finetune.search.results import TuneResult
        from platform_core.finetune.search.schemas import Selection
        from platform_core.finetune.search.tuning import TuningPlan, tune

        check_search("auto", minutes, cv, cv_by)
        request = RunRequest(
            solution=solution,
            data=data,
            name=name,
            method=method,
            encoder=encoder,
            settings=settings or {},
            goal=goal,
            abstain_risk=abstain_risk,
            devices=devices,
            promote=promote,
            options=options,
        )
        spec = plan_run(self._workshop, request, progress or Silent())
        plan = TuningPlan(trials=trials, minutes=minutes, folds=cv, by=cv_by, fixed=tuple(settings or {}))
        found = tune(self._workshop, self._studies, spec, plan, progress or Silent())
        best = {"recipe": found.recipe, "selection": Selection(search=found.summary)}
        run = self.runs.create(spec.model_copy(update=best))
        return TuneResult(search=found, train=self._execute(run, progress))

    def resume(self, run: str, *, progress: Progress | None = None) -> TrainResult:
        """Go on with a run that was interrupted, from its last checkpoint.

        Raises:
            NotFound: there is no such run.
            Conflict: it is finished, or another process executes it.
            UsageError: a tracker that the settings choose cannot work.
        """
        return self._execute(run, progress)

    def evaluate(
        self,
        model: str,
        data: str | Path,
        *,
        costs: str | None = None,
        slices: Sequence[str] = (),
        progress: Progress | None = None,
        **options: Unpack[LabelledData],
    ) -> EvaluateResult:
        """Measure a model on labelled data.

        Args:
            model: ``name``, ``name:3`` or ``name@alias``.
            data: a dataset version, of which ``split`` is used; or a file or folder, which is used whole and leaves
                no dataset behind.
            costs: of two classes, what mistakes cost, such as ``fp:1,fn:20``; those of the model's goal if left out.
            slices: fields or columns whose values are reported apart, beside those of the solution.
            progress: is told how it goes.
            options: how the data is read, see :class:`LabelledData`.

        Raises:
            NotFound: unknown model, dataset, field or column.
            DataError: the data cannot be used.
            UsageError: an option is wrong.
        """
        return self._examiner.evaluate(
            model, data, costs=costs, slices=slices, progress=progress or Silent(), **options
        )

    def compare(
        self,
        first: str,
        second: str,
        data: str | Path,
        *,
        costs: str | None = None,
        progress: Progress | None = None,
        **options: Unpack[LabelledData],
    ) -> Comparison:
        """Compare two models of one solution on the same labelled examples, with a significance test.

        Args:
            first, second: ``name``, ``name:3`` or ``name@alias``.
            data, costs, progress, options: as for :meth:`evaluate`.

        Raises:
            UsageError: the models are of different solutions, or answer with different labels.
        """
        return self._examiner.compare(first, second, data, costs=costs, progress=progress or Silent(), **options)

    def feedback_from_file(
        self,
        model: str,
        path: str | Path,
        *,
        adapter: str | None = None,
        mapping: MappedColumns | None = None,
        skip_bad: bool = False,
        progress: Progress | None = None,
    ) -> list[FeedbackInfo]:
        """Keep the labelled rows of a file or folder as feedback on a model.

        Args:
            model: ``name``, ``name:3`` or ``name@alias``.
            path: what to read, in a format of the model's solution.
            adapter, mapping: as for training; those of the model if left out.
            skip_bad: whether rows that cannot be used are skipped and counted.
            progress: is told how it goes.

        Raises:
            NotFound: unknown model.
            DataError: the data cannot be used, or holds an answer that the model cannot give.
        """
        from platform_core.datasets.reading import Memory

        version = self.registry.resolve_endpoint(model)
        spec = self.specs.of(version)
        read = self.datasets.read(
            version.solution,
            path,
            adapter=adapter,
            mapping=mapping,
            remembered=Memory(spec.adapter, spec.mapping),
            labelled=True,
            skip_bad=skip_bad,
            progress=progress,
        )
        return self.feedback.add_rows(model, read.examples)

    def data_from_feedback(self, model: str, *, since: datetime | None = None) -> FromFeedback:
        """Make the next version of the dataset that a model was trained on, with what people said.

        What had a split keeps it; the test split neither grows nor changes.

        Args:
            model: ``name``, ``name:3`` or ``name@alias``.
            since: only what was said from then on.

        Raises:
            NotFound: unknown model, or its dataset is gone.
            EmptyData: nothing was said.
        """
        from platform_core.monitoring.feedback.learning import learn_from_feedback

        return learn_from_feedback(self.feedback, self.registry, self.datasets, model, since)

    def gate(
        self,
        candidate: str,
        against: str = "@champion",
        *,
        data: str | None = None,
        slices: Sequence[str] = (),
        limits: GateLimits | None = None,
        promote: bool = False,
        progress: Progress | None = None,
        keep: Callable[[GateReport], object] = lambda _: None,
    ) -> GateReport:
        """Judge whether a version may take the place of another: quality, slices, calibration, latency, plugins.

        Args:
            candidate: ``name:3``, or a name, whose newest version is meant.
            against: the version in place: ``@alias`` of the same model, or any reference.
            data: dataset version whose test split is measured on, or a file; if left out, that of the version in place.
            slices: fields or columns whose values are judged apart, beside those of the solution.
            limits: what is accepted.
            promote: whether the alias moves to the candidate where it passes.
            progress: is told how it goes.
            keep: is given the report before the alias moves, and again when it has; where it raises first, none moves.

        Raises:
            NotFound: a reference names nothing.
            UsageError: both are the same version, their solutions or labels differ, or there is no alias to move.
            Conflict: the alias moved meanwhile.
        """
        from platform_core.monitoring.gating.policy import GateLimits
        from platform_core.monitoring.gating.service import Gate

        return Gate(self.registry, self.datasets, self.runs, self.feedback, self._examiner).judge(
            candidate,
            against,
            data=data,
            slices=slices,
            limits=limits or GateLimits(),
            promote=promote,
            progress=progress or Silent(),
            keep=keep,
        )

    def predict(
        self, model: str, inputs: Sequence[Mapping[str, Any]], *, explain: bool = False
    ) -> list[dict[str, Any]]:
        """Return one prediction per input, computed in this process.

        Args:
            model: ``name``, ``name:3`` or ``name@alias``.
            inputs: examples of the model's solution, as JSON types.
            explain: whether each prediction gets an ``explanation``.
        """
        return self.predictor.predict(model, inputs, explain=explain)

    def predict_file(
        self,
        model: str,
        path: str | Path,
        *,
        output: str | Path | None = None,
        adapter: str | None = None,
        mapping: MappedColumns | None = None,
        explain: bool = False,
        skip_bad: bool = False,
        most_explained: int | None = None,
        progress: Progress | None = None,
    ) -> PredictFileResult:
        """Predict on a file or folder; with ``output`` write its rows with predictions appended.

        Args:
            model: ``name``, ``name:3`` or ``name@alias``.
            path: what to read, in a format of the model's solution; targets are not needed.
            output: ``.csv``, ``.tsv``, ``.jsonl`` or ``.parquet``; written whole or not at all.
            adapter, mapping: as for training; those of the model if left out.
            explain: whether each prediction gets an ``explanation``.
            skip_bad: whether rows that cannot be used are skipped and counted.
            most_explained: rows that may be explained, if not any number.
            progress: is told how it goes.

        Raises:
            UsageError: ``output`` cannot be written, the model was not loaded yet; or too many rows were to be
                explained.
        """
        from platform_core.datasets.reading import Memory
        from platform_core.serving.files import predict_file, writer_of

        target = Path(output) if output is not None else None
        if target is not None:
            writer_of(target)
        version = self.registry.resolve(model)
        loaded = self.models.get(version)
        read = self.datasets.read(
            version.solution,
            path,
            adapter=adapter,
            mapping=mapping,
            remembered=Memory(loaded.spec.adapter, loaded.spec.mapping),
            labelled=False,
            skip_bad=skip_bad,
        )
        return predict_file(
            loaded,
            version,
            read,
            output=target,
            want_explanation=explain,
            most_explained=most_explained,
            progress=progress or Silent(),
        )

    def run_operation(
        self,
        operation: str,
        input: Mapping[str, Any] | None = None,
        *,
        data: str | Path | None = None,
        mapping: MappedColumns | None = None,
        skip_bad: bool = False,
        progress: Progress | None = None,
    ) -> OperationResult:
        """Run an operation of a plugin; models that it asks are those of this workspace.

        Args:
            operation: id, e.g. ``finance.monitor``.
            input: its input, as JSON types.
            data: a file or folder (CSV, TSV, JSON Lines, Parquet) whose rows feed the field of the input that takes
                rows.
            mapping: which column feeds which field of a row; guessed by name if left out.
            skip_bad: whether rows that cannot be used are skipped and counted.
            progress: is told how it goes.

        Raises:
            NotFound: there is no such operation, or no model that it asks; the hint says how to get one.
            BadInput: the input or the data cannot be used.
            PluginError: the operation failed.
        """
        return self.operations.run(
            operation, input or {}, data=data, mapping=mapping, skip_bad=skip_bad, progress=progress or Silent()
        )

    def export(
        self,
        model: str,
        *,
        format: str = "onnx",
        int8: bool = False,
        promote: str | None = None,
        progress: Progress | None = None,
    ) -> ExportResult:
        """Bring a version into another form and register it beside its parent; both answer the held-out examples.

        Args:
            model: ``name``, ``name:3`` or ``name@alias``.
            format: ``onnx``.
            int8: whether weights are kept, and products computed, in eight bits.
            promote: alias that moves to the new version.
            progress: is told how it goes.

        Raises:
            NotFound: unknown model.
            UsageError: it cannot be exported; names what of it.
            IntegrityError: the export computes something else; nothing is registered.
            Conflict: a plugin objects to the alias; the export stands.
        """
        from dataclasses import replace

        from platform_core.finetune.export.service import export_version
        from platform_core.registry.references import check_alias_name

        if promote is not None:
            check_alias_name(promote)
        version = self.registry.resolve(model)
        result = export_version(self._workshop, version, format=format, int8=int8, progress=progress or Silent())
        if promote is None:
            return result
        self.registry.promote(f"{result.model}:{result.version}", promote)
        return replace(result, aliases=(promote,))

    def erase(
        self, subject: str, *, solution: str = "", dry_run: bool = False, progress: Progress | None = None
    ) -> ErasureResult:
        """Remove a person from dataset versions, caches, logged predictions and feedback, and name the models.

        Rows are theirs where a field marked :class:`~platform_core.sdk.Identity` or the group says so. They are not
        taken in again: a tombstone stays. Models that were trained on them stay as they are.

        Args:
            subject: the identity as it stands in the files, or its keyed hash as it stands in dataset versions.
            solution: whose data alone they are erased from, where the same identity is another person elsewhere.
            dry_run: whether only to tell what would be removed.
            progress: is told how it goes.

        Raises:
            UsageError: the subject is empty.
            NotFound: there is no such solution, and no data of it.
            Conflict: a run or a search works on the rows, or another process has changed them meanwhile.
            IntegrityError: stored data cannot be read.
            StorageFull: there is no room to write what is left; the same call goes on.
        """
        from platform_core.finetune.erasing import erase

        return erase(
            self._workshop,
            self._studies,
            subject,
            solution=solution,
            keepers={"logged predictions": self.prediction_log.erase, "feedback": self.feedback.erase},
            dry_run=dry_run,
            progress=progress or Silent(),
        )

    def erased_behind(self, model: str) -> dict[str, int]:
        """Return how many rows were erased since a model was trained on them, by dataset version.

        Args:
            model: ``name``, ``name:3`` or ``name@alias``.

        Raises:
            NotFound: unknown model.
        """
        from platform_core.finetune.ancestry import Ancestry, erased_behind

        return erased_behind(self.registry.resolve(model), Ancestry(self.registry, self.runs), self.datasets)

    def _execute(self, run: str, progress: Progress | None) -> TrainResult:
        from platform_core.finetune.training import execute

        result = execute(self._workshop, run, progress or Silent())
        self._tidy()
        return result

    def share(self, run: str) -> None:
        """Share the work of a run that another process of this workspace leads, and has started this one for."""
        from platform_core.finetune.training import share

        share(self._workshop, run)
