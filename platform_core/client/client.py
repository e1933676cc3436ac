"""The client: one method per endpoint; problems come back as the errors that the server had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from platform_core.sdk.errors import VerticoreError


class Unreachable(VerticoreError):
    """No server answers."""

    code = "server.unreachable"


_ENTRIES = ("label", "labels", "value", "scores", "abstained", "top", "remarks", "explanation")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a model says of one example. What its kind of answer does not have is ``None`` or empty.

    Attributes:
        label: the class or level.
        labels: the set of labels that apply, of models that give sets.
        value: the number, in the target's own unit.
        scores: label → probability.
        abstained: the model is not sure enough: a person should decide.
        top: the most probable labels, the first first, of solutions that list them.
        remarks: what rules say of the example: ``code``, ``text``, and where there are some ``field`` and ``at_least``.
        facts: what else the solution says, by name.
        explanation: what moved it, where that was asked for.
    """

    label: str | None = None
    labels: tuple[str, ...] | None = None
    value: float | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    abstained: bool = False
    top: tuple[str, ...] = ()
    remarks: tuple[Mapping[str, str], ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    explanation: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, prediction: Mapping[str, Any]) -> Self:
        """Return one prediction of a response as its type."""
        labels = prediction.get("labels")
        return cls(
            label=prediction.get("label"),
            labels=None if labels is None else tuple(labels),
            value=prediction.get("value"),
            scores=prediction.get("scores", {}),
            abstained=prediction.get("abstained", False),
            top=tuple(prediction.get("top", ())),
            remarks=tuple(prediction.get("remarks", ())),
            facts={name: value for name, value in prediction.items() if name not in _ENTRIES},
            explanation=prediction.get("explanation"),
        )


@dataclass(frozen=True)
class Prediction:
    """The answer to one request: which version answered, and one prediction per example, in their order."""

    model: str
    version: int
    predictions: list[dict[str, Any]]

    @property
    def answers(self) -> list[Answer]:
        """The predictions, typed."""
        return [Answer.of(prediction) for prediction in self.predictions]


@dataclass(frozen=True)
class ModelSummary:
    """A model that the server offers, with its newest version and its aliases (alias → version)."""

    name: str
    solution: str
    newest: int | None
    aliases: dict[str, int]


class Client:
    """Talks to one server. Use as a context manager, or call :meth:`close`.

    Args:
        base_url: where the server listens, e.g. ``http://127.0.0.1:8765``.
        timeout: seconds to wait for an answer; the first request to a model loads it.
    """

    def __init__(self, base_url: str, *, timeout: float = 60.0) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def predict(self, model: str, examples: Sequence[Mapping[str, Any]], *, explain: bool = False) -> Prediction:
        """Predict on examples.

        Args:
            model: ``name``, ``name:3`` or ``name@alias``.
            examples: inputs of the model's solution, as JSON types.
            explain: whether each prediction says what moved it; the server limits for how many examples.

        Raises:
            VerticoreError: what the server complained of: ``NotFound``, ``BadInput``, ``Overloaded``, …
            Unreachable: no server answers.
        """
        body = {"examples": [dict(example) for example in examples], "explain": explain}
        answer = self._ask("POST", f"/api/v1/models/{quote(model, safe=':@')}/predict", json=body)
        return Prediction(answer["model"], answer["version"], answer["predictions"])

    def models(self) -> list[ModelSummary]:
        """Return the models that the server offers."""
        return [
            ModelSummary(model["name"], model["solution"], model["newest"], model["aliases"])
            for model in self._ask("GET", "/api/v1/models")["models"]
        ]

    def is_healthy(self) -> bool:
        """Tell whether the server lives."""
        return self._succeeds("/healthz")

    def is_ready(self) -> bool:
        """Tell whether the server can answer requests."""
        return self._succeeds("/readyz")

    def _succeeds(self, path: str) -> bool:
        try:
            return self._http.get(path).is_success
        except httpx.TransportError:
            return False

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            place = str(self._http.base_url)
            raise Unreachable(f"the server does not answer ({error})", where=place, hint="is it running?") from error
        if response.is_error:
            raise _error_of(response)
        return response.json()


def _error_of(response: httpx.Response) -> VerticoreError:
    """Return the problem that the server described as the error that it is."""
    try:
        problem = response.json()
        code, message = problem["code"], problem["detail"]
    except (ValueError, KeyError, TypeError):
        return Unreachable(f"the server answered {response.status_code} without a reason", where=str(response.url))
    kinds = {kind.code: kind for kind in _descendants(VerticoreError)}
    # Codes of the HTTP border (request.*) have no class of their own: the status tells their kind.
    fallback = kinds["input.invalid"] if response.status_code < 500 else VerticoreError
    kind = kinds.get(code, fallback)
    details = (problem.get("details") or {}) | {"code": code, "status": response.status_code}
    return kind(message, where=problem.get("where"), hint=problem.get("hint"), details=details)


def _descendants(kind: type[VerticoreError]) -> Iterator[type[VerticoreError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)
