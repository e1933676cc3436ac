"""Sample data: invented sentences, the same on every machine."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

from verticore_finance.sentiment import phrases as p

DESCRIPTION = (
    "Sample data, made by this plugin and not by people: 900 invented sentences about invented companies, for trying "
    "the software. A model trained on it is of no use on real news."
)
ROWS = 900
_SEED = 20240611
_AMBIGUOUS = 0.05
_FIGURES = frozenset(("good", "bad", "good_amount", "bad_amount", "loss"))


class Sentence(NamedTuple):
    """A sentence, its label, the topic that it was made for, and its company."""

    text: str
    label: str
    topic: str
    company: str


def write_sample(folder: Path) -> None:
    """Write ``sample_sentences.csv`` with the columns ``text`` and ``label`` into ``folder``."""
    with (folder / "sample_sentences.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("text", "label"))
        writer.writerows((text, label) for text, label, *_ in make_sentences())


def make_sentences(rows: int = ROWS, seed: int = _SEED) -> list[Sentence]:
    """Return ``rows`` different sentences; about a third has each label."""
    rng = Random(seed)
    kinds: tuple[Callable[[Random], Sentence], ...] = (_figure, _comparison, _news, _plain_news, _unchanged, _denial)
    weights = (23, 15, 20, 24, 11, 7)
    found: dict[str, Sentence] = {}
    while len(found) < rows:
        kind = _mixed if rng.random() < _AMBIGUOUS else rng.choices(kinds, weights)[0]
        made = kind(rng)
        found.setdefault(made.text, made)
    return list(found.values())


def _figure(rng: Random) -> Sentence:
    """A figure went up or down; whether that is good depends on the figure."""
    rises, is_good_figure = rng.random() < 0.5, rng.random() < 0.55
    good = rises == is_good_figure
    figure = rng.choice(p.GOOD_WHEN_HIGH if is_good_figure else p.BAD_WHEN_HIGH)
    verb = rng.choice(p.WENT_UP if rises else p.WENT_DOWN)
    cause = rng.choice(p.CAUSES_PLAIN + (p.CAUSES_GOOD if good else p.CAUSES_BAD))
    amounts = [_period(rng), f"by {{percent}} % {_period(rng)}"]
    if figure in p.GOOD_AMOUNTS + p.BAD_AMOUNTS:
        before, after = sorted((_money(rng), _money(rng)), key=float, reverse=not rises)
        amounts.append(f"to EUR {after} mn from EUR {before} mn {_period(rng)}")
    amount = rng.choice(amounts)
    subject = rng.choice((f"{{company}} said that {figure}", f"{figure} of {{company}}", f"at {{company}}, {figure}"))
    return _finish(rng, f"{subject} {verb} {amount}, {cause}", _label(good), p.FIGURE_TOPICS.get(figure, "earnings"))


def _comparison(rng: Random) -> Sentence:
    """A figure against what was expected: losses narrow, profits disappoint although they rise."""
    good = rng.random() < 0.5
    forms = {
        True: (
            "{loss} of {company} narrowed to EUR {money} mn {period}, less than analysts had feared",
            "{good} of {company} fell less than expected {period}, by {percent} %",
            "{company} cut {bad_amount} by EUR {money} mn {period} with fewer suppliers in {place}",
            "{company} beat forecasts {period} as {good_amount} in the {unit} unit came in above consensus",
            "Despite weak markets in {place}, {good} at {company} did not fall {period}",
            "{company} swung to a profit of EUR {money} mn {period} from a loss of EUR {money2} mn",
        ),
        False: (
            "{loss} of {company} widened to EUR {money} mn {period}, more than analysts had feared",
            "{good} of {company} rose less than expected {period}, by {percent} %",
            "{company} could not cut {bad_amount} {period}, although it has fewer suppliers in {place}",
            "{company} missed forecasts {period} as {good_amount} in the {unit} unit came in below consensus",
            "Despite strong markets in {place}, {good} at {company} did not rise {period}",
            "{company} swung to a loss of EUR {money} mn {period} from a profit of EUR {money2} mn",
        ),
    }
    return _finish(rng, rng.choice(forms[good]), _label(good))


def _news(rng: Random) -> Sentence:
    good = rng.random() < 0.55
    news = rng.choice(p.GOOD_NEWS if good else p.BAD_NEWS)
    return _finish(rng, news + _tail(rng), _label(good), p.NEWS_TOPICS[news])


def _plain_news(rng: Random) -> Sentence:
    news = rng.choice(p.PLAIN_NEWS)
    return _finish(rng, news + _tail(rng), "neutral", p.NEWS_TOPICS[news])


def _unchanged(rng: Random) -> Sentence:
    """Figures without news in them: the words of gains and losses, and no change."""
    forms = (
        "{good_amount} of {company} was EUR {money} mn {period}, unchanged from a year earlier",
        "{company} reports {bad} and {good} for the {unit} unit separately from {year} on",
        "{company} does not comment on forecasts of {good} for the {unit} unit",
        "{company} will say on {day} whether {good} or {bad} changed {period}",
        "In {year} {good_amount} of {company} came to EUR {money} mn, of which {percent} % was from {place}",
        "{company} repeated its view that {good} will be at the level of {year}",
    )
    return _finish(rng, rng.choice(forms) + _tail(rng), "neutral")


def _denial(rng: Random) -> Sentence:
    """Negations turn the words around."""
    good = rng.random() < 0.5
    up_good = ("{good} is no longer falling", "{bad} did not grow any further", "there will be no layoffs in {place}")
    up_bad = ("{good} is no longer growing", "{bad} did not shrink any further", "there will be no dividend")
    reason = rng.choice(p.CAUSES_GOOD if good else p.CAUSES_BAD) if rng.random() < 0.4 else rng.choice(p.CAUSES_PLAIN)
    opening = rng.choice(("{company} said that ", "The {sector} {company} told investors that ", "At {company}, "))
    said = rng.choice(up_good if good else up_bad)
    return _finish(rng, f"{opening}{said} {_period(rng)}, {reason}", _label(good), p.NEWS_TOPICS.get(said, ""))


def _mixed(rng: Random) -> Sentence:
    """Good and bad at once: people disagree on such sentences, and so do these labels."""
    news = rng.choice(p.MIXED_NEWS)
    made = _finish(rng, news, "", p.NEWS_TOPICS[news])
    return made._replace(label=rng.choice(("negative", "neutral", "positive")))


def _finish(rng: Random, pattern: str, label: str, topic: str = "") -> Sentence:
    """Fill in the pattern; where no topic is given it is that of the first figure in it."""
    values = {
        "company": rng.choice(p.STEMS) + rng.choice(p.FORMS),
        "sector": rng.choice(p.SECTORS),
        "place": rng.choice(p.PLACES),
        "unit": rng.choice(p.UNITS),
        "good": rng.choice(p.GOOD_WHEN_HIGH),
        "bad": rng.choice(p.BAD_WHEN_HIGH),
        "good_amount": rng.choice(p.GOOD_AMOUNTS),
        "bad_amount": rng.choice(p.BAD_AMOUNTS),
        "loss": rng.choice(p.LOSSES),
        "period": _period(rng),
        "money": _money(rng),
        "money2": _money(rng),
        "share": f"0.{rng.randint(11, 98)}",
        "percent": f"{rng.randint(1, 29)}.{rng.randint(0, 9)}",
        "count": str(rng.randint(3, 190) * 10),
        "year": str(rng.randint(1996, 2024)),
        "day": f"{rng.randint(1, 28)} {rng.choice(p.MONTHS)}",
    }
    text = pattern.format(**values)
    figure = next((values[name] for name in re.findall(r"{(\w+)}", pattern) if name in _FIGURES), "")
    topic = topic or p.FIGURE_TOPICS.get(figure, "earnings")
    return Sentence(f"{text[0].upper()}{text[1:]}.", label, topic, values["company"])


def _tail(rng: Random) -> str:
    return f", {rng.choice(p.CAUSES_PLAIN)}" if rng.random() < 0.5 else ""


def _period(rng: Random) -> str:
    return rng.choice(p.PERIODS)


def _money(rng: Random) -> str:
    return f"{rng.randint(1, 95)}.{rng.randint(0, 9)}"


def _label(good: bool) -> str:
    return "positive" if good else "negative"
