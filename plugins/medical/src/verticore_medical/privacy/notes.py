"""Generated notes whose identifying spans are known: what the masker is measured on. The same on every machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from verticore_medical.privacy import note_names as people
from verticore_medical.privacy import note_templates as templates

_SEED = 20241109
_RARE = 0.2
_SLOT = re.compile(r"\{(\w+)\}")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_PAGES = ("p", "viewer", "study")
_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CLINICAL: dict[str, Callable[[Random], str]] = {
    "age": lambda rng: str(rng.randint(19, 88)),
    "bp": lambda rng: f"{rng.randint(95, 180)}/{rng.randint(55, 105)}",
    "dose": lambda rng: f"{rng.choice(('metoprolol', 'ramipril', 'sertraline'))} {rng.choice((2.5, 25, 50, 100))} mg",
    "insurer": lambda rng: rng.choice(people.INSURERS),
    "title": lambda rng: rng.choice(people.TITLES),
}
"""Slots that identify nobody."""


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
        held_out: of the templates that the rules were not written for; else of those that they were.
        seed: other seeds give other people.
    """
    rng = Random(f"{seed} {held_out}")
    return [_chinese(rng, held_out) if number % 3 == 2 else _english(rng, held_out) for number in range(count)]


def _english(rng: Random, held_out: bool) -> Note:
    headers: tuple[str, ...] = templates.HELD_OUT_HEADERS if held_out else templates.OPEN_HEADERS
    bodies: tuple[str, ...] = templates.HELD_OUT_BODIES if held_out else templates.OPEN_BODIES
    signatures: tuple[str, ...] = templates.HELD_OUT_SIGNATURES if held_out else templates.OPEN_SIGNATURES
    places: tuple[str, ...] = templates.HELD_OUT_PLACES if held_out else templates.OPEN_PLACES
    body = " ".join([*rng.sample(bodies, rng.randint(2, 5)), rng.choice(places)])
    return _render(f"{rng.choice(headers)}\n{body}\n\n{rng.choice(signatures)}\n", rng)


def _chinese(rng: Random, held_out: bool) -> Note:
    lines = templates.HELD_OUT_CHINESE if held_out else templates.OPEN_CHINESE
    places = templates.HELD_OUT_CHINESE_PLACES if held_out else templates.OPEN_CHINESE_PLACES
    return _render("\n".join([*rng.sample(lines, rng.randint(2, 4)), rng.choice(places)]), rng)


def _render(template: str, rng: Random) -> Note:
    """Fill the slots: one cast of people for the whole note, fresh numbers and dates for each slot."""
    cast = _cast(rng)
    text, spans, at = "", [], 0
    for slot in _SLOT.finditer(template):
        text += template[at : slot.start()]
        at = slot.end()
        name = slot.group(1)
        if name in _CLINICAL:
            text += _CLINICAL[name](rng)
            continue
        kind, value = ("NAME", cast[name]) if name in cast else (_KINDS[name], _MAKERS[name](rng))
        spans.append(Span(len(text), len(text) + len(value), kind))
        text += value
    return Note(text + template[at:], tuple(spans))


def _cast(rng: Random) -> dict[str, str]:
    """Return what the people of a note are called, by slot."""
    (first, last), (kin_first, kin_last), (doctor_first, doctor_last) = (_person(rng) for _ in range(3))
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


def _person(rng: Random) -> tuple[str, str]:
    first = rng.choice(people.RARE_GIVEN if rng.random() < _RARE else people.GIVEN)
    return first, rng.choice(people.RARE_FAMILY if rng.random() < _RARE else people.FAMILY)


def _day(rng: Random) -> date:
    return date(1938, 1, 1) + timedelta(days=rng.randrange(31_500))


def _date(rng: Random) -> str:
    day = _day(rng)
    month = _MONTHS[day.month - 1]
    ordinal = "th" if 4 <= day.day <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    forms = (
        f"{day:%Y-%m-%d}", f"{day:%m/%d/%Y}", f"{day.day}/{day.month}/{day:%y}", f"{day:%d.%m.%Y}", f"{day:%d-%m-%Y}",
        f"{month} {day.day}, {day.year}", f"{day.day} {month} {day.year}", f"{month[:3]} {day.day} {day.year}",
        f"{day.day}{ordinal} {month} {day.year}", f"{day.day:02}-{month[:3]}-{day.year}", f"{month} {day.day}{ordinal}",
        f"{day:%d%b%Y}".upper(), f"{day.day} {month[:3].upper()} {day.year}",
    )  # fmt: skip
    return rng.choice(forms)


def _chinese_date(rng: Random) -> str:
    day = _day(rng)
    plain = f"{day.year}年{day.month}月{day.day}日"
    return rng.choice(
        (plain, plain, f"{day:%Y-%m-%d}", f"{day:%Y.%m.%d}", f"{day.month}月{day.day}日", f"{day:%Y/%m/%d}")
    )


def _digits(rng: Random, pattern: str) -> str:
    """Return ``pattern`` with a digit for each ``#`` and a capital for each ``@``."""
    fill: dict[str, Callable[[], str]] = {
        "#": lambda: str(rng.randint(0, 9)),
        "@": lambda: rng.choice("ABCDEFGHJKLNPRT"),
    }
    return "".join(fill[char]() if char in fill else char for char in pattern)


