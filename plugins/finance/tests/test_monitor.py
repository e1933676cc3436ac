from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from verticore_finance.monitor.entities import companies, finder
from verticore_finance.monitor.operation import draw, run
from verticore_finance.monitor.sample import BURSTS, START, make_stream, sample_input
from verticore_finance.monitor.schema import MonitorInput, MonitorOutput

from platform_core.platform import Platform
from platform_core.sdk import BadInput, DataError

WORDS = ("good", "bad", "plain")
LABELS = dict(zip(WORDS, ("positive", "negative", "neutral"), strict=True))


class Context:
    """Knows the label of a text, or reads it from its first word."""

    def __init__(self, labels: Mapping[str, str] | None = None) -> None:
        self.labels = labels or {}

    def predict(self, model: str, examples: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        assert model == "finance.sentiment@champion"
        found = [self.labels.get(row["text"]) or LABELS[row["text"].split()[0].casefold()] for row in examples]
        return [{"label": label, "scores": {"negative": 0.9 if label == "negative" else 0.05}} for label in found]

    def progress(self, done: int, total: int | None = None) -> None:
        pass


def monitor(items: Sequence[Mapping[str, Any]], context: Context | None = None, **changes: Any) -> MonitorOutput:
    return run(context or Context(), MonitorInput.model_validate({"items": items, **changes}))


def item(day: int, text: str, entity: str | None = "Norvik", hour: int = 9) -> dict[str, Any]:
    moment = datetime(2024, 1, 1, hour) + timedelta(days=day)
    return {"text": text, "moment": moment.isoformat(), "entity": entity}


def quiet(days: int = 20, a_day: int = 5) -> list[dict[str, Any]]:
    return [item(day, f"{WORDS[(day + i) % 3]} news {i}") for day in range(days) for i in range(a_day)]


def bad_day(day: int, count: int = 9) -> list[dict[str, Any]]:
    return [item(day, f"bad story {i}") for i in range(count)]


@pytest.fixture(scope="module")
def sampled() -> tuple[MonitorOutput, Context]:
    context = Context({made.text: made.label for _, _, made in make_stream(bursts=BURSTS)})
    return monitor(sample_input()["items"], context), context


def test_finds_the_surges_of_the_sample_and_says_when_and_why(sampled: tuple[MonitorOutput, Context]) -> None:
    output, _ = sampled
    for burst in BURSTS:
        days = [(alert.day - START.date()).days for alert in output.alerts if alert.name == burst.company]
        assert any(burst.day <= day < burst.day + burst.days for day in days)
    assert all(alert.negative > alert.expected and len(alert.worst) == 3 for alert in output.alerts)


def test_raises_no_more_false_alerts_than_it_states(sampled: tuple[MonitorOutput, Context]) -> None:
    output, _ = sampled
    surges = {START.date() + timedelta(days=burst.day + i) for burst in BURSTS for i in range(burst.days)}
    false = [alert for alert in output.alerts if alert.day not in surges and not alert.provisional]
    assert len(false) <= output.expected_false_alerts + 2


def test_draws_the_series_with_alerts_first(sampled: tuple[MonitorOutput, Context]) -> None:
    output, _ = sampled
    alerted = [any(a.name == s.name and a.kind == s.kind for a in output.alerts) for s in output.series]
    assert alerted == sorted(alerted, reverse=True)
    with Image.open(BytesIO(draw(output))) as picture:
        assert picture.format == "PNG"


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=st.lists(st.integers(0, 10_000), min_size=1, max_size=4), seed=st.integers(0, 50))
def test_a_stream_in_pieces_gives_the_alerts_of_the_whole(cuts: list[int], seed: int) -> None:
    rng = Random(seed)
    items = quiet(25) + bad_day(12, rng.randint(3, 12)) + bad_day(18, 20) + [item(24, f"bad end {i}") for i in range(4)]
    items.sort(key=lambda row: row["moment"])
    whole = monitor(items)
    ends = sorted({cut % len(items) for cut in cuts} - {0})
    alerts, state = [], None
    for start, end in zip([0, *ends], [*ends, len(items)], strict=True):
        piece = monitor(items[start:end], state=state)
        state = piece.state.model_dump(mode="json")
        alerts += [alert for alert in piece.alerts if not alert.provisional]
    assert alerts == [alert for alert in whole.alerts if not alert.provisional]
    assert alerts
    assert piece.state == whole.state
    assert [a for a in piece.alerts if a.provisional] == [a for a in whole.alerts if a.provisional]


