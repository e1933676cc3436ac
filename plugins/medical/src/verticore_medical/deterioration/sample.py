"""Sample data: invented patients on an invented ward, the same on every machine.

Every patient has habitual vital signs of his or her own (lungs that never saturate above 91 %, a heart that always
runs at 100) and measurements scatter around them. Some patients fall ill: from then on their signs drift in the
pattern of their illness until they are moved to intensive care, or until the treatment works. A single look at the
vital signs, such as a score takes, therefore misleads where the patient's own past does not.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

DESCRIPTION = (
    "Sample data, made by this plugin and not by people: vital signs of 120 invented patients, for trying the "
    "software. A model trained on it is of no use on any ward."
)
PATIENTS = 120
HORIZON_HOURS = 12.0
"""A row is ``deteriorates`` if the patient is moved to intensive care within so many hours after it."""

_SEED = 20250107
_ILL = 0.3
_RECOVERS = 0.25
_MISSING = 0.03
_START = datetime(2024, 1, 8, 6, 0)

_USUAL = {"heart_rate": 78.0, "respiratory_rate": 16.0, "systolic_bp": 128.0, "temperature": 36.8, "spo2": 97.0}
_BETWEEN = {"heart_rate": 11.0, "respiratory_rate": 1.8, "systolic_bp": 14.0, "temperature": 0.2, "spo2": 1.2}
_WITHIN = {"heart_rate": 6.0, "respiratory_rate": 1.5, "systolic_bp": 8.0, "temperature": 0.25, "spo2": 1.0}
_HABITS: Mapping[str, Mapping[str, float]] = {
    "healthy lungs and heart": {},
    "chronic lung disease": {"spo2": -6.0, "respiratory_rate": 4.0},
    "fast heart": {"heart_rate": 24.0},
    "low pressure": {"systolic_bp": -24.0},
}
_ILLNESSES: Mapping[str, Mapping[str, float]] = {
    "sepsis": {"heart_rate": 34, "respiratory_rate": 9, "systolic_bp": -34, "temperature": 1.9, "spo2": -3},
    "respiratory failure": {"heart_rate": 18, "respiratory_rate": 13, "systolic_bp": 6, "spo2": -9},
    "bleeding": {"heart_rate": 40, "respiratory_rate": 6, "systolic_bp": -42, "temperature": -0.4},
    "sedation": {"heart_rate": -12, "respiratory_rate": -8, "systolic_bp": -12, "spo2": -7},
}
"""How far the signs have drifted when the patient is moved."""


@dataclass(frozen=True)
class _Course:
    """What happens to a patient: from ``onset`` on signs drift, fully after ``lasts`` hours; then help, or recovery."""

    drift: Mapping[str, float]
    onset: float
    lasts: float
    recovers: bool

    def severity(self, hour: float) -> float:
        progress = max(0.0, (hour - self.onset) / self.lasts)
        return max(0.0, 1.2 - progress) if self.recovers and progress > 0.6 else min(1.0, progress)

    @property
    def moved_at(self) -> float | None:
        return None if self.recovers or not self.drift else self.onset + self.lasts


def write_sample(folder: Path) -> None:
    """Write ``sample_vital_signs.csv`` into ``folder``."""
    rows = list(make_rows())
    with (folder / "sample_vital_signs.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def make_rows(patients: int = PATIENTS, seed: int = _SEED) -> Iterator[dict[str, str]]:
    """Yield the rows of all patients in order of time."""
    rng = Random(seed)
    rows = [row for number in range(patients) for row in _patient(rng, number)]
    yield from sorted(rows, key=lambda row: (row["charttime"], row["patient_id"]))


def _patient(rng: Random, number: int) -> Iterator[dict[str, str]]:
    habit = rng.choices(list(_HABITS.values()), (6, 2, 1, 1))[0]
    usual = {name: value + rng.gauss(0, _BETWEEN[name]) + habit.get(name, 0.0) for name, value in _USUAL.items()}
    course = _course(rng)
    admitted = _START + timedelta(hours=rng.uniform(0, 24 * 28))
    stay = rng.uniform(30, 96)
    age, on_oxygen = min(98, max(18, rng.gauss(66, 15))), habit.get("spo2", 0) < 0 and rng.random() < 0.5
    hour = 0.0
    while hour < (course.moved_at or stay):
        severity = course.severity(hour)
        signs = {
            name: value + rng.gauss(0, _WITHIN[name]) + severity * course.drift.get(name, 0.0)
            for name, value in usual.items()
        }
        to_move = course.moved_at is not None and course.moved_at - hour <= HORIZON_HOURS
        yield {
            "patient_id": f"W{70000 + 37 * number}",
            "charttime": (admitted + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M"),
            "age": f"{age:.0f}",
            **{name: _written(rng, name, value) for name, value in signs.items()},
            "oxygen": "yes" if on_oxygen or (severity > 0.5 and signs["spo2"] < 93) else "no",
            "consciousness": _consciousness(rng, severity),
            "label": "deteriorates" if to_move else "stable",
        }
        hour += rng.uniform(2.5, 5.5) if severity < 0.4 else rng.uniform(1, 2.5)


def _course(rng: Random) -> _Course:
    if rng.random() >= _ILL:
        return _Course({}, 0.0, 1.0, recovers=False)
    drift = rng.choice(list(_ILLNESSES.values()))
    strength = rng.uniform(0.7, 1.2)
    scaled = {name: strength * value for name, value in drift.items()}
    return _Course(scaled, rng.uniform(8, 50), rng.uniform(10, 26), recovers=rng.random() < _RECOVERS)


def _written(rng: Random, name: str, value: float) -> str:
    if rng.random() < _MISSING:
        return ""
    if name == "temperature":
        return f"{value:.1f}"
    return f"{min(100.0, value) if name == 'spo2' else value:.0f}"


def _consciousness(rng: Random, severity: float) -> str:
    if rng.random() < _MISSING:
        return ""
    return rng.choice(("confusion", "voice")) if rng.random() < 0.35 * max(0.0, severity - 0.5) else "alert"
