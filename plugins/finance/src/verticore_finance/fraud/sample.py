"""Sample data: invented card payments of invented people, the same on every machine."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

DESCRIPTION = (
    "Sample data, made by this plugin: about 4,500 card payments of 120 invented people over four months, 5 % of them "
    "fraud (card testing, account take-over, single misuse). A model trained on it is of no use on real payments."
)
ACCOUNTS = 120
DAYS = 120
COLUMNS = (
    "transaction_id", "account_id", "timestamp", "amount", "merchant", "category", "country", "device", "channel",
    "chargeback_date", "is_fraud",
)  # fmt: skip
_SEED = 20240917
_START = datetime(2024, 1, 8)
_COUNTRIES = ("FI", "SE", "EE", "DE", "PL", "NL", "ES", "GB")
_SHOPS = {
    "groceries": (2.9, 0.6, 14),
    "fuel": (3.9, 0.3, 6),
    "restaurants": (3.0, 0.5, 16),
    "clothing": (4.0, 0.6, 12),
    "electronics": (5.2, 0.8, 9),
    "travel": (5.4, 0.7, 8),
    "games": (1.6, 0.9, 7),
    "streaming": (2.3, 0.3, 4),
    "gift cards": (4.0, 0.6, 5),
}
"""Category → mean and standard deviation of the logarithm of an amount, and how many merchants there are."""

_EVERYDAY = ("groceries", "fuel", "restaurants", "clothing")
_DISTANT = ("electronics", "travel", "games", "streaming", "gift cards")


@dataclass(frozen=True)
class Payment:
    """A row of the sample."""

    account: str
    moment: datetime
    amount: float
    merchant: str
    category: str
    country: str
    device: str
    channel: str
    fraud: bool = False


@dataclass
class _Person:
    """Someone with habits; ``device`` changes once in a while."""

    name: str
    country: str
    device: str
    wealth: float
    shops: tuple[tuple[str, str], ...]
    rate: float
    wakes: int


def write_sample(folder: Path) -> None:
    """Write ``sample_payments.csv`` into ``folder``; its columns are :data:`COLUMNS`."""
    rng = Random(_SEED + 1)
    with (folder / "sample_payments.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, row in enumerate(make_payments(), 1):
            charged_back = row.fraud and rng.random() < 0.9
            later = (row.moment + timedelta(days=rng.randint(4, 40))).date().isoformat() if charged_back else ""
            place = (row.merchant, row.category, row.country, row.device, row.channel)
            moment = row.moment.isoformat(timespec="seconds")
            writer.writerow((f"T{number:06}", row.account, moment, f"{row.amount:.2f}", *place, later, int(row.fraud)))


def make_payments(accounts: int = ACCOUNTS, days: int = DAYS, seed: int = _SEED) -> list[Payment]:
    """Return the payments of ``accounts`` people over ``days`` days, in order of time; about 5 % are fraud."""
    rng = Random(seed)
    rows: list[Payment] = []
    for number in range(accounts):
        person = _person(rng, number)
        rows.extend(_life(rng, person, days))
        for crime in (_card_testing, _take_over, _misuse):
            if rng.random() < 0.18:
                rows.extend(
                    crime(rng, person, _START + timedelta(days=rng.randint(12, days), hours=rng.uniform(7, 25)))
                )
    end = _START + timedelta(days=days)
    return sorted((row for row in rows if row.moment < end), key=lambda row: (row.moment, row.account, row.amount))


def _person(rng: Random, number: int) -> _Person:
    categories = [*rng.sample(_EVERYDAY, 3), *rng.sample(_DISTANT, 2)]
    shops = tuple((category, _merchant(rng, category)) for category in categories for _ in range(rng.randint(1, 2)))
    country = rng.choices(_COUNTRIES, (8, 4, 3, 3, 2, 2, 1, 1))[0]
    return _Person(
        f"A{number:04}", country, _new_device(rng), rng.gauss(0, 0.5), shops, rng.uniform(0.1, 0.4), rng.randint(6, 10)
    )


def _life(rng: Random, person: _Person, days: int) -> Iterator[Payment]:
    """Honest payments: habits, and what looks odd but is not (a journey, a new phone, a spree, a refund)."""
    trip, abroad = rng.uniform(0, 2 * days), rng.choice(_COUNTRIES)
    for day in range(days):
        if rng.random() < 0.008:
            person.device = _new_device(rng)
        travels = trip <= day < trip + 8
        visits = sum(rng.random() < person.rate / 2 * (2 if travels else 1) for _ in range(2))
        if rng.random() < 0.012:
            visits += rng.randint(3, 5)  # a day in town, or a forgotten list
        hour = rng.uniform(person.wakes, person.wakes + 13)
        for visit in range(visits):
            moment = _START + timedelta(days=day, hours=hour + visit * rng.uniform(0.1, 1.2))
            row = _payment(rng, person, moment, abroad if travels else person.country, travels or rng.random() < 0.2)
            yield row
            if rng.random() < 0.015:
                back = row.moment + timedelta(days=rng.uniform(1, 12))
                yield Payment(row.account, back, -row.amount, *_place(row))


def _payment(rng: Random, person: _Person, moment: datetime, country: str, somewhere_new: bool) -> Payment:
    category, merchant = rng.choice(person.shops)
    if somewhere_new:
        category = rng.choice(tuple(_SHOPS))
        merchant = _merchant(rng, category)
    mean, spread, _ = _SHOPS[category]
    amount = rng.lognormvariate(mean + person.wealth, spread)
    amount = float(round(amount)) if rng.random() < 0.15 else round(amount, 2)
    channel = "online" if category in _DISTANT else rng.choice(("chip", "contactless"))
    return Payment(person.name, moment, max(0.5, amount), merchant, category, country, person.device, channel)


def _card_testing(rng: Random, person: _Person, start: datetime) -> Iterator[Payment]:
    """Stolen numbers are tried with small payments minutes apart; then comes the first large one."""
    moment, device = start, _new_device(rng)
    country = person.country if rng.random() < 0.7 else rng.choice(_COUNTRIES)
    for _ in range(rng.randint(3, 7)):
        moment += timedelta(minutes=rng.expovariate(1 / 4) + 0.3)
        category = rng.choice(("games", "streaming"))
        amount = rng.choice((1.0, 1.99, 2.5, round(rng.uniform(0.5, 9), 2)))
        yield _crime(rng, person, moment, amount, category, country, device)
    for _ in range(rng.randint(1, 2)):
        moment += timedelta(minutes=rng.expovariate(1 / 25))
        category = rng.choice(("gift cards", "electronics"))
        yield _crime(rng, person, moment, _sum(rng, 4.6, 0.7), category, country, device)


def _take_over(rng: Random, person: _Person, start: datetime) -> Iterator[Payment]:
    """Someone has the password: another device, other merchants, more than the account ever pays, over two days."""
    moment, device = start, _new_device(rng)
    for _ in range(rng.randint(3, 6)):
        moment += timedelta(hours=rng.expovariate(1 / 5))
        amount = _sum(rng, 4.5 + person.wealth, 0.6)
        yield _crime(rng, person, moment, amount, rng.choice(_DISTANT), person.country, device)


def _misuse(rng: Random, person: _Person, start: datetime) -> Iterator[Payment]:
    """One payment with a copied card that looks almost like any other."""
    category = rng.choice((*_EVERYDAY, "electronics"))
    country = person.country if rng.random() < 0.5 else rng.choice(_COUNTRIES)
    yield _crime(rng, person, start, _sum(rng, _SHOPS[category][0] + 0.6, 0.5), category, country, person.device)


def _crime(
    rng: Random, person: _Person, moment: datetime, amount: float, category: str, country: str, device: str
) -> Payment:
    channel = "online" if category in _DISTANT else rng.choice(("chip", "contactless"))
    merchant = _merchant(rng, category)
    return Payment(person.name, moment, amount, merchant, category, country, device, channel, fraud=True)


def _sum(rng: Random, mean: float, spread: float) -> float:
    return round(rng.lognormvariate(mean, spread), 2)


def _place(row: Payment) -> tuple[str, str, str, str, str]:
    return row.merchant, row.category, row.country, row.device, row.channel


def _merchant(rng: Random, category: str) -> str:
    return f"{category.split()[0]}-{rng.randint(1, _SHOPS[category][2]):02}"


def _new_device(rng: Random) -> str:
    return f"{rng.choice(('ios', 'android', 'web'))}-{rng.getrandbits(20):05x}"
