"""A sample stream: invented news of invented companies, with surges of bad news at known days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from verticore_finance.sentiment.sample import Sentence, make_sentences

COMPANIES = ("Norvik", "Haldan", "Lumetra")
DAYS = 75
START = datetime(2024, 2, 1)
_SEED = 20240201
_USUAL = {"negative": 0.25, "neutral": 0.45, "positive": 0.30}
_A_DAY = 4.0


class Burst(NamedTuple):
    """Bad news of one company on one topic.

    Attributes:
        company: whose.
        topic: what about.
        day: its first day, counted from the beginning of the stream.
        days: how long it lasts.
        a_day: how many negative sentences it brings, on average; half of them are on the topic.
    """

    company: str
    topic: str
    day: int
    days: int
    a_day: float


BURSTS = (Burst("Norvik", "legal", 40, 3, 20.0), Burst("Lumetra", "workforce", 58, 3, 20.0))


def sample_input() -> Mapping[str, Any]:
    """Return an input of the operation: 75 days of three companies, about 1,050 sentences."""
    stream = make_stream(bursts=BURSTS)
    items = [
        {"text": made.text, "moment": at.isoformat(timespec="minutes"), "entity": name} for at, name, made in stream
    ]
    return {"items": items}


def make_stream(
    days: int = DAYS,
    companies: Sequence[str] = COMPANIES,
    bursts: Sequence[Burst] = (),
    seed: int = _SEED,
    a_day: float = _A_DAY,
) -> list[tuple[datetime, str, Sentence]]:
    """Return sentences with their moment and company, in order of time.

    A quarter of all sentences is negative.
    """
    rng = Random(seed)
    pool = make_sentences(1500, seed)
    stream = []
    for day in range(days):
        for company in companies:
            labels = rng.choices(tuple(_USUAL), tuple(_USUAL.values()), k=_draw_count(rng, a_day))
            drawn = [_pick(rng, pool, company, label) for label in labels]
            for burst in bursts:
                if burst.company == company and burst.day <= day < burst.day + burst.days:
                    topics = rng.choices((burst.topic, ""), k=_draw_count(rng, burst.a_day))
                    drawn += [_pick(rng, pool, company, "negative", topic) for topic in topics]
            for sentence in drawn:
                stream.append((START + timedelta(days=day, minutes=rng.randint(7 * 60, 21 * 60)), company, sentence))
    return sorted(stream, key=lambda item: (item[0], item[1], item[2].text))


def _draw_count(rng: Random, mean: float) -> int:
    """Return a Poisson number."""
    count, total = 0, rng.expovariate(1)
    while total < mean:
        count, total = count + 1, total + rng.expovariate(1)
    return count


def _pick(rng: Random, pool: Sequence[Sentence], company: str, label: str, topic: str = "") -> Sentence:
    while True:
        found = rng.choice(pool)
        if found.label == label and topic in ("", found.topic):
            return found._replace(text=found.text.replace(found.company, company), company=company)
