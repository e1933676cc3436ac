"""What rules say of vital signs beside the model: NEWS2, and values that are missing or cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from platform_core.sdk import Remark, Review
from verticore_medical.deterioration.schema import VitalSigns
from verticore_medical.deterioration.trends import score
from verticore_medical.scores.news2 import ADULT, News2
from verticore_medical.scores.plausible import plausibility_remarks

CHILD = f"NEWS2 is not for children (under {ADULT} years): it is not told, and raises no alarm."


def review(signs: VitalSigns, labels: Sequence[str]) -> Review:
    """Return remarks on ``signs``, and their NEWS2 as a fact: none under 16 years, or where nothing was measured.

    Args:
        signs: the vital signs.
        labels: of the model; rules do not read them.
    """
    del labels
    found = known_score(signs)
    is_blank = not score(signs).points
    remarks = [*_summary(signs, found, is_blank), *plausibility_remarks(signs), *_missing(signs)]
    return Review(remarks=remarks, facts={"news2": None if found is None else found.total}, abstain=is_blank)


def known_score(signs: VitalSigns) -> News2 | None:
    """Return NEWS2 where it means something: of people of 16 years and over of whom anything was measured."""
    found = score(signs)
    return found if is_adult(signs) and found.points else None


def is_adult(signs: VitalSigns) -> bool:
    """Tell whether NEWS2 is made for the patient; it is where the age is not known."""
    return signs.age is None or signs.age >= ADULT


def in_words(found: News2) -> str:
    """Return the total and what it is made of: ``NEWS2 at least 8: respiratory rate 3, …``."""
    parts = ", ".join(f"{name.replace('_', ' ')} {points}" for name, points in found.points.items() if points)
    return f"NEWS2 {'at least ' if found.missing else ''}{found.total}{': ' if parts else ''}{parts}"


def _summary(signs: VitalSigns, found: News2 | None, is_blank: bool) -> Iterator[Remark]:
    if is_blank:
        text = "No vital sign is known: there is nothing to judge by."
        yield Remark(code="nothing-known", text=text)
    if not is_adult(signs):
        yield Remark(code="news2.child", text=CHILD, field="age")
    elif found is not None and (found.response == "emergency" or found.red):
        text = f"{in_words(found)}. By NEWS2 this calls for {_CALLS[found.response]}, whatever the model's answer is."
        yield Remark(code=f"news2.{found.response}", text=text)


_CALLS = {"emergency": "an emergency response", "urgent": "urgent review"}


def _missing(signs: VitalSigns) -> Iterator[Remark]:
    missing = score(signs).missing
    if missing:
        names = ", ".join(name.replace("_", " ") for name in missing)
        yield Remark(code="vitals.missing", text=f"Not measured: {names}. They give NEWS2 no points.")