def _one_of(*patterns: str) -> Callable[[Random], str]:
    return lambda rng: _digits(rng, rng.choice(patterns))


def _nhs(rng: Random) -> str:
    while True:
        digits = [rng.randint(0, 9) for _ in range(9)]
        check = (11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11) % 11
        if check < 10:
            text = "".join(map(str, [*digits, check]))
            return f"{text[:3]} {text[3:6]} {text[6:]}"


def _resident_id(rng: Random) -> str:
    body = f"{rng.choice(('110105', '310115', '440305', '330106', '510107'))}{_day(rng):%Y%m%d}{rng.randint(1, 999):03}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _CHECK_WEIGHTS, strict=True)) % 11]


def _phone(rng: Random) -> str:
    area, tail = rng.choice((212, 415, 617, 303, 503, 312)), _digits(rng, "####")
    forms = (
        f"({area}) 555-{tail}", f"{area}-555-{tail}", f"{area}.555.{tail}", f"+1 {area} 555 {tail}",
        f"020 7946 0{tail[:3]}", f"+44 20 7946 0{tail[:3]}", f"07700 900{tail[:3]}", f"0113 496 0{tail[:3]}",
        f"555-{tail}", f"+49 30 9018{tail[:2]}0", f"+353 1 677 {tail}", f"{area} 555 {tail} ext. 12",
    )  # fmt: skip
    return rng.choice(forms)


def _chinese_phone(rng: Random) -> str:
    mobile = rng.choice(("138", "139", "186", "159", "177")) + _digits(rng, "########")
    return rng.choice(
        (mobile, mobile, f"{mobile[:3]}-{mobile[3:7]}-{mobile[7:]}", f"010-6{_digits(rng, '#######')}", f"+86 {mobile}")
    )


def _handle(rng: Random) -> str:
    first, last = _person(rng)
    plain = re.sub(r"[^a-z]", "", f"{first}.{last}".lower()) or "someone"
    return rng.choice((plain, f"{plain[:6]}_{rng.randint(1, 99)}", f"{plain[0]}.{plain[-5:]}"))


def _address(rng: Random) -> str:
    street = f"{rng.randint(1, 980)} {rng.choice(people.STREETS)} {rng.choice(people.STREET_TYPES)}"
    town = rng.choice(people.US_CITIES + people.UK_CITIES)
    forms = (
        street,
        f"{street}, {town}",
        f"Flat {rng.randint(1, 30)}, {street}",
        f"{street}, Apt {rng.randint(1, 30)}B, {town}",
    )
    return rng.choice((*forms, f"P.O. Box {rng.randint(10, 9999)}"))


_MAKERS: dict[str, Callable[[Random], str]] = {
    "date": _date,
    "md": lambda rng: f"{rng.choice(_MONTHS)} {rng.randint(1, 28)}",
    "month_year": lambda rng: f"{rng.choice(_MONTHS)} {rng.randint(1990, 2024)}",
    "cn_date": _chinese_date,
    "ssn": _one_of("2##-4#-####"),
    "mrn": _one_of("#######", "MRN-######", "@######", "00######", "@@-#####", "##-##-##"),
    "case": _one_of("S##-#####", "#########", "E########", "24-####-@"),
    "account": _one_of("########", "@@######", "####-####-##"),
    "policy": _one_of("@@@########", "#########", "W#### #####", "@##-###-###"),
    "mbi": _one_of("1@G4-T@5-MK##"),
    "nhs": _nhs,
    "cn_id": _resident_id,
    "cn_mrn": _one_of("00######", "ZY########", "20240####", "######"),
    "cn_policy": _one_of("#########", "C########", "31############"),
    "phone": _phone,
    "cn_phone": _chinese_phone,
    "email": lambda rng: f"{_handle(rng)}@{rng.choice(people.DOMAINS)}",
    "url": lambda rng: (
        f"https://{rng.choice(people.DOMAINS)}/{rng.choice(('p', 'viewer', 'study'))}/{rng.randint(1000, 99999)}"
    ),
    "address": _address,
    "cn_address": lambda rng: rng.choice(people.CHINESE_PLACES),
    "old": lambda rng: str(rng.randint(90, 104)),
    "town": lambda rng: rng.choice(people.TOWNS),
    "hospital": lambda rng: rng.choice(people.HOSPITALS),
    "cn_hospital": lambda rng: rng.choice(people.CHINESE_HOSPITALS),
}

_ID_SLOTS = ("ssn", "mrn", "case", "account", "policy", "mbi", "nhs", "cn_id", "cn_mrn", "cn_policy")
_KINDS = {
    **dict.fromkeys(("date", "md", "month_year", "cn_date"), "DATE"),
    **dict.fromkeys(_ID_SLOTS, "ID"),
    **dict.fromkeys(("phone", "cn_phone"), "PHONE"),
    **dict.fromkeys(("address", "cn_address"), "ADDRESS"),
    "email": "EMAIL",
    "url": "URL",
    "old": "AGE",
    "town": "TOWN",
    **dict.fromkeys(("hospital", "cn_hospital"), "HOSPITAL"),
}
