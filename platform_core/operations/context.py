"""What an operation may ask of the core while it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from platform_core.plugin_host.host import PluginHost
from platform_core.registry.references import Reference
from platform_core.registry.service import CHAMPION, Registry
from platform_core.sdk import NotFound, Progress
from platform_core.serving.predictor import Predictor

_SHOWN_FROM = 100
"""Examples of one call from which on its progress is worth a bar."""


class Context:
    """The SDK's :class:`~platform_core.sdk.OperationContext`, for one run of an operation.

    Args:
        title: names the work in progress.
        registry: the tenant's models.
        host: knows which solutions there are.
        predictor: predicts with them.
        progress: is told how it goes.
    """

    def __init__(
        self, title: str, registry: Registry, host: PluginHost, predictor: Predictor, progress: Progress
    ) -> None:
        self._title = title
        self._registry = registry
        self._host = host
        self._predictor = predictor
        self._progress = progress
        self._versions: dict[str, str] = {}
        self._done: int | None = None

    @property
    def versions(self) -> Mapping[str, str]:
        """The models that were asked: the reference as given → the version that answered."""
        return self._versions

    def predict(self, model: str, examples: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return one prediction per example; a reference means the same version as long as the operation runs.

        Raises:
            NotFound: there is no such model; the hint says how to get one.
            BadInput: an example does not fit it.
        """
        if model not in self._versions:
            self._versions[model] = self._resolve(model)
        version = self._versions[model]
        if len(examples) < _SHOWN_FROM or self._done is not None:  # the operation tells its progress itself
            return self._predictor.predict(version, examples)
        self._progress.stage(f"Predicting with {version}", len(examples))
        return self._predictor.predict(version, examples, advance=self._progress.advance)

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far the work is."""
        if self._done is None:
            self._progress.stage(self._title, total)
            self._done = 0
        self._progress.advance(max(0, done - self._done))
        self._done = done

    def _resolve(self, model: str) -> str:
        try:
            return self._registry.resolve(model).ref
        except NotFound as error:
            raise NotFound(
                error.message, where=model, hint=self._remedy(model, error.hint), details=error.details
            ) from error

    def _remedy(self, model: str, advice: str | None) -> str:
        """Return how to get the model that is not there: its alias is not set, or it was never trained."""
        wanted = Reference.parse(model)
        newest = {known.name: known.newest for known in self._registry.list()}
        if newest.get(wanted.name) and wanted.alias:
            return f"'verticore models promote {wanted.name}:{newest[wanted.name]} {wanted.alias}' sets it"
        if wanted.name in {entry.id for entry in self._host.solution_entries()}:
            promoted = f" --promote {wanted.alias or CHAMPION}"
            return f"train it: 'verticore train {wanted.name} --data FILE{promoted}'"
        return advice or "train it first, or name another model"
