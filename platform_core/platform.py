"""The composition root: settings → a wired :class:`Platform`; also the Python API for notebooks.

from platform_core import Platform

with Platform.open("my-workspace") as platform:
    result = platform.train("finance.sentiment", data="headlines.csv", promote="champion")
    platform.predict("finance.sentiment@champion", [{"text": "Profit rose."}])
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, Unpack

from platform_core.db.engine import Database
from platform_core.plugin_host.host import PluginHost
from platform_core.sdk import Progress, Silent
from platform_core.settings import Settings, load_settings

WORKER_SETTINGS = "VERTICORE_WORKER_SETTINGS"
"""Environment variable in which a process that shares a run's work finds the settings, as JSON."""

if TYPE_CHECKING:
    from platform_core.datasets.mapping import MappedColumns
    from platform_core.datasets.options import ImportOptions
    from platform_core.datasets.service import Datasets
    from platform_core.evaluation import Comparison
    from platform_core.finetune.export.schemas import ExportResult
    from platform_core.finetune.loop.devices import Workers
    from platform_core.finetune.measuring import Examiner, LabelledData
    from platform_core.finetune.schemas import EvaluateResult, RunSpec, TrainResult
    from platform_core.finetune.search.results import TuneResult
    from platform_core.finetune.search.schemas import FoldKind
    from platform_core.finetune.service import RunService
    from platform_core.finetune.workshop import Workshop
    from platform_core.modeling.pool import EncoderPool
    from platform_core.registry.service import Registry
    from platform_core.serving.engine import ServingEngine
    from platform_core.serving.files import PredictFileResult
    from platform_core.serving.residency import Residency
    from platform_core.storage import Storage


