"""Generated notes whose identifying spans are known: what the masker is measured on. The same on every machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from verticore_medical.privacy import note_names as people
from verticore_medical.privacy import note_templates as templates
from verticore_medical.privacy.note_values import CLINICAL, KINDS, MAKERS, person

_SEED = 20241109
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Span:
    """What identifies people: characters ``start`` to ``end``, of the masker's kind, or ``TOWN`` for one alone."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Note:
    """A generated note.

    Attributes:
        text: as a user would have it.
        spans: what must be masked, in order.
    """

    text: str
    spans: tuple[Span, ...]


def make_notes(count: int, *, held_out: bool, seed: int = _SEED) -> list[Note]:
    """Return ``count`` notes, a third of them Chinese.

    Args:
        count: how many.
        held_out: of the templates that the rules were not written for (no towns, hospitals or great ages); else of
            those that they were.
        seed: other seeds give other people.
    """
    rng = Random(f"{seed} {held_out}")
    return [_chinese(rng, held_out) if number % 3 == 2 else _english(rng, held_out) for number in range(count)]


def _english(rng: Random, held_out: bool) -> Note:
    headers: tuple[str, ...] = templates.HELD_OUT_HEADERS if held_out else templates.OPEN_HEADERS
    bodies: tuple[str, ...] = templates.HELD_OUT_BODIES if held_out else templates.OPEN_BODIES
    signatures: tuple[str, ...] = templates.HELD_OUT_SIGNATURES if held_out else templates.OPEN_SIGNATURES
    body = rng.sample(bodies, rng.randint(2, 5)) + ([] if held_out else rng.sample(templates.OPEN_PLACES, 2))
    return _render(f"{rng.choice(headers)}\n{' '.join(body)}\n\n{rng.choice(signatures)}\n", rng)


def _chinese(rng: Random, held_out: bool) -> Note:
    lines = templates.HELD_OUT_CHINESE if held_out else templates.OPEN_CHINESE
    places = [] if held_out else rng.sample(templates.OPEN_CHINESE_PLACES, 2)
    return _render("\n".join([*rng.sample(lines, rng.randint(2, 4)), *places]), rng)


def _render(template: str, rng: Random) -> Note:
    """Fill the slots: one cast of people for the whole note, fresh numbers and dates for each slot."""
    cast = _cast(rng)
    text, spans, at = "", [], 0
    for slot in _SLOT.finditer(template):
        text += template[at : slot.start()]
        at = slot.end()
        name = slot.group(1)
        if name in CLINICAL:
            text += CLINICAL[name](rng)
            continue
        kind, value = ("NAME", cast[name]) if name in cast else (KINDS[name], MAKERS[name](rng))
        spans.append(Span(len(text), len(text) + len(value), kind))
        text += value
    return Note(text + template[at:], tuple(spans))


def _cast(rng: Random) -> dict[str, str]:
    """Return what the people of a note are called, by slot."""
    (first, last), (kin_first, kin_last), (doctor_first, doctor_last) = (person(rng) for _ in range(3))
    middle = rng.choice("ABCDEJLMRST")
    surname, kin_surname, doctor_surname = (rng.choice(people.CHINESE_FAMILY) for _ in range(3))
    return {
        "first": first,
        "last": last,
        "full": rng.choice((f"{first} {last}", f"{first} {middle}. {last}", f"{first} {last}")),
        "last_first": rng.choice((f"{last}, {first}", f"{last}, {first} {middle}.")),
        "upper": f"{last}, {first}".upper(),
        "last_upper": last.upper(),
        "lower": f"{first} {last}".lower(),
        "kin": f"{kin_first} {kin_last}",
        "kin_first": kin_first,
        "kin_last": kin_last,
        "doctor": f"{doctor_first} {doctor_last}",
        "doctor_first": doctor_first,
        "doctor_last": doctor_last,
        "cn_name": surname + rng.choice(people.CHINESE_GIVEN),
        "cn_last": surname,
        "cn_kin": kin_surname + rng.choice(people.CHINESE_GIVEN),
        "cn_doctor": doctor_surname + rng.choice(people.CHINESE_GIVEN),
        "cn_doctor_last": doctor_surname,
    }
