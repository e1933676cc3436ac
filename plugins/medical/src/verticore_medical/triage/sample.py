"""Sample data: invented visits to an invented emergency department, the same on every machine.

A visit has a hidden condition at a level of urgency; vital signs move from what is usual for the age by the condition's
pattern, the more the more urgent it is, with a patient's own scatter on top. The level written down is a nurse's: one
in twelve visits is judged a level off. Words alone, or vital signs alone, tell only part of it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from verticore_medical.triage.conditions import CONDITIONS, DENIALS, DETAILS, HISTORIES, SLIGHT, STRONG, Condition
from verticore_medical.triage.patient import Patient
from verticore_medical.triage.red_flags import RED_FLAGS
from verticore_medical.triage.schema import TriageExample

DESCRIPTION = (
    "Sample data, made by this plugin and not by people: 2,000 invented visits to an emergency department, five "
    "levels of acuity, for trying the software. A model trained on it is of no use for patients."
)
ROWS = 2000
_SEED = 20250301
_START = datetime(2024, 1, 1)
_MINUTES_BETWEEN = 40
_REPEATS = 0.25
_MISJUDGED = 0.08
_MISSING = 0.04
_NO_GLUCOSE = 0.7
_ABSURD = 0.004
_FAHRENHEIT = 0.02
_ILLNESS = {1: 1.0, 2: 0.68, 3: 0.36, 4: 0.14, 5: 0.0}
"""How much of a condition's pattern shows at each level."""

_SCATTER = {
    "heart_rate": 9.0, "respiratory_rate": 1.7, "systolic_bp": 13.0, "diastolic_bp": 7.0, "temperature": 0.32,
    "spo2": 1.1, "glucose": 0.9,
}  # fmt: skip
_LIMITS = {
    "heart_rate": (22, 220), "respiratory_rate": (4, 70), "systolic_bp": (48, 250), "diastolic_bp": (25, 140),
    "temperature": (32.5, 41.6), "spo2": (55, 100), "glucose": (1.1, 30),
}  # fmt: skip
_ABSURD_VALUES = {"heart_rate": "900", "systolic_bp": "0", "temperature": "3.7", "spo2": "999"}
_STAY = {1: 420, 2: 330, 3: 240, 4: 120, 5: 70}
_ADMITTED = {1: 0.93, 2: 0.62, 3: 0.28, 4: 0.05, 5: 0.01}


