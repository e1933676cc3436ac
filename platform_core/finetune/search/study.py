"""A study: the trials of one search, in a JSON-lines file of its own that Optuna keeps (its journal; no pickle).

What a study proposes depends on its seed and its finished trials alone: a search that was interrupted, however hard,
goes on as if nothing had been. A trial that was cut off counts for nothing and is proposed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.pruners import MedianPruner
from optuna.samplers import TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import FrozenTrial, Trial, TrialState

from platform_core.finetune.search.holding import held
from platform_core.sdk import Choice, IntegrityError, IntRange, Range, StorageFull

UNPRUNED = 5
"""So many trials run to their end before the median says anything."""

TELLING = 8
"""Fewer complete trials say nothing about which values matter."""

_LARGEST_SEED = 2**32
_ERROR = "error"
"""Attribute of a failed trial; those that were cut off have none."""

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class TrialInfo:
    """A trial that has ended.

    Attributes:
        number: counts from 1, those that were cut off left out.
        state: complete, pruned or failed.
        value: the metric; of a pruned trial the last that was seen, if it compares with others; of a failed one none.
        parameters: recipe values by name.
        error: why it failed.
    """

    number: int
    state: str
    value: float | None
    parameters: Mapping[str, Any]
    seconds: float
    error: str = ""


class StudyFile:
    """A study, held by one process at a time. Use it as a context manager.

    Args:
        path: the file; it need not exist.
        space: what is varied.
        start: values of the first trial, by name; those that are missing are sampled.
        maximise: whether more is better.
        seed: the same seed and results give the same proposals.
        judged_from: a trial may be pruned from this report on.
        comparable: whether what is reported and what a trial is completed with are values of the same metric.

    Raises:
        Conflict: another process is at it.
        IntegrityError: the file is damaged.
    """

    def __init__(
        self,
        path: Path,
        space: Mapping[str, Range],
        *,
        start: Mapping[str, Any],
        maximise: bool,
        seed: int,
        judged_from: int = 1,
        comparable: bool = True,
    ) -> None:
        self.path = path
        self._distributions = {name: _distribution(values) for name, values in space.items()}
        self._start = dict(start)
        self._direction = "maximize" if maximise else "minimize"
        self._seed = seed
        self._judged_from = judged_from
        self._comparable = comparable

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(held(self.path))
            self._study = self._opened()
            self._resources = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def ask(self) -> Trial:
        """Begin a trial; its values are in its ``params``."""
        count = len(self._ended())
        self._study.sampler = TPESampler(seed=(self._seed + count * 7919) % _LARGEST_SEED)
        if count == 0 and self._start:
            self._written(lambda: self._study.enqueue_trial(self._start))
        return self._written(lambda: self._study.ask(self._distributions))

    def report(self, trial: Trial, value: float, step: int) -> bool:
        """Note the metric after an epoch or fold, counted from 1; return whether the rest is not worth it."""
        self._written(lambda: trial.report(value, step))
        return bool(trial.should_prune())

    def complete(self, trial: Trial, value: float) -> None:
        """End a trial with its value."""
        self._written(lambda: self._study.tell(trial, value))

    def prune(self, trial: Trial) -> None:
        """End a trial that is not worth its time."""
        self._written(lambda: self._study.tell(trial, state=TrialState.PRUNED))

    def fail(self, trial: Trial, error: str) -> None:
        """End a trial whose training failed."""
        self._written(lambda: trial.set_user_attr(_ERROR, error))
        self.forget(trial)

    def forget(self, trial: Trial) -> None:
        """Give up a trial that was cut off."""
        self._written(lambda: self._study.tell(trial, state=TrialState.FAIL))

    def trials(self) -> list[TrialInfo]:
        """Return the trials that have ended, in their order."""
        found = [_info(number, trial) for number, trial in enumerate(self._ended(), start=1)]
        if self._comparable:
            return found
        return [replace(trial, value=None) if trial.state == "pruned" else trial for trial in found]

    def best(self) -> TrialInfo | None:
        """Return the best complete trial, the first among equals; ``None`` where there is none."""
        complete = [trial for trial in self.trials() if trial.state == "complete" and trial.value is not None]
        sign = 1.0 if self._direction == "maximize" else -1.0
        return max(complete, key=lambda trial: sign * (trial.value or 0.0), default=None)

    def importance(self) -> dict[str, float]:
        """Return how much of the metric's variation each value accounts for, largest first (Watanabe et al. 2023).

        Empty where trials are too few or too alike to tell.
        """
        complete = self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        if len(complete) < TELLING or len({trial.value for trial in complete}) == 1:
            return {}
        return {name: float(share) for name, share in optuna.importance.get_param_importances(self._study).items()}

    def _opened(self) -> optuna.Study:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._mend()
        file = str(self.path)
        try:
            storage = JournalStorage(JournalFileBackend(file, lock_obj=JournalFileOpenLock(file)))
            study = optuna.create_study(
                storage=storage,
                study_name=self.path.stem,
                direction=self._direction,
                pruner=MedianPruner(n_startup_trials=UNPRUNED, n_warmup_steps=self._judged_from),
                load_if_exists=True,
            )
            for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING, TrialState.WAITING)):
                self._drop(study, trial)
        except OSError as error:
            raise self._full(error) from error
        except (ValueError, KeyError, TypeError, AssertionError) as error:
            raise IntegrityError(
                "the file of the study is damaged", where=file, hint="remove it: the search then starts anew"
            ) from error
        return study

    def _mend(self) -> None:
        """Remove what a process that was killed has left: its lock, and the line that it was writing."""
        Path(f"{self.path}.lock").unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            content = self.path.read_bytes()
            if content and not content.endswith(b"\n"):
                with self.path.open("rb+") as stream:
                    stream.truncate(content.rfind(b"\n") + 1)

    def _drop(self, study: optuna.Study, trial: FrozenTrial) -> None:
        if trial.state == TrialState.WAITING:
            study.ask(self._distributions)
        study.tell(trial.number, state=TrialState.FAIL)

    def _ended(self) -> list[FrozenTrial]:
        """Return the trials that count: not those that were cut off."""
        trials = self._study.get_trials(deepcopy=False)
        return [t for t in trials if t.state.is_finished() and (t.state != TrialState.FAIL or _ERROR in t.user_attrs)]

    def _written(self, write: Callable[[], _T]) -> _T:
        try:
            return write()
        except OSError as error:
            raise self._full(error) from error

    def _full(self, error: OSError) -> StorageFull:
        return StorageFull(
            f"the study could not be written: {error}",
            where=str(self.path),
            hint="free some room, then give the command again: it goes on with the trials that are there",
        )


def _distribution(values: Range) -> BaseDistribution:
    if isinstance(values, Choice):
        return CategoricalDistribution(values.options)
    if isinstance(values, IntRange):
        return IntDistribution(values.low, values.high, log=values.log)
    return FloatDistribution(values.low, values.high, log=values.log)


def _info(number: int, trial: FrozenTrial) -> TrialInfo:
    states = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}
    return TrialInfo(
        number=number,
        state=states[trial.state],
        value=trial.value,
        parameters=dict(trial.params),
        seconds=trial.duration.total_seconds() if trial.duration else 0.0,
        error=str(trial.user_attrs.get(_ERROR, "")),
    )
