"""News by day: counted, tested against the days before, remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from platform_core.sdk import BadInput
from verticore_finance.monitor.schema import Kind, Point, Quote, SeriesState, State, Surge, Today
from verticore_finance.monitor.surge import ALERT_WEIGHT, Verdict, judge

_QUOTES = 3
_KINDS: dict[str, Kind] = {"all": "all", "entity": "entity", "topic": "topic"}


@dataclass(frozen=True)
class Judged:
    """A sentence with what the model says of it.

    Attributes:
        day: when it appeared.
        text: the sentence.
        entities: whom it is about.
        topic: what it is about.
        score: its probability of being negative.
        tone: -1, 0 or 1: negative, neither or positive.
    """

    day: date
    text: str
    entities: tuple[str, ...]
    topic: str
    score: float
    tone: int


@dataclass
class Stream:
    """A stream that is read day by day.

    Args:
        half_life_days: after so many days a day counts half.
        rate: nominal chance of a false alarm per series and day.
        least: sentences that a baseline needs before anything is tested.

    Attributes:
        points: days that were read, by series.
        alerts: in the order in which days ended.
        items, repeated, late, tests: see :class:`~verticore_finance.monitor.schema.MonitorOutput`.
    """

    half_life_days: float
    rate: float
    least: int
    points: dict[str, list[Point]] = field(default_factory=dict)
    alerts: list[Surge] = field(default_factory=list)
    items: int = 0
    repeated: int = 0
    late: int = 0
    tests: int = 0
    _day: date | None = None
    _seen: dict[str, None] = field(default_factory=dict)
    _series: dict[str, SeriesState] = field(default_factory=dict)

    def resume(self, state: State) -> None:
        """Go on from ``state``.

        Raises:
            BadInput: its baselines forget at another pace.
        """
        if state.half_life_days != self.half_life_days:
            raise BadInput(
                f"the state was made with a half-life of {state.half_life_days:g} days, not {self.half_life_days:g}",
                where="input.half_life_days",
                hint="keep the half-life, or start without a state",
            )
        self._day, self._seen, self._series = state.open_day, dict.fromkeys(state.seen), dict(state.series)

    def read(self, sentences: Iterable[Judged]) -> None:
        """Count ``sentences``, in any order, and judge every day that they end."""
        for sentence in sorted(sentences, key=lambda found: found.day):
            if self._day is not None and sentence.day < self._day:
                self.late += 1
                continue
            if sentence.day != self._day:
                self._end_day()
                self._day = sentence.day
            self._count(sentence)

    def end(self) -> State:
        """Judge the last day provisionally, and return the state to go on from."""
        open_series = [key for key, series in self._series.items() if series.today.sentences]
        for key in sorted(open_series):
            self._judge(key, provisional=True)
        return State(
            half_life_days=self.half_life_days, open_day=self._day, seen=tuple(self._seen), series=dict(self._series)
        )

    def _count(self, sentence: Judged) -> None:
        digest = _digest(sentence)
        if digest in self._seen:
            self.repeated += 1
            return
        self._seen[digest] = None
        self.items += 1
        for key in _keys(sentence):
            series = self._series.get(key, SeriesState())
            self._series[key] = series.model_copy(update={"today": _with(series.today, sentence)})

    def _end_day(self) -> None:
        for key in sorted(key for key, series in self._series.items() if series.today.sentences):
            is_surge = self._judge(key, provisional=False)
            self._series[key] = self._updated(self._series[key], ALERT_WEIGHT if is_surge else 1.0)
        self._seen = {}

    def _judge(self, key: str, *, provisional: bool) -> bool:
        series, day = self._series[key], self._day
        assert day is not None
        today, fade = series.today, self._fade(series)
        verdict = None
        if (series.negative + series.other) * fade >= self.least:
            past = {"past_negative": series.negative * fade, "past_other": series.other * fade}
            verdict = judge(today.negative, today.sentences, **past, rate=self.rate)
            self.tests += not provisional
        self.points.setdefault(key, []).append(_point(series, day, verdict, provisional))
        if verdict is None or not verdict.is_surge:
            return False
        self.alerts.append(_surge(key, day, today, verdict, provisional))
        return True

    def _updated(self, series: SeriesState, weight: float) -> SeriesState:
        today, fade = series.today, self._fade(series)
        return SeriesState(
            negative=series.negative * fade + weight * today.negative,
            other=series.other * fade + weight * (today.sentences - today.negative),
            tone=series.tone * fade + weight * (today.positive - today.negative) / today.sentences,
            days=series.days * fade + weight,
            updated=self._day,
        )

    def _fade(self, series: SeriesState) -> float:
        if series.updated is None or self._day is None:
            return 1.0
        return float(0.5 ** ((self._day - series.updated).days / self.half_life_days))


def split_key(key: str) -> tuple[Kind, str]:
    """Return the kind and the name of a series."""
    kind, _, name = key.partition(":")
    return _KINDS[kind], name


def _keys(sentence: Judged) -> Iterator[str]:
    yield "all:all"
    yield from (f"entity:{name}" for name in dict.fromkeys(sentence.entities))
    yield f"topic:{sentence.topic}"


def _digest(sentence: Judged) -> str:
    words = " ".join(sentence.text.casefold().split())
    return hashlib.blake2b("\n".join((words, *sentence.entities)).encode(), digest_size=8).hexdigest()


def _with(today: Today, sentence: Judged) -> Today:
    worst = today.worst
    if sentence.tone < 0:
        quotes = (*worst, Quote(text=sentence.text, score=sentence.score))
        worst = tuple(sorted(quotes, key=lambda quote: (-quote.score, quote.text))[:_QUOTES])
    return Today(
        sentences=today.sentences + 1,
        negative=today.negative + (sentence.tone < 0),
        positive=today.positive + (sentence.tone > 0),
        worst=worst,
    )


def _point(series: SeriesState, day: date, verdict: Verdict | None, provisional: bool) -> Point:
    today = series.today
    return Point(
        day=day,
        sentences=today.sentences,
        negative=today.negative,
        positive=today.positive,
        tone=(today.positive - today.negative) / today.sentences,
        usual_tone=series.tone / series.days if series.days else None,
        usual_share=verdict.usual_share if verdict else None,
        limit=verdict.limit / today.sentences if verdict else None,
        probability=verdict.probability if verdict else None,
        provisional=provisional,
    )


def _surge(key: str, day: date, today: Today, verdict: Verdict, provisional: bool) -> Surge:
    kind, name = split_key(key)
    expected = verdict.usual_share * today.sentences
    about = {"all": "all news", "entity": name, "topic": f"the topic {name}"}[kind]
    return Surge(
        kind=kind,
        name=name,
        day=day,
        sentences=today.sentences,
        negative=today.negative,
        expected=expected,
        probability=verdict.probability,
        provisional=provisional,
        text=f"{about}: {today.negative} of {today.sentences} sentences negative, {expected:.1f} expected",
        worst=today.worst,
    )
