"""What crosses the HTTP border."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class PredictRequest(BaseModel):
    """Examples to predict on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    examples: list[dict[str, Any]] = Field(min_length=1, description="Inputs of the model's solution.")
    explain: bool = Field(False, description="Whether each prediction says what moved it; for 32 examples at most.")


class PredictResponse(BaseModel):
    """The answer: which version gave it, and one prediction per example, in their order."""

    id: str = Field(description="Of the request; feedback names it.")
    model: str
    version: int
    predictions: list[dict[str, Any]] = Field(
        description="`label` and `scores`, `labels` and `scores`, or `value`; `abstained` where a person should "
        "decide; `top`, the most probable labels, `remarks` of rules, and further facts, where the solution has them."
    )


class BatchResponse(BaseModel):
    """The answer to a file: one prediction for each row that could be used, and what to know."""

    model: str
    version: int
    predictions: list[dict[str, Any]] = Field(description="As for requests, each with its `file` and `row`.")
    bad_rows: int = Field(description="How many rows were skipped.")
    skipped: list[dict[str, Any]] = Field(description="These rows: file, row, column, message and hint.")
    warnings: list[str]


Direction = Literal["raises", "lowers"]


class WordWeight(BaseModel):
    """What a word, or a run of words of a long text, did."""

    field: str
    word: str
    start: int = Field(description="Where it begins in the text of the field.")
    end: int
    weight: float
    direction: Direction | None = Field(None, description="What it does to what is explained; none: nothing.")
    weights: dict[str, float] = Field(default_factory=dict, description="Of sets of labels: by label.")


class ColumnWeight(BaseModel):
    """What the value of a column did."""

    column: str
    value: float | str | None = Field(description="Null: missing; the weight is that of its being so.")
    weight: float
    direction: Direction | None = Field(None, description="What it does to what is explained; none: nothing.")
    weights: dict[str, float] = Field(default_factory=dict, description="Of sets of labels: by label.")


class Reason(BaseModel):
    """A part that moved an answer most."""

    code: str = Field(
        description="`amount:high` or `:low` against the median in training, `amount:missing`, "
        "`region=north` of a category, `note=word` of a word in a text."
    )
    value: float | str | None
    direction: Direction


class Explanation(BaseModel):
    """What moved a prediction, strongest first: what the model says less what it says without the word or the value.

    A weight is a difference of a label's probability: of two labels the one that is looked for, of more the predicted
    one; of sets of labels the mean over those that are given; of numbers a difference in their own unit.
    """

    method: Literal["occlusion"]
    label: str | None = Field(None, description="The label that was explained.")
    labels: list[str] | None = Field(None, description="The labels that were.")
    note: str = Field("", description="How the answer was chosen, where that is not simply by the highest score.")
    words: list[WordWeight]
    columns: list[ColumnWeight]
    reasons: list[Reason] = Field(default_factory=list, description="At most five, of models that read a table.")
    columns_omitted: int = Field(0, description="Columns of a very wide table that were not tried.")


class ModelOut(BaseModel):
    """A model."""

    name: str
    solution: str
    versions: int = Field(description="How many versions there are.")
    newest: int | None = Field(description="Number of the newest version.")
    aliases: dict[str, int] = Field(description="Alias → version.")


class ModelList(BaseModel):
    """All models."""

    models: list[ModelOut]


class VersionOut(BaseModel):
    """A version of a model."""

    model: str
    number: int
    solution: str
    method: str
    encoder: str
    metrics: dict[str, Any]
    aliases: list[str]
    created_at: datetime
    size_bytes: int


class ModelDetail(ModelOut):
    """A model with its versions, newest first."""

    history: list[VersionOut]


class OperationOut(BaseModel):
    """An operation."""

    id: str
    title: str
    plugin: str


class OperationList(BaseModel):
    """What plugins offer beyond predictions."""

    operations: list[OperationOut]


class OperationResponse(BaseModel):
    """What an operation returned."""

    operation: str
    models: dict[str, str] = Field(description="The models that were asked: as named → the version that answered.")
    output: Any = Field(description="The result, of the operation's own type.")


class Health(BaseModel):
    """How the server is."""

    status: str
