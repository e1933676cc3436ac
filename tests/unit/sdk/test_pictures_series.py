"""Series are drawn: what the picture holds, and what is refused."""

import io
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from matplotlib.figure import Figure
from PIL import Image

from platform_core.sdk import UsageError
from platform_core.sdk.pictures import Alert, AlertLevel, Panel, draw_series
from platform_core.sdk.pictures.legends import ALERTS
from platform_core.sdk.pictures.series import MOST_PANELS, _bound

DAYS = [date(2024, 1, 1) + timedelta(days=day) for day in range(30)]
ORANGE, WINE = (0xD5, 0x5E, 0x00), (0x88, 0x22, 0x55)


def colours(png: bytes) -> set[tuple[int, ...]]:
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.format == "PNG"
        return {colour for _, colour in picture.convert("RGB").getcolors(1 << 24)}


def is_near(colour, other):
    return max(abs(one - two) for one, two in zip(colour, other, strict=True)) < 12


def panel(**changes) -> Panel:
    values = {"title": "Tone", "at": DAYS, "values": [day % 7 for day in range(30)]}
    return Panel(**values | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"baseline": [3.0] * 30, "low": [1.0] * 30, "high": [5.0] * 30},
        {"high": [5.0] * 30},
        {"values": [None] * 30},
        {"values": [1.0] * 15 + [None] * 15},
        {"at": [day.isoformat() for day in DAYS]},
        {"at": [datetime(2024, 1, 1, hour % 24, tzinfo=UTC) for hour in range(30)]},
        {"title": "心率 $x^2$"},
        {"at": [], "values": []},
    ],
)
def test_a_panel_is_drawn(changes):
    assert len(colours(draw_series([panel(**changes)], title="All $at$ once"))) > 1


@pytest.fixture
def legends(monkeypatch):
    """What the legends of drawn pictures say: the title, then the words of each mark."""
    found = []
    make = Figure.legend

    def remember(self, *given, **options):
        legend = make(self, *given, **options)
        found.append([legend.get_title().get_text(), *(text.get_text() for text in legend.get_texts())])
        return legend

    monkeypatch.setattr(Figure, "legend", remember)
    return found


def test_a_legend_names_the_marks_that_occur(legends):
    draw_series([panel()])
    draw_series([panel(low=[1.0] * 30, high=[5.0] * 30), panel(alerts=[Alert(at=DAYS[3])])], title="Tone of $x$")
    draw_series([panel(baseline=[3.0] * 30, low=[1.0] * 30)], legend={"limit": "NEWS2 of 5", "alerts": "unused"})

    plain, banded, limited = legends
    assert plain[1:] == ["value"]
    assert banded == ["Tone of $x$", "value", "usual range", "alert"]
    assert limited[1:] == ["value", "expected", "NEWS2 of 5"]


def test_a_long_legend_makes_the_picture_no_wider():
    def width(words: str) -> int:
        marks = panel(low=[1.0] * 30, high=[5.0] * 30, alerts=[Alert(at=DAYS[3]), Alert(at=DAYS[9], level="critical")])
        legend = {"values": words, "band": words, "alerts": words, "critical": words}
        with Image.open(io.BytesIO(draw_series([marks], legend=legend))) as picture:
            return picture.width

    assert width("w" * 40) <= width("w" * 10) * 1.02


def test_alerts_are_marked():
    plain = colours(draw_series([panel()]))
    marked = colours(draw_series([panel(alerts=[Alert(at=DAYS[3], text="surge"), Alert(at=date(2025, 1, 1))])]))

    assert not any(is_near(colour, ORANGE) for colour in plain)
    assert any(is_near(colour, ORANGE) for colour in marked)


def test_levels_of_alerts_differ_in_colour_and_shape_and_stand_in_the_legend(legends):
    calm, severe = Alert(at=DAYS[3]), Alert(at=DAYS[9], level="critical")
    both = colours(draw_series([panel(alerts=[calm]), panel(alerts=[severe])], legend={"critical": "emergency"}))
    alone = colours(draw_series([panel(alerts=[severe])]))

    assert legends[0][1:] == ["value", "alert", "emergency"]
    assert legends[1][1:] == ["value", "critical alert"]
    for colour in (ORANGE, WINE):
        assert any(is_near(one, colour) for one in both)
    assert not any(is_near(one, ORANGE) for one in alone)
    assert len({style["marker"] for style in ALERTS.values()}) == len(ALERTS) == len(get_args(AlertLevel))


def test_one_alert_keeps_its_colour_on_a_large_sheet():
    busy = panel(baseline=[3.0] * 30, low=[1.0] * 30, high=[5.0] * 30)
    marked = colours(draw_series([panel(alerts=[Alert(at=DAYS[3], text="surge")]), *[busy] * (MOST_PANELS - 1)]))

    assert any(is_near(colour, ORANGE) for colour in marked)


def test_numbers_stand_on_an_axis_with_a_name():
    numbers = panel(at=[float(hour) for hour in range(30)], alerts=[Alert(at=2)])
    assert draw_series([numbers, numbers], axis="hours") != draw_series([numbers, numbers])


def test_a_picture_grows_by_panels_up_to_a_limit():
    def height(count: int) -> int:
        with Image.open(io.BytesIO(draw_series([panel(at=[0], values=[1])] * count))) as picture:
            return picture.height

    assert height(1) < height(MOST_PANELS)
    # The last line says how many are left out; no panel is added.
    assert height(MOST_PANELS + 3) - height(MOST_PANELS) < height(1) / 3


@pytest.mark.parametrize(
    ("panels", "said"),
    [
        ([], "nothing to draw"),
        ([panel(values=[1.0])], "1 values stand at 30 places"),
        ([panel(baseline=[1.0])], "1 baseline stand at 30 places"),
        ([panel(), panel(at=[1.0] * 30)], "mix dates and numbers"),
        ([panel(alerts=[Alert(at=3)])], "mix dates and numbers"),
        ([panel(at=["yesterday"] * 30)], "'yesterday' is no date"),
    ],
)
def test_what_cannot_be_drawn_is_told(panels, said):
    with pytest.raises(UsageError, match=said):
        draw_series(panels)


def test_the_same_series_gives_the_same_bytes():
    assert draw_series([panel()]) == draw_series([panel()])


def test_the_sdk_itself_needs_no_matplotlib():
    program = "import sys, platform_core.sdk; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("values", [[0.0] * 30, [1.0] * 30, [0.2] * 30])
def test_the_axis_names_nothing_beyond_the_bounds(values, monkeypatch):
    named = []

    def remember(axes, *bounds):
        _bound(axes, *bounds)
        named.extend(axes.get_yticks())

    monkeypatch.setattr("platform_core.sdk.pictures.series._bound", remember)
    draw_series([panel(values=values, bounds=(0.0, 1.0))])
    assert named == [0.0, 0.5, 1.0]
