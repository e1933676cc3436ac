"""Goals: what an operating point is chosen for, as people write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from platform_core.sdk.errors import UsageError

GoalKind = Literal["recall", "precision", "fbeta", "cost", "alerts"]

_EXAMPLES = "recall=.95, precision=.9, fbeta=2, cost=fp:1,fn:20 or alerts=1%"
_AMOUNT = r"([\d.]+(?:e[+-]?\d+)?)"
_DIGITS = 12
"""Goals are kept as text: what is written must read the same."""


@dataclass(frozen=True)
class Costs:
    """What mistakes cost, in any unit; right answers cost nothing.

    Attributes:
        fp: a false alert.
        fn: a positive that is missed.
    """

    fp: float
    fn: float

    @classmethod
    def parse(cls, text: str) -> Costs:
        """Read ``fp:1,fn:20``.

        Raises:
            UsageError: that is not how costs are written.
        """
        match = re.fullmatch(rf"\s*fp:\s*{_AMOUNT}\s*,\s*fn:\s*{_AMOUNT}\s*", text)
        costs = [_number(part) for part in match.groups()] if match else []
        if not match or None in costs or not all(costs):
            raise UsageError(f"{text!r} does not say what mistakes cost", hint="write fp:1,fn:20, both above 0")
        return cls(fp=float(match[1]), fn=float(match[2]))

    def __str__(self) -> str:
        return f"fp:{_written(self.fp)},fn:{_written(self.fn)}"


def stated_costs(goal: str) -> Costs | None:
    """Return the costs that a goal states, as it stands in a decision; ``None`` where it is another goal or none."""
    return Goal.parse(goal).costs if goal.startswith("cost=") else None


@dataclass(frozen=True)
class Goal:
    """What a threshold is chosen for.

    Attributes:
        kind: ``recall`` and ``precision`` are to reach ``value``; ``fbeta`` is to be greatest, ``value`` being beta,
            how many times as much recall counts as precision; ``cost`` is to be least; ``alerts`` are to be at most
            the share ``value`` of all examples.
        value: a share, or beta; 0 where ``costs`` say it.
        costs: for ``cost``.
    """

    kind: GoalKind
    value: float = 0.0
    costs: Costs | None = None

    @classmethod
    def parse(cls, text: str) -> Goal:
        """Read a goal such as ``recall=.95``, ``precision=90%``, ``fbeta=2``, ``cost=fp:1,fn:20`` or ``alerts=1%``.

        Raises:
            UsageError: that is no goal.
        """
        kind, equals, value = text.strip().partition("=")
        if kind not in get_args(GoalKind) or not equals:
            raise UsageError(f"there is no goal {text!r}", hint=f"write {_EXAMPLES}")
        if kind == "cost":
            return cls("cost", costs=Costs.parse(value))
        number = _number(value.removesuffix("%"))
        if number is None:
            raise UsageError(f"{value!r} in the goal {text!r} is not a number", hint=f"write {_EXAMPLES}")
        if kind == "fbeta":
            return cls("fbeta", _beta(number, text))
        return cls(kind, _share(number / 100 if value.endswith("%") else number, kind, text))  # type: ignore[arg-type]

    def __str__(self) -> str:
        match self.kind:
            case "cost":
                return f"cost={self.costs}"
            case "alerts":
                return f"alerts={_written(100 * self.value)}%"
            case _:
                return f"{self.kind}={_written(self.value)}"


def _written(number: float) -> str:
    return f"{number:.{_DIGITS}g}"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _beta(number: float, text: str) -> float:
    if not 0 < number < float("inf"):
        raise UsageError(f"beta is above 0, not as in {text!r}", hint="fbeta=2 makes recall count twice as much")
    return number


def _share(number: float, kind: str, text: str) -> float:
    if not 0 < number <= 1 or (kind == "alerts" and number == 1):
        advice = f"did you mean {kind}={number:g}%?" if 1 <= number <= 100 and "%" not in text else f"write {_EXAMPLES}"
        raise UsageError(f"the goal {text!r} is not a share between 0 and 1", hint=advice)
    return number
