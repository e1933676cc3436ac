"""Predictions by reference, computed in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from platform_core.datasets.finishing import Finisher
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.requests import finish_requests
from platform_core.plugin_host.host import PluginHost
from platform_core.registry.service import Registry
from platform_core.serving.offline import predict_examples
from platform_core.serving.residency import Residency

CHUNK = 1_000
"""Examples that are prepared at a time: so many are in memory as tokens and features."""


class Predictor:
    """Predicts with any registered model of one tenant, without a queue.

    Args:
        registry: the tenant's models.
        host: knows their solutions.
        models: models in memory.
        pseudonyms: stand in the place of identities.
    """

    def __init__(self, registry: Registry, host: PluginHost, models: Residency, pseudonyms: Pseudonyms) -> None:
        self._registry = registry
        self._host = host
        self._models = models
        self._pseudonyms = pseudonyms

    def predict(
        self,
        reference: str,
        inputs: Sequence[Mapping[str, Any]],
        *,
        explain: bool = False,
        advance: Callable[[int], object] = lambda _: None,
    ) -> list[dict[str, Any]]:
        """Return one prediction per input.

        Args:
            reference: ``name``, ``name:3`` or ``name@alias``; a bare name means the newest version.
            inputs: examples of the model's solution, as JSON types.
            explain: whether each prediction gets an ``explanation``.
            advance: is told how many more are done.

        Raises:
            NotFound: the reference means nothing.
            BadInput: an input does not fit; the message names it. Nothing was predicted.
        """
        version = self._registry.resolve(reference)
        examples = finish_requests(Finisher(self._host.solution(version.solution), self._pseudonyms), inputs)
        model = self._models.get(version)
        predictions: list[dict[str, Any]] = []
        for start in range(0, len(examples), CHUNK):
            chunk = examples[start : start + CHUNK]
            predictions += predict_examples(model, chunk, want_explanation=explain, advance=advance)
        return predictions
