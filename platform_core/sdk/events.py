"""Events: what observers are told. Plain, frozen data; new facts become new attributes with defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class RunFinished:
    """A run ended.

    Attributes:
        tenant: whose run it is.
        run: id of the run.
        solution: id of the solution.
        status: how it ended.
        model: name of the model, where a version was made.
        version: its number.
        metrics: metrics of the held-out split.
    """

    tenant: str
    run: str
    solution: str
    status: Literal["finished", "failed", "interrupted"]
    model: str | None = None
    version: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PromotionRequest:
    """Somebody wants an alias to point at a version.

    Attributes:
        tenant: whose model it is.
        model: its name.
        version: the version that would become live.
        alias: the alias that would move.
        current: the version that the alias points at now.
        solution: id of the solution.
        metrics: metrics recorded with the version.
    """

    tenant: str
    model: str
    version: int
    alias: str
    solution: str
    current: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class VersionPromoted(PromotionRequest):
    """An alias moved."""


@dataclass(frozen=True, kw_only=True)
class Veto:
    """A refusal, with the reason that people will read."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class PredictionLogged:
    """The server answered a request.

    Attributes:
        tenant: whose model it is.
        model: its name.
        version: the version that answered.
        examples: how many examples the request held.
        seconds: time from request to answer.
        labels: the answers, in order of the examples: labels, sets joined by ``|``, or numbers as text.
    """

    tenant: str
    model: str
    version: int
    examples: int
    seconds: float
    labels: tuple[str, ...] = ()
