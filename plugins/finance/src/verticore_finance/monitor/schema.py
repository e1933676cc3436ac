"""What the monitor takes in and gives back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from platform_core.sdk import Category, Example, Moment, NonBlank, Text
from verticore_finance.moments import read_moment

Kind = Literal["all", "entity", "topic"]
"""What a series counts: all sentences, those about an entity, or those on a topic."""

_TOLERANCE = timedelta(days=1)
_TEXT = ("sentence", "headline", "title", "news", "tweet", "content", "body", "statement", "message")
_MOMENT = ("time", "date", "timestamp", "datetime", "published", "published_at", "published_date", "created_at", "day")
_ENTITY = ("company", "ticker", "symbol", "issuer", "organisation", "organization", "company_name", "firm", "name")


def day_of(moment: str) -> date:
    """Return the day of a checked moment, as it is written (days of bare seconds are those of UTC)."""
    found = read_moment(moment)
    assert found is not None
    assert found.local is not None
    return found.local.date()


def _dated(moment: str) -> str:
    found = read_moment(moment)
    if found is None or found.local is None:
        raise ValueError(f"{moment!r} is no date; write ISO 8601, such as 2024-03-05 or 2024-03-05T14:20")
    if found.seconds > (datetime.now(UTC) + _TOLERANCE).timestamp():
        raise ValueError(f"{moment!r} is in the future")
    return moment


class NewsItem(Example):
    """A sentence or headline, when it appeared, and whom it is about."""

    text: Annotated[NonBlank, Text(aliases=_TEXT), Field(description="One sentence or headline, in English.")]
    moment: Annotated[
        str,
        AfterValidator(_dated),
        Moment(aliases=_MOMENT),
        Field(description="When it appeared: ISO 8601, or seconds since 1970.", examples=["2024-03-05T14:20"]),
    ]
    entity: Annotated[
        str | None,
        Category(aliases=_ENTITY),
        Field(description="Whom it is about; found in the text where left out."),
    ] = None


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Quote(_Record):
    """A negative sentence, with its probability of being negative."""

    text: str
    score: float


class Today(_Record):
    """What a series has of a day that is not over."""

    sentences: int = 0
    negative: int = 0
    positive: int = 0
    worst: tuple[Quote, ...] = ()


class SeriesState(_Record):
    """The rolling baseline of a series, and the day that is not over."""

    negative: float = Field(0.0, description="Negative sentences of past days, older days counting less.")
    other: float = Field(0.0, description="All other sentences, likewise.")
    tone: float = Field(0.0, description="Sum of the net tones of past days, likewise.")
    days: float = Field(0.0, description="Number of past days, likewise.")
    updated: date | None = Field(None, description="Day up to which the baseline goes.")
    today: Today = Today()


class State(_Record):
    """Where a stream stands: give it to the next call, and the monitor goes on as if there had been one call."""

    half_life_days: float
    open_day: date | None = None
    seen: tuple[str, ...] = Field((), description="Digests of the texts of the open day.")
    series: dict[str, SeriesState] = Field({}, description="By kind and name, such as `entity:Norvik`.")


class MonitorInput(BaseModel):
    """A piece of a stream of news, and how to watch it."""

    model_config = ConfigDict(extra="forbid")

    items: tuple[NewsItem, ...] = Field(min_length=1, description="The news, in any order.")
    model: str = Field("finance.sentiment@champion", description="The model that says what is negative.")
    watch: tuple[str, ...] = Field((), description="Names to look for where no column says whom an item is about.")
    false_alarm_rate: float = Field(
        0.005, gt=0, lt=0.5, description="Nominal chance of a false alert per series and day with news."
    )
    half_life_days: float = Field(30.0, gt=0, le=3650, description="After so many days a day counts half.")
    least: int = Field(30, ge=5, description="Sentences that a baseline needs before anything is tested.")
    negative: str = Field("negative", description="The label that counts.")
    positive: str = Field("positive", description="The opposite label, for the net tone.")
    state: State | None = Field(None, description="`state` of the call before.")


class Point(_Record):
    """One day of a series."""

    day: date
    sentences: int
    negative: int
    positive: int
    tone: float = Field(description="Positive less negative sentences, per sentence: -1 to 1.")
    usual_tone: float | None = Field(description="Exponentially weighted mean of the days before.")
    usual_share: float | None = Field(description="Share of negative sentences that was expected.")
    limit: float | None = Field(description="Share from which on there is an alert; none where nothing was tested.")
    probability: float | None = Field(description="Chance of as many negative sentences by accident.")
    provisional: bool = Field(description="The day may not be over: it is judged again with later news.")

    @property
    def share(self) -> float:
        """Share of negative sentences."""
        return self.negative / self.sentences


class Series(_Record):
    """Tone by day."""

    kind: Kind
    name: str
    points: tuple[Point, ...]


class Surge(_Record):
    """An alert: more negative sentences than the baseline explains."""

    kind: Kind
    name: str
    day: date
    sentences: int
    negative: int
    expected: float = Field(description="Negative sentences that were expected.")
    probability: float = Field(description="Chance of as many by accident.")
    provisional: bool
    text: str
    worst: tuple[Quote, ...] = Field(description="The sentences most surely negative.")


class MonitorOutput(_Record):
    """What the monitor saw."""

    alerts: tuple[Surge, ...] = Field(description="By day; then the least probable first.")
    series: tuple[Series, ...] = Field(description="Those with alerts first, then by number of sentences.")
    items: int = Field(description="Items that were counted.")
    repeated: int = Field(description="Items left out: the same text about the same entity on the same day.")
    late: int = Field(description="Items left out: their day was over already.")
    tests: int = Field(description="Days of series that were tested, provisional ones apart.")
    expected_false_alerts: float = Field(description="At most so many alerts are expected if nothing happened at all.")
    state: State