class Platform:
    """All rooms, wired for one tenant. Rooms are built on first use, so that light work stays light."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tenant = settings.tenant

    @classmethod
    def open(cls, home: str | Path | None = None, *, settings: Settings | None = None) -> Self:
        """Open a workspace; its folder is created by the first thing that writes.

        Args:
            home: folder of the workspace; else ``VERTICORE_HOME``, else ``./.verticore``.
            settings: settings to use as they are, instead of reading them.

        Raises:
            WorkspaceTooNew: the workspace was written by a newer release.
        """
        return cls(settings or load_settings(Path(home) if home is not None else None))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Answer what is queued and close the database."""
        if "engine" in self.__dict__:
            self.engine.close()
        if "_database" in self.__dict__:
            self._database.close()

    @cached_property
    def _database(self) -> Database:
        return Database(self.settings.database)

    @cached_property
    def db(self) -> Database:
        """The database, migrated to this release."""
        self._database.prepare()
        return self._database

    @cached_property
    def storage(self) -> Storage:
        """Blobs: datasets and model versions."""
        from platform_core.storage import Storage

        return Storage(self.settings.storage, self.settings.home / "cache" / "storage")

    @cached_property
    def plugins(self) -> PluginHost:
        """Installed plugins."""
        return PluginHost(self._database, self.tenant, strict=self.settings.strict_plugins)

    @cached_property
    def datasets(self) -> Datasets:
        """Datasets and their versions."""
        from platform_core.datasets.service import Datasets

        return Datasets(self.db, self.storage, self.plugins, self.tenant)

    @cached_property
    def registry(self) -> Registry:
        """Models, versions and aliases."""
        from platform_core.registry.service import Registry

        return Registry(self.db, self.storage, self.plugins.hooks, self.tenant)

    @cached_property
    def runs(self) -> RunService:
        """Runs."""
        from platform_core.finetune.service import RunService

        return RunService(self.db, self.settings.home / "runs", self.tenant)

    @cached_property
    def encoders(self) -> EncoderPool:
        """Encoders in memory."""
        from platform_core.modeling.pool import EncoderPool

        return EncoderPool(device=self.settings.device, allow_download=self.settings.allow_download)

    @cached_property
    def models(self) -> Residency:
        """Models in memory."""
        from platform_core.serving.residency import Residency

        return Residency(self.registry, self.plugins, self.encoders)

    @cached_property
    def engine(self) -> ServingEngine:
        """The serving engine."""
        from platform_core.serving.engine import ServingEngine

        return ServingEngine(
            self.registry,
            self.plugins,
            self.models,
            tenant=self.tenant,
            max_tokens=self.settings.max_batch_tokens,
            max_delay=self.settings.max_batch_delay_ms / 1000,
        )

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
                ``cost=fp:1,fn:20`` or ``alerts=1%``.
            abstain_risk: share of wrong answers that is accepted; less sure ones are marked for a person.
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
        from platform_core.finetune.search.preliminaries import Wishes, check_search, look_ahead

        check_search(method, minutes, cv, cv_by)
        spec = self._plan(
            solution,
            data,
            name=name,
            method=method,
            encoder=encoder,
            settings=settings or {},
            goal=goal,
            abstain_risk=abstain_risk,
            parent=parent,
            devices=devices,
            promote=promote,
            progress=progress or Silent(),
            **options,
        )
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
            promote: alias that moves to the new version.
            progress: is told how it goes.
            options: as for :meth:`train`; ``seed`` is also that of the search.

        Raises:
            NotFound, DataError, UsageError, Conflict: as for :meth:`train`.
            Interrupted: SIGTERM or Ctrl-C; the same call goes on.
            TrainingFailed: no trial gave a result.
        """
        from platform_core.finetune.search.preliminaries import check_search
        from platform_core.finetune.search.results import TuneResult
        from platform_core.finetune.search.schemas import Selection
        from platform_core.finetune.search.tuning import TuningPlan, tune

        check_search("auto", minutes, cv, cv_by)
        spec = self._plan(
            solution,
            data,
            name=name,
            method=method,
            encoder=encoder,
            settings=settings or {},
            goal=goal,
            abstain_risk=abstain_risk,
            promote=promote,
            progress=progress or Silent(),
            **options,
        )
        plan = TuningPlan(trials=trials, minutes=minutes, folds=cv, by=cv_by, fixed=tuple(settings or {}))
        found = tune(self._workshop, self._studies, spec, plan, progress or Silent())
        best = {"recipe": found.recipe, "selection": Selection(search=found.summary)}
        run = self.runs.create(spec.model_copy(update=best))
        return TuneResult(search=found, train=self._execute(run, progress))

    def _plan(
        self,
        solution: str,
        data: str | Path,
        *,
        name: str | None,
        method: str,
        encoder: str | None,
        settings: Mapping[str, Any],
        goal: str | None,
        abstain_risk: float | None,
        parent: str | None = None,
        devices: int = 1,
        promote: str | None,
        progress: Progress,
        **options: Unpack[ImportOptions],
    ) -> RunSpec:
        """Return the run that is asked for; check all that can be checked before long work, and obtain the data."""
        from platform_core.finetune.languages import suit_language
        from platform_core.finetune.requests import check_wishes, resolve_recipe
        from platform_core.finetune.schemas import RunSpec
        from platform_core.modeling.rows import has_text
        from platform_core.registry.references import check_alias_name

        offered = self.plugins.solution(solution)
        check_wishes(offered.target, goal, abstain_risk)
        start = self.registry.resolve(parent) if parent is not None else None
        if start is not None and start.encoder_fingerprint:
            encoder = encoder or start.encoder
        chosen, recipe = resolve_recipe(offered, method, encoder, settings)
        model = self.registry.check_name(name or offered.id, offered.id)
        if promote is not None:
            check_alias_name(promote)
        if has_text(offered.example):
            self.encoders.locate(recipe.encoder)
        dataset = self.datasets.obtain(offered.id, data, progress=progress, **options)
        check_wishes(offered.target, goal, abstain_risk, dataset.labels)
        chosen, recipe = suit_language(
            offered,
            chosen,
            recipe,
            self.datasets.load(dataset),
            chosen_by_user=encoder is not None or "encoder" in settings,
            progress=progress,
        )
        return RunSpec(
            solution=offered.id,
            model=model,
            dataset_id=dataset.id,
            method=chosen,
            recipe=recipe,
            seed=options.get("seed", 0),
            promote=promote,
            goal=goal,
            abstain_risk=abstain_risk,
            parent_id=start.id if start is not None else None,
            devices=devices,
        )

    def resume(self, run: str, *, progress: Progress | None = None) -> TrainResult:
        """Go on with a run that was interrupted, from its last checkpoint.

        Raises:
            NotFound: there is no such run.
            Conflict: it is finished, or another process executes it.
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

    @cached_property
    def _examiner(self) -> Examiner:
        from platform_core.finetune.measuring import Examiner

        return Examiner(self.registry, self.plugins, self.datasets, self.models.get)

    def predict(
        self, model: str, inputs: Sequence[Mapping[str, Any]], *, explain: bool = False
    ) -> list[dict[str, Any]]:
        """Return one prediction per input, computed in this process.

        Args:
            model: ``name``, ``name:3`` or ``name@alias``.
            inputs: examples of the model's solution, as JSON types.
            explain: whether each prediction gets an ``explanation``.
        """
        from platform_core.serving.engine import validated
        from platform_core.serving.offline import predict_examples

        version = self.registry.resolve(model)
        example_type = self.plugins.solution(version.solution).example
        examples = [validated(example_type, given, index) for index, given in enumerate(inputs)]
        return predict_examples(self.models.get(version), examples, want_explanation=explain)

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
            progress: is told how it goes.
        """
        from platform_core.datasets.reading import Memory
        from platform_core.serving.files import predict_file

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
            output=Path(output) if output is not None else None,
            want_explanation=explain,
            progress=progress or Silent(),
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

    def _execute(self, run: str, progress: Progress | None) -> TrainResult:
        from platform_core.finetune.training import execute

        result = execute(self._workshop, run, progress or Silent())
        self._tidy()
        return result

    @property
    def _studies(self) -> Path:
        """Folder of searches."""
        return self.settings.home / "studies" / self.tenant

    @cached_property
    def _workshop(self) -> Workshop:
        from platform_core.finetune.tracking.tracking import Trackers
        from platform_core.finetune.workshop import Workshop

        settings = self.settings
        return Workshop(
            host=self.plugins,
            datasets=self.datasets,
            registry=self.registry,
            runs=self.runs,
            storage=self.storage,
            encoders=self.encoders,
            cache=settings.home / "cache" / "features" / self.tenant,
            trackers=Trackers(
                self.db, self.tenant, settings.home, chosen=settings.trackers, mlflow_uri=settings.mlflow_uri
            ),
            start_workers=self._start_workers,
            tenant=self.tenant,
        )

    def _start_workers(self, run: str, devices: int) -> Workers:
        from platform_core.finetune.loop.devices import Workers

        # In the environment, which only processes of the same user can read: settings may hold passwords.
        settings = {WORKER_SETTINGS: self.settings.model_dump_json()}
        return Workers([sys.executable, "-m", "platform_core.cli.worker", run], devices, environment=settings)

    def share(self, run: str) -> None:
        """Share the work of a run that another process of this workspace leads, and has started this one for."""
        from platform_core.finetune.training import share

        share(self._workshop, run)

    def _tidy(self) -> None:
        """Remove what processes that died have left, and the features that were used longest ago."""
        from platform_core.modeling.feature_cache import prune

        self.storage.sweep()
        self.registry.sweep()
        prune(self.settings.home / "cache" / "features", self.settings.cache_bytes)