def write_sample(folder: Path) -> None:
    """Write ``sample_triage.csv`` into ``folder``."""
    rows = list(make_rows())
    with (folder / "sample_triage.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def make_rows(rows: int = ROWS, seed: int = _SEED) -> Iterator[dict[str, str]]:
    """Yield ``rows`` visits in order of arrival, as a file has them."""
    rng = Random(seed)
    people: list[tuple[str, float, str]] = []
    now = _START
    for number in range(rows):
        now += timedelta(minutes=rng.expovariate(1 / _MINUTES_BETWEEN))
        name = rng.choices(list(CONDITIONS), [c.weight for c in CONDITIONS.values()])[0]
        condition = CONDITIONS[name]
        person = _person(rng, people, condition)
        yield {"stay_id": f"S{number + 1:05}", **_visit(rng, condition, person, now)}


def _person(rng: Random, people: list[tuple[str, float, str]], condition: Condition) -> tuple[str, float, str]:
    """Return somebody who was here before and could have the condition, or somebody new: number, age, sex."""
    low, high = condition.ages
    known = rng.choice(people) if people and rng.random() < _REPEATS else None
    if known and low <= known[1] <= high and condition.sex in ("", known[2]):
        return known
    age = rng.uniform(low, high)
    new = (f"P{len(people) + 1:05}", round(age, 2) if age < 2 else float(int(age)), _sex(rng, condition))
    people.append(new)
    return new


def _sex(rng: Random, condition: Condition) -> str:
    return condition.sex or rng.choice(("female", "male"))


def _visit(rng: Random, condition: Condition, person: tuple[str, float, str], now: datetime) -> dict[str, str]:
    number, age, sex = person
    level = rng.choices(list(condition.levels), list(condition.levels.values()))[0]
    illness = min(1.0, max(0.0, _ILLNESS[level] + rng.gauss(0, 0.1)))
    vitals = _vitals(rng, condition, age, illness)
    mental = _mental_state(rng, condition, illness)
    pain = round(min(10.0, max(0.0, condition.pain * (0.5 + illness / 2) + rng.gauss(0, 1.5)))) if condition.pain else 0
    complaint = _complaint(rng, condition, level)
    level = _judged(rng, level, TriageExample(complaint=complaint, age=age, mental_state=mental, **vitals))
    by_ambulance = rng.random() < 0.05 + 0.8 * illness
    return {
        "patient_id": number,
        "arrival_time": now.isoformat(timespec="minutes"),
        "age": f"{age:g}",
        "sex": sex,
        "arrival_mode": "ambulance" if by_ambulance else rng.choice(("private vehicle", "walk-in")),
        "chief_complaint": complaint if rng.random() > _MISSING / 2 else "",
        "medical_history": rng.choice([words for since, words in HISTORIES if age >= since]),
        "injury": "yes" if condition.injury else "no",
        "mental_state": mental if rng.random() > _MISSING / 2 else "",
        "pain": "" if mental in ("pain", "unresponsive") else "yes" if pain else "no",
        "nrs_pain": "" if mental != "alert" else str(pain),
        **{name: _written(rng, name, value) for name, value in vitals.items()},
        "acuity": str(level),
        **_afterwards(rng, level),
    }


def _usual(age: float) -> dict[str, float]:
    """Return the usual vital signs of an age (rounded from the tables of PALS and of adults)."""
    child = max(0.0, 1 - age / 16)
    return {
        "heart_rate": 78 + 58 * child**1.5,
        "respiratory_rate": 16 + 19 * child**1.7,
        "systolic_bp": 92 + 30 * (1 - child) + (0.35 * (age - 40) if age > 40 else 0),
        "diastolic_bp": 56 + 20 * (1 - child),
        "temperature": 36.7,
        "spo2": 98.2 - (0.02 * (age - 50) if age > 50 else 0),
        "glucose": 6.0,
    }


def _vitals(rng: Random, condition: Condition, age: float, illness: float) -> dict[str, float]:
    usual, found = _usual(age), {}
    for name, value in usual.items():
        shift = condition.shifts.get("systolic_bp" if name == "diastolic_bp" else name, 0.0)
        part = 0.5 if name == "diastolic_bp" else 1.0
        low, high = _LIMITS[name]
        seen = value + part * shift * illness + rng.gauss(0, _SCATTER[name])
        digits = 1 if name in ("temperature", "glucose") else 0
        found[name] = round(min(float(high), max(float(low), seen)), digits)
    return found


def _mental_state(rng: Random, condition: Condition, illness: float) -> str:
    if rng.random() >= condition.dulls * illness**1.5:
        return "alert"
    if illness > 0.85 and rng.random() < condition.dulls:
        return rng.choice(("pain", "unresponsive", "unresponsive"))
    return rng.choice(("confused", "voice", "voice"))


def _complaint(rng: Random, condition: Condition, level: int) -> str:
    words = rng.choice(condition.severe if condition.severe and level <= 2 and rng.random() < 0.7 else condition.mild)
    if rng.random() < 0.35 and level != 3:
        words = f"{rng.choice(STRONG if level < 3 else SLIGHT)} {words}"
    if rng.random() < 0.45:
        words += f" {rng.choice(DETAILS)}"
    if rng.random() < 0.15 and level > 1:
        words += f", {rng.choice(DENIALS)}"
    if rng.random() < 0.1:
        place = rng.randrange(1, len(words) - 1)
        words = words[:place] + words[place + 1 :]  # a slip of the keyboard
    return words[0].upper() + words[1:] if rng.random() < 0.3 else words


def _judged(rng: Random, level: int, seen: TriageExample) -> int:
    """Return the level that the nurse writes: seldom a level off, and no milder than red flags where she sees them."""
    if rng.random() < _MISJUDGED:
        return min(5, max(1, level + rng.choice((-1, 1))))
    patient = Patient(seen)
    return min([level, *(flag.level for flag in RED_FLAGS if flag.evidence(patient))])


def _written(rng: Random, name: str, value: float) -> str:
    if rng.random() < (_NO_GLUCOSE if name == "glucose" and value > 4 else _MISSING):
        return rng.choice(("", "", "??"))
    if name in _ABSURD_VALUES and rng.random() < _ABSURD:
        return _ABSURD_VALUES[name]
    if name == "temperature" and rng.random() < _FAHRENHEIT:
        return f"{value * 1.8 + 32:.1f}"
    return f"{value:g}"


def _afterwards(rng: Random, level: int) -> dict[str, str]:
    """Return what is known only when the patient has left; real files have it, and it gives the level away."""
    home = rng.random() >= _ADMITTED[level]
    died = level == 1 and rng.random() < 0.15
    ward = "icu" if level == 1 and rng.random() < 0.7 else "ward"
    stay = max(15, _STAY[level] * rng.lognormvariate(0, 0.35))
    return {
        "disposition": "died" if died else "discharge" if home else ward,
        "length_of_stay_min": f"{stay:.0f}",
    }