def test_the_last_day_is_judged_but_may_go_on() -> None:
    output = monitor(quiet() + bad_day(20))
    assert {alert.name for alert in output.alerts} == {"all", "Norvik", "other"}
    assert all(alert.provisional for alert in output.alerts)
    assert output.state.open_day == output.alerts[0].day


def test_copies_of_a_story_count_once() -> None:
    output = monitor(quiet() + [item(20, "Bad  story") | {"text": text} for text in ("bad story", "Bad  Story") * 5])
    assert output.repeated == 9
    assert not output.alerts


def test_news_of_days_that_are_over_is_left_out_and_counted() -> None:
    first = monitor(quiet())
    second = monitor([item(3, "bad old"), item(21, "good new")], state=first.state.model_dump(mode="json"))
    assert (second.items, second.late) == (1, 1)


def test_too_little_past_proves_nothing() -> None:
    output = monitor(quiet(days=4) + bad_day(4))
    assert not output.alerts
    assert output.tests == 0


def test_a_state_of_another_half_life_is_refused() -> None:
    state = monitor(quiet()).state.model_dump(mode="json")
    with pytest.raises(BadInput, match="half-life of 30 days, not 7"):
        monitor(quiet(), state=state, half_life_days=7)


def test_a_model_without_the_label_is_refused() -> None:
    with pytest.raises(BadInput, match="no label 'bearish'"):
        monitor(quiet(), negative="bearish")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Shares of Nordhagen Oyj fell.", ("Nordhagen",)),
        ("Marwick & Rowe Group sold its mill to Optiva AB.", ("Marwick & Rowe", "Optiva")),
        ("The Zenolith Holding plc board met.", ("Zenolith",)),
        ("Sales fell in the second quarter.", ()),
    ],
)
def test_companies_are_known_by_their_legal_form(text: str, found: tuple[str, ...]) -> None:
    assert companies(text) == found


def test_watched_names_match_as_words_and_tickers_exactly() -> None:
    find = finder(("Norvik", "ALL"))
    assert find("norvik's profit rose, all in all") == ("Norvik",)
    assert find("Norvikson and $ALL fell") == ("ALL",)


def test_the_column_goes_before_names_in_the_text() -> None:
    items = [item(0, "bad for Optiva AB", entity=None), item(0, "bad for Optiva plc", entity="Haldan")]
    assert {series.name for series in monitor(items).series if series.kind == "entity"} == {"Optiva", "Haldan"}


def test_the_picture_shows_shares_and_a_limit_without_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: dict[str, Any] = {}

    def remember(panels: Any, **words: Any) -> bytes:
        drawn.update(words, panels=panels)
        return b""

    monkeypatch.setattr("platform_core.sdk.pictures.draw_series", remember)
    draw(monitor(quiet() + bad_day(20)))
    assert drawn["title"] == "Share of negative sentences by day"
    for panel in drawn["panels"]:
        assert panel.bounds == (0.0, 1.0)
        known = [limit is not None for limit in panel.high]
        assert known == sorted(known), "once there is a baseline, there is a limit"


def write(folder: Path, *rows: str, encoding: str = "utf-8") -> Path:
    file = folder / "news.csv"
    file.write_text("\n".join(("headline,published,company", *rows)), encoding=encoding)
    return file


@pytest.mark.parametrize(
    ("row", "message", "column"),
    [
        ("Profit fell,yesterday,Norvik", "is no date", "published"),
        (f"Profit fell,{(datetime.now(UTC) + timedelta(days=40)).date()},Norvik", "in the future", "published"),
        ("Profit fell,,Norvik", "the value is missing", "published"),
        ("  ,2024-03-05,Norvik", "the text is empty", "headline"),
    ],
)
def test_a_bad_row_of_a_file_is_named(tmp_path: Path, row: str, message: str, column: str) -> None:
    file = write(tmp_path, "Profit rose,2024-03-04,Norvik", row)
    with Platform.open(tmp_path / "home") as platform, pytest.raises(DataError, match=message) as caught:
        platform.run_operation("finance.monitor", data=file)
    assert caught.value.where == f"news.csv, data row 2, column '{column}'"
    assert "--skip-bad" in str(caught.value.hint)


def test_a_file_without_dates_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "news.csv"
    file.write_text("headline,page\nProfit rose,12\n", encoding="utf-8")
    with Platform.open(tmp_path / "home") as platform, pytest.raises(DataError, match="moment"):
        platform.run_operation("finance.monitor", data=file)
