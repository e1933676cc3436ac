"""What a plugin offers: solutions and operations, as typed specs. Variation goes into these types, not into hooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from platform_core.sdk.examples import Example
from platform_core.sdk.reading import BadRecord, ColumnMapping, Probe, RawTable, Record, Source
from platform_core.sdk.recipes import Method, Range, Recipe
from platform_core.sdk.targets import Target


@dataclass(frozen=True, kw_only=True)
class CardNotes:
    """What a model card must say that no number can.

    Attributes:
        intended_use: what the solution is for.
        limits: what it is not for, and known weaknesses.
        risks: what a wrong answer may cause.
    """

    intended_use: str
    limits: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Deterministic sample data that ships with a plugin.

    Attributes:
        write: called with an empty folder; writes files in one of the solution's formats.
        description: what the data is and how it was made; must say that it is sample data.
        requests: example requests for the playground, the demo and the conformance kit.
    """

    write: Callable[[Path], None]
    description: str
    requests: tuple[Mapping[str, Any], ...]


@runtime_checkable
class Adapter(Protocol):
    """Reads users' files into records.

    Attributes:
        name: how ``--adapter`` calls it, e.g. ``phrasebank``.
        description: one line on the format, with an example row.
        specificity: the greatest that fits is used when the user names none (a general table is 0).
    """

    name: str
    description: str
    specificity: int

    def probe(self, source: Source) -> Probe:
        """Say which files of ``source`` are in this format; look at names and first bytes only."""

    def raw(self, source: Source, limit: int | None = None) -> RawTable:
        """Return the columns as they stand in the files, at most ``limit`` rows, for mapping and inspection.

        Raises:
            DataError: a file is damaged; the message names it.
        """

    def read(self, source: Source, mapping: ColumnMapping) -> Iterator[Record | BadRecord]:
        """Yield every row of the files that :meth:`probe` names.

        Raises:
            DataError: a file as a whole cannot be read (damaged, a mapped column absent).
        """

    def propose(self, table: RawTable, solution: Solution) -> ColumnMapping:
        """Guess the mapping from names and contents; leave out what cannot be told."""


@dataclass(frozen=True, kw_only=True)
class Solution:
    """One vertical task.

    Attributes:
        id: ``<plugin>.<name>``, e.g. ``finance.sentiment``.
        title: a few words for lists.
        summary: one or two sentences for people who choose.
        example: the type of one input; its field markers choose the encoders.
        target: what is predicted.
        adapters: formats that users have, in any order; ``specificity`` ranks them.
        head: ``module:Class`` of the head, a string because heads import torch.
        recipes: the default hyper-parameters of each method that the solution supports.
        default_method: what ``--method auto`` means; a key of ``recipes``.
        primary_metric: the metric that picks the best epoch, trial and method, e.g. ``macro_f1`` or ``mae``.
        sample: sample data.
        notes: for the model card.
        search: what ``verticore tune`` varies, by method: recipe value → range; sensible ranges where left out.
        slices: fields whose values are reported apart in evaluations, with the gap between them.
    """

    id: str
    title: str
    summary: str
    example: type[Example]
    target: Target
    adapters: tuple[Adapter, ...]
    head: str
    recipes: Mapping[Method, Recipe]
    default_method: Method
    sample: Sample
    notes: CardNotes
    primary_metric: str = "macro_f1"
    search: Mapping[Method, Mapping[str, Range]] = field(default_factory=dict)
    slices: tuple[str, ...] = ()


InputT = TypeVar("InputT", bound=BaseModel)
OutputT = TypeVar("OutputT", bound=BaseModel)


class OperationContext(Protocol):
    """What an operation may ask of the core while it runs."""

    def predict(self, model: str, examples: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Predict with any registered model, ``name``, ``name:3`` or ``name@alias``."""

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far the work is."""


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[InputT, OutputT]):
    """Something a solution does beyond one prediction; the core offers it as command, endpoint and job.

    Attributes:
        id: ``<plugin>.<name>``.
        title: a few words for lists.
        input: the type of its input.
        output: the type of its result.
        run: called with the context and the validated input.
        options: free, JSON-typed facts for the console.
    """

    id: str
    title: str
    input: type[InputT]
    output: type[OutputT]
    run: Callable[[OperationContext, InputT], OutputT]
    options: Mapping[str, Any] = field(default_factory=dict)
