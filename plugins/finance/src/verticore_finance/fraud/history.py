"""What the account's recent past says of a transaction: velocity, habits, and things that are there for the first time.

Aggregation over the account's own transactions before the present one is the classic way to find card fraud (Whitrow
et al. 2009, "Transaction aggregation as a strategy for credit card fraud detection"; Bahnsen et al. 2016).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from platform_core.sdk import Cell
from verticore_finance.fraud.schema import FraudExample
from verticore_finance.moments import Moment, read_moment

HOUR, DAY = 3600, 86_400
WINDOWS: Final[Mapping[str, int]] = {"1h": HOUR, "1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
"""How far back is counted, in seconds."""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ROUNDEST = 4
_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "merchant": frozenset(
        ("merchant", "payee", "beneficiary", "recipient", "receiver", "shop", "store", "vendor", "seller", "dest",
         "counterparty", "terminal", "provider")
    ),
    "place": frozenset(("country", "city", "state", "region", "location", "zip", "postcode", "ip")),
    "device": frozenset(("device", "browser", "phone", "fingerprint", "agent", "handset")),
}  # fmt: skip
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def derive(example: FraudExample, past: Sequence[FraudExample]) -> dict[str, Cell]:
    """Return the columns that models read beside those of the file; always the same ones.

    Nothing of the present or a later moment is counted, whatever ``past`` holds. Without an account and a past, what
    rests on them is unknown (``None``); a known account without a past is a new one (counts are 0).

    Args:
        example: the transaction.
        past: earlier transactions of its account, oldest first.
    """
    now = read_moment(example.timestamp)
    earlier = [(row, moment) for row in past if (moment := read_moment(row.timestamp)) is None or _before(moment, now)]
    known = bool(past) or example.account is not None
    return {
        **_clock(now),
        "round_amount": _roundness(example.amount),
        **_velocity(example, earlier, now if known else None),
        **_habits(example.amount, [row.amount for row, _ in earlier if row.amount is not None]),
        "known_payments": float(len(earlier)) if known else None,
        **_first_times(example.columns, [row.columns for row, _ in earlier]),
    }


def _before(moment: Moment, now: Moment | None) -> bool:
    return now is None or moment.seconds < now.seconds


def _clock(now: Moment | None) -> dict[str, Cell]:
    """Return the hour of the day and the weekday; of bare seconds the hour alone, counted from their beginning."""
    if now is None:
        return {"hour": None, "weekday": None}
    if now.local is None:
        return {"hour": now.seconds % DAY / HOUR, "weekday": None}
    hour = now.local.hour + now.local.minute / 60 if now.has_clock else None
    return {"hour": hour, "weekday": _WEEKDAYS[now.local.weekday()]}


def _roundness(amount: float | None) -> float | None:
    """Return 0 for an amount with cents, 1 for a whole one, 2 for tens, 3 for hundreds, 4 for thousands."""
    if amount is None or amount == 0:
        return None
    cents = round(abs(amount) * 100)
    return float(sum(cents % (10 * 10**power) == 0 for power in range(1, _ROUNDEST + 1)))


def _velocity(
    example: FraudExample, earlier: Sequence[tuple[FraudExample, Moment | None]], now: Moment | None
) -> dict[str, Cell]:
    names = ("count", "sum")
    found: dict[str, Cell] = {f"{name}_{window}": None for window in WINDOWS for name in names}
    found |= {"same_amount_1d": None, "seconds_since_last": None}
    if now is None:
        return found
    ages = [(now.seconds - moment.seconds, row.amount) for row, moment in earlier if moment is not None]
    for window, length in WINDOWS.items():
        amounts = [amount for age, amount in ages if age <= length]
        found[f"count_{window}"] = float(len(amounts))
        found[f"sum_{window}"] = sum(amount for amount in amounts if amount is not None and amount > 0) or 0.0
    found["same_amount_1d"] = float(sum(age <= DAY and amount == example.amount for age, amount in ages))
    if ages:
        found["seconds_since_last"] = min(age for age, _ in ages)
    return found


def _habits(amount: float | None, before: Sequence[float]) -> dict[str, Cell]:
    """Return the amount as a multiple of the account's own mean and greatest payment."""
    payments = [value for value in before if value > 0]
    if amount is None or not payments:
        return {"amount_to_mean": None, "amount_to_max": None}
    return {"amount_to_mean": amount * len(payments) / sum(payments), "amount_to_max": amount / max(payments)}


def _first_times(cells: Mapping[str, Cell], before: Sequence[Mapping[str, Cell]]) -> dict[str, Cell]:
    """Return how many words of the transaction the account never had before, and whether one names a new party."""
    found: dict[str, Cell] = {f"new_{kind}": None for kind in _KINDS} | {"new_values": None}
    if not before:
        return found
    new = {name: all(row.get(name) != value for row in before) for name, value in cells.items() if value is not None}
    for kind, words in _KINDS.items():
        flags = [is_new for name, is_new in new.items() if words.intersection(_parts(name))]
        found[f"new_{kind}"] = float(any(flags)) if flags else None
    found["new_values"] = float(sum(is_new for name, is_new in new.items() if isinstance(cells[name], str)))
    return found


def _parts(name: str) -> Iterable[str]:
    return (part.casefold() for part in _PART.findall(name))
