"""Sample data: invented letters of referral about invented people, the same on every machine."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from random import Random

from verticore_medical.privacy.note_names import FAMILY, GIVEN, STREETS
from verticore_medical.routing import phrases as p

DESCRIPTION = (
    "Sample data, made by this plugin and not by people: 640 invented letters of referral to eight specialties, with "
    "invented names, dates and numbers, for trying the software. A model trained on it is of no use on real letters."
)
ROWS = 640
_SEED = 20241122
_AMBIGUOUS = 0.06
_NO_REASON = 0.12
_SECOND_LETTER = 0.25


def write_sample(folder: Path) -> None:
    """Write ``sample_letters.csv`` with the columns ``text``, ``specialty``, ``patient`` and ``date``."""
    with (folder / "sample_letters.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("text", "specialty", "patient", "date"))
        writer.writerows(make_letters())


def make_letters(rows: int = ROWS, seed: int = _SEED) -> list[tuple[str, str, str, str]]:
    """Return ``rows`` letters as text, specialty, patient and date; a quarter are second letters about a patient.

    What a letter is for shows in one or two sentences among others: patients have had illnesses of other specialties,
    and some complaints lead to several. About one letter in sixteen went to a specialty that its words do not tell.
    """
    rng = Random(seed)
    names = list(p.SPECIALTIES)
    letters: list[tuple[str, str, str, str]] = []
    patient = 1000
    for number in range(rows):
        if rng.random() > _SECOND_LETTER:
            patient += 1
        label = names[number % len(names)]
        topic = rng.choice(names) if rng.random() < _AMBIGUOUS else label
        letters.append((_letter(rng, topic), label, f"P-{patient}", _day(rng).isoformat()))
    return letters


def _letter(rng: Random, topic: str) -> str:
    words = p.SPECIALTIES[topic]
    first, last = rng.choice(GIVEN), rng.choice(FAMILY)
    reason, second = rng.sample(words.reasons, 2)
    if rng.random() < _NO_REASON:
        reason = rng.choice(p.COMMON)
    others = [past for name, other in p.SPECIALTIES.items() if name != topic for past in other.past]
    past = rng.sample(others + list(words.past), 2)
    body = [rng.choice(p.PAST), *rng.sample(p.PLAIN, rng.randint(1, 3))]
    if rng.random() < 0.5:
        body.append(rng.choice(p.SECOND).replace("{reason}", second if rng.random() < 0.6 else rng.choice(p.COMMON)))
    if rng.random() < 0.6:
        body.append(rng.choice(words.findings))
    rng.shuffle(body)
    text = " ".join((rng.choice(p.OPENINGS), *body, rng.choice(p.CLOSINGS)))
    values = _values(rng) | {"first": first, "last": last, "reason": reason, "past": past[0], "past2": past[1]}
    sender = f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"
    return f"Dear Dr {rng.choice(FAMILY)},\n{text.format(**values)}\nYours sincerely, {sender}"


def _values(rng: Random) -> dict[str, object]:
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    return {
        "age": rng.randint(19, 88),
        "work": rng.choice(p.WORKS),
        "title": rng.choice(("Mr", "Mrs", "Ms")),
        "date": f"{_day(rng):%d/%m/%Y}",
        "systolic": rng.randint(105, 168),
        "diastolic": rng.randint(60, 98),
        "weight": rng.randint(48, 112),
        "count": rng.randint(5, 30),
        "phone": f"07700 900{rng.randint(100, 999)}",
        "address": f"{rng.randint(1, 180)} {rng.choice(STREETS)} Road, Leeds LS{rng.randint(1, 19)} 2AB",
        "mrn": f"{rng.randint(10**6, 10**7 - 1)}",
        "kin": f"{given} {family}",
        "email": f"surgery{rng.randint(1, 60)}@example.org",
    }


def _day(rng: Random) -> date:
    return date(2023, 1, 1) + timedelta(days=rng.randrange(500))
