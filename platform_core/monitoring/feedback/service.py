"""Feedback: the right answers to what models were asked, as people give them."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError as RowClash

from platform_core.datasets.records import LabeledExample
from platform_core.datasets.repository import DatasetRepository
from platform_core.datasets.requests import finish_requests
from platform_core.datasets.service import Datasets
from platform_core.db.engine import Database
from platform_core.db.ids import new_id
from platform_core.monitoring.feedback.records import labelled, restored, row_of
from platform_core.monitoring.feedback.repository import FeedbackRepository
from platform_core.monitoring.feedback.tables import FeedbackRow
from platform_core.monitoring.feedback.targets import answer_in, kind_of, read_said
from platform_core.monitoring.feedback.words import FeedbackInfo, PredictionFinder, describe
from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import Registry
from platform_core.sdk import BadInput, Conflict, DataError, Example, NotFound, Solution, TargetValue
from platform_core.serving.specs import ModelSpecs

_ATTEMPTS = 10


class Feedback:
    """The feedback of one tenant.

    Args:
        db: where it is kept.
        registry: the tenant's models.
        datasets: finish examples, and know who was erased.
        predictions: finds what was answered.
        specs: tell which answers a version can give.
        tenant: whose feedback it is.
    """

    def __init__(
        self,
        db: Database,
        registry: Registry,
        datasets: Datasets,
        predictions: PredictionFinder,
        specs: ModelSpecs,
        tenant: str,
    ) -> None:
        self._db = db
        self._registry = registry
        self._datasets = datasets
        self._predictions = predictions
        self._tenant = tenant
        self._specs = specs

    def add(
        self,
        reference: str,
        said: Mapping[str, Any],
        *,
        prediction: str | None = None,
        index: int = 0,
        example: Mapping[str, Any] | None = None,
    ) -> FeedbackInfo:
        """Keep the right answer to an example; saying the same again changes nothing, and the last word counts.

        Args:
            reference: the model: ``name``, ``name:3`` or ``name@alias``.
            said: exactly one of ``label``, ``labels`` and ``value``.
            prediction: id of the request that the example was part of.
            index: which of its examples.
            example: or the example itself, as in a request.

        Raises:
            NotFound: there is no such model or prediction, or its example was erased.
            BadInput: the answer is none that the model can give, or the example does not fit.
            Conflict: another model answered the prediction, or the example is of a person who was erased.
        """
        version = self._registry.resolve_endpoint(reference)
        if (prediction is None) == (example is None):
            hint = 'send "prediction": "prd_…" or "example": {…}'
            raise BadInput("give either a prediction or an example", where="prediction", hint=hint)
        if prediction is not None:
            return self._about_prediction(version, said, prediction, index)
        assert example is not None
        target = self._read(version, said)
        return self._keep([row_of(self._tenant, version, self._finish(version, example), target)])[0]

    def add_rows(self, reference: str, rows: Sequence[LabeledExample]) -> builtins.list[FeedbackInfo]:
        """Keep the answers to the finished, labelled rows of a file: all, or none where this raises.

        Raises:
            NotFound: there is no such model.
            DataError: an answer is none that the model can give; names the row.
            Conflict: a row is of a person who was erased; names it.
        """
        version = self._registry.resolve_endpoint(reference)
        kind = kind_of(self._solution(version.solution).target)
        made = []
        for row in rows:
            try:
                target = self._read(version, {kind: row.target})
            except BadInput as error:
                raise DataError(error.message, where=str(row.place), hint=error.hint) from error
            made.append(row_of(self._tenant, version, row.example, target))
        return self._keep(made, [str(row.place) for row in rows])

    def list(self, model: str, most: int | None = None, *, every: bool = False) -> builtins.list[FeedbackInfo]:
        """Return what counts on each example of a model, the latest first.

        Args:
            model: ``name``; a version or an alias means its model.
            most: no more than so many.
            every: whether also what was said before and counts no more.

        Raises:
            NotFound: there is no such model.
        """
        name = self._registry.resolve_endpoint(model).model
        with self._db.reading() as session:
            rows = FeedbackRepository(session, self._tenant).words(name, most=most, every=every)
        return [describe(row) for row in rows[::-1]]

    def rows(self, model: str, since: datetime | None = None) -> builtins.list[LabeledExample]:
        """Return what counts of the feedback on a model as labelled rows, oldest first; of equal inputs the last one.

        Their place names the feedback; their time is that of the example, or else that of the word.

        Args:
            model: its name.
            since: only what was said from then on.

        Raises:
            DataError: the installed plugin no longer takes an example.
        """
        with self._db.reading() as session:
            words = FeedbackRepository(session, self._tenant).words(model, since=since)
        latest = {word.content: word for word in words}
        ordered = sorted(latest.values(), key=lambda word: word.id)
        return [labelled(word, self._solution(word.solution).example) for word in ordered]

    def erase(self, subject: str, solution: str = "", *, dry_run: bool = False) -> int:
        """Remove what was said about a person, and return how much it was.

        Args:
            subject: the keyed hash that stands for them.
            solution: whose feedback alone it is removed from; empty: all.
            dry_run: whether only to count.
        """
        with self._db.reading() as session:
            count = FeedbackRepository(session, self._tenant).count_of(subject, solution)
        if dry_run or not count:
            return count
        with self._db.session() as session:
            return FeedbackRepository(session, self._tenant).erase(subject, solution)

    def _about_prediction(
        self, asked: VersionInfo, said: Mapping[str, Any], prediction: str, index: int
    ) -> FeedbackInfo:
        logged = self._predictions.find(prediction)
        if logged.model != asked.model:
            raise Conflict(
                f"the prediction is of the model {logged.model!r}, not of {asked.model!r}",
                where="prediction",
                hint=f"send it to the model {logged.model}",
            )
        count = len(logged.examples)
        if not 0 <= index < count:
            hint = "the first is 0" if count > 1 else "leave it out"
            raise BadInput(f"the request held {count:,} examples, none is {index}", where="index", hint=hint)
        stored = logged.examples[index]
        if stored is None:
            raise NotFound("the example of this prediction was erased", where="prediction")
        version = self._answered(asked, logged.version)
        target = self._read(version, said)
        solution = self._solution(version.solution)
        row = row_of(self._tenant, version, restored(solution.example, stored, prediction), target)
        answers = logged.predictions[index] if index < len(logged.predictions) else None
        row.about, row.prediction, row.position = f"{prediction}/{index}", prediction, index
        row.version, row.answer = logged.version, answer_in(answers, kind_of(solution.target))
        return self._keep([row])[0]

    def _answered(self, asked: VersionInfo, number: int) -> VersionInfo:
        """Return the version that had answered; if it was deleted, the one that is asked now."""
        try:
            return self._registry.resolve(f"{asked.model}:{number}")
        except NotFound:
            return asked

    def _read(self, version: VersionInfo, said: Mapping[str, Any]) -> TargetValue:
        return read_said(self._solution(version.solution).target, self._specs.of(version).head.labels, said)

    def _finish(self, version: VersionInfo, example: Mapping[str, Any]) -> Example:
        try:
            return finish_requests(self._datasets.finisher(version.solution), [example])[0]
        except BadInput as error:
            error.where = (error.where or "").replace("examples[0]", "example", 1)
            raise

    def _solution(self, name: str) -> Solution:
        return self._datasets.finisher(name).solution

    def _keep(self, rows: Sequence[FeedbackRow], places: Sequence[str] | None = None) -> builtins.list[FeedbackInfo]:
        """Keep words on examples of one model, in their order; ``places``: where they stand."""
        for _ in range(_ATTEMPTS):
            try:
                return self._write(rows, places)
            except RowClash:  # another process spoke of the same example between our look and our commit
                continue
        raise Conflict("too many processes speak of the same example", hint="try again")

    def _write(self, rows: Sequence[FeedbackRow], places: Sequence[str] | None) -> builtins.list[FeedbackInfo]:
        if not rows:
            return []
        with self._db.session() as session:
            self._refuse_erased(rows, places, DatasetRepository(session, self._tenant).erased(rows[0].solution))
            repository = FeedbackRepository(session, self._tenant)
            counting = repository.last_words(rows[0].model, list({row.about for row in rows}))
            new, counts = [], []
            for row in rows:
                before = counting.get(row.about)
                if before is None or before.target != row.target:
                    columns = {"id": new_id("fdb"), "revision": before.revision + 1 if before else 1}
                    counting[row.about] = FeedbackRow(**row.model_dump() | columns)
                    new.append(counting[row.about])
                counts.append(counting[row.about])
            repository.add(new)
            return [describe(word) for word in counts]

    def _refuse_erased(
        self, rows: Sequence[FeedbackRow], places: Sequence[str] | None, erased: Collection[str]
    ) -> None:
        """Refuse what an erasure in the same transaction order would not find any more.

        Raises:
            Conflict: an example is of a person who was erased.
        """
        for number, row in enumerate(rows):
            if any(value in erased for value in row.example.values() if isinstance(value, str)):
                where = places[number] if places else None
                hint = "nothing about them is taken in again"
                raise Conflict("the example is of a person who was erased", where=where, hint=hint)
