"""What a plugin offers: solutions and operations, as typed specs. Variation goes into these types, not into hooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, get_args, get_origin, runtime_checkable

from pydantic import BaseModel

from platform_core.sdk.errors import PluginError
from platform_core.sdk.examples import Cell, Example
from platform_core.sdk.masking import Masker
from platform_core.sdk.reading import RESERVED_FIELDS, BadRecord, ColumnMapping, Probe, RawTable, Record, Source
from platform_core.sdk.recipes import Method, Range, Recipe
from platform_core.sdk.reviews import Review
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
        goal: what thresholds are chosen for where the user says nothing, e.g. ``alerts=1%``.
        abstain_risk: share of wrong answers that is accepted where the user says nothing; less sure answers are
            marked for a person.
        derive: returns the columns of the field marked ``Derived``, from an example and those before it with the same
            identity, oldest first. Always the same columns; nothing but its arguments may decide.
        review: returns what rules say of an example, given the model's labels; see :class:`Review`.
        masker: takes what identifies people out of every text before anything is stored or predicted.
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
    goal: str = ""
    abstain_risk: float | None = None
    derive: Callable[[Any, Sequence[Any]], Mapping[str, Cell]] | None = None
    review: Callable[[Any, Sequence[str]], Review] | None = None
    masker: Masker | None = None


InputT = TypeVar("InputT", bound=BaseModel)
OutputT = TypeVar("OutputT", bound=BaseModel)


class OperationContext(Protocol):
    """What an operation may ask of the core while it runs."""

    def predict(self, model: str, examples: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return one prediction per example of any registered model, ``name``, ``name:3`` or ``name@alias``.

        Raises:
            NotFound: there is no such model.
            BadInput: an example does not fit it.
        """

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far the work is."""


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[InputT, OutputT]):
    """Something a solution does beyond one prediction; the core offers it as command, endpoint and job.

    Attributes:
        id: ``<plugin>.<name>``.
        title: a few words for lists.
        summary: one or two sentences for people who choose.
        input: the type of its input.
        output: the type of its result.
        run: called with the context and the validated input.
        sample: an input, for trying it out; models that it names are those of the solutions' samples, ``@champion``.
        rows: the field of ``input`` that the rows of a file feed: a tuple of an :class:`Example` type, whose markers
            say which columns feed which fields; empty where there is none. Values beyond the bounds of a number, and
            words that are not known, come as they are: the result should tell them.
        picture: draws a result as PNG, where people would rather look than read.
    """

    id: str
    title: str
    summary: str
    input: type[InputT]
    output: type[OutputT]
    run: Callable[[OperationContext, InputT], OutputT]
    sample: Callable[[], Mapping[str, Any]]
    rows: str = ""
    picture: Callable[[OutputT], bytes] | None = None


def row_type(operation: Operation[Any, Any]) -> type[Example] | None:
    """Return the type of the rows that the operation takes from a file; ``None`` where it takes none.

    Raises:
        PluginError: the field that :attr:`Operation.rows` names is no tuple of an :class:`Example` type, or the type
            has a field whose name is reserved.
    """
    if not operation.rows:
        return None
    known = operation.input.model_fields.get(operation.rows)
    hint = None if known is None else known.annotation
    item = next(iter(get_args(hint)), None) if get_origin(hint) is tuple else None
    if not (isinstance(item, type) and issubclass(item, Example)):
        raise PluginError(
            f"the field {operation.rows!r} of the input of {operation.id} takes no rows",
            hint="annotate it: tuple[YourRow, ...], YourRow a subclass of platform_core.sdk.Example",
        )
    reserved = [name for name in RESERVED_FIELDS if name in item.model_fields]
    if reserved:
        raise PluginError(
            f"the field {reserved[0]!r} of {item.__name__} has a reserved name", hint="call it otherwise, with an alias"
        )
    return item
