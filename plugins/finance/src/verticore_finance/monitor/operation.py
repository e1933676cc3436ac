"""``finance.monitor``: the tone of news over time, with alerts on surges of bad news."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platform_core.sdk import BadInput, Operation, OperationContext
from verticore_finance.monitor.entities import finder
from verticore_finance.monitor.sample import sample_input
from verticore_finance.monitor.schema import MonitorInput, MonitorOutput, Series, Surge, day_of
from verticore_finance.monitor.stream import Judged, Stream, split_key
from verticore_finance.sentiment.topics import topic_of

_BEYOND = 1.08
"""Where the line of the limit is drawn that no share can reach."""


def run(context: OperationContext, given: MonitorInput) -> MonitorOutput:
    """Read a piece of a stream.

    Raises:
        NotFound: there is no such model.
        BadInput: the model knows no negative sentences, or the state is of another half-life.
    """
    stream = Stream(given.half_life_days, given.false_alarm_rate, given.least)
    if given.state:
        stream.resume(given.state)
    stream.read(_judged(context, given))
    state = stream.end()
    return MonitorOutput(
        alerts=tuple(sorted(stream.alerts, key=lambda alert: (alert.day, alert.probability, alert.kind, alert.name))),
        series=_series(stream),
        items=stream.items,
        repeated=stream.repeated,
        late=stream.late,
        tests=stream.tests,
        expected_false_alerts=given.false_alarm_rate * stream.tests,
        state=state,
    )


def draw(output: MonitorOutput) -> bytes:
    """Draw the share of negative sentences of each series by day, with what was usual, the limit, and the alerts."""
    from platform_core.sdk.pictures import Alert, Panel, draw_series

    panels = [
        Panel(
            title=_title(series),
            at=[point.day for point in series.points],
            values=[point.share for point in series.points],
            baseline=[point.usual_share for point in series.points],
            high=[_shown(point.limit) for point in series.points],
            alerts=[Alert(at=alert.day, text=_mark(alert)) for alert in _alerts_of(series, output)],
            bounds=(0.0, 1.0),
        )
        for series in output.series
    ]
    meaning = {
        "values": "share of a day",
        "baseline": "usual share",
        "limit": "share that alerts (above 1: too few sentences)",
        "alerts": "alert: negative of all sentences",
    }
    return draw_series(panels, title="Share of negative sentences by day", legend=meaning)


def _judged(context: OperationContext, given: MonitorInput) -> list[Judged]:
    entities_in = finder(given.watch)
    predictions = context.predict(given.model, [{"text": item.text} for item in given.items])
    judged = []
    for item, prediction in zip(given.items, predictions, strict=True):
        score = _score(prediction, given)
        tone = {given.negative: -1, given.positive: 1}.get(prediction["label"], 0)
        entities = (item.entity,) if item.entity else entities_in(item.text)
        topic = prediction.get("topic") or topic_of(item.text)
        judged.append(Judged(day_of(item.moment), item.text, entities, topic, score, tone))
    return judged


def _score(prediction: Mapping[str, Any], given: MonitorInput) -> float:
    scores = prediction.get("scores", {})
    if given.negative not in scores or "label" not in prediction:
        raise BadInput(
            f"the model {given.model} gives no label {given.negative!r}",
            where="input.negative",
            hint=f"its labels are {', '.join(scores) or 'none'}; name the one to count, or another model",
        )
    return float(scores[given.negative])


def _series(stream: Stream) -> tuple[Series, ...]:
    """Return the series: those with alerts first, then by number of sentences."""
    alerted = {(alert.kind, alert.name) for alert in stream.alerts}
    found = []
    for key, points in stream.points.items():
        kind, name = split_key(key)
        found.append(Series(kind=kind, name=name, points=tuple(points)))
    return tuple(
        sorted(
            found,
            key=lambda s: (
                (s.kind, s.name) not in alerted, -sum(point.sentences for point in s.points), s.kind, s.name,
            ),
        )
    )  # fmt: skip


def _alerts_of(series: Series, output: MonitorOutput) -> list[Surge]:
    return [alert for alert in output.alerts if (alert.kind, alert.name) == (series.kind, series.name)]


def _title(series: Series) -> str:
    return {"all": "All news", "entity": series.name, "topic": f"Topic {series.name}"}[series.kind]


def _shown(limit: float | None) -> float | None:
    """Return the share that raises an alert; where even all of few sentences raise none, a height above all shares."""
    return limit if limit is None or limit <= 1 else _BEYOND


def _mark(alert: Surge) -> str:
    return f"{alert.negative} of {alert.sentences}" + (" so far" if alert.provisional else "")


operation = Operation(
    id="finance.monitor",
    title="Watch the tone of news",
    summary="Follows negative and positive sentences by company and topic from day to day, and alerts on surges of bad "
    "news.",
    input=MonitorInput,
    output=MonitorOutput,
    run=run,
    sample=sample_input,
    rows="items",
    picture=draw,
)
