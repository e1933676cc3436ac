"""What fills the slots of the generated notes: dates, numbers, places; and what of a note identifies nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from verticore_medical.privacy import note_names as people

_RARE = 0.2
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CLINICAL: dict[str, Callable[[Random], str]] = {
    "age": lambda rng: str(rng.randint(19, 88)),
    "bp": lambda rng: f"{rng.randint(95, 180)}/{rng.randint(55, 105)}",
    "dose": lambda rng: f"{rng.choice(('metoprolol', 'ramipril', 'sertraline'))} {rng.choice((2.5, 25, 50, 100))} mg",
    "insurer": lambda rng: rng.choice(people.INSURERS),
    "title": lambda rng: rng.choice(people.TITLES),
}
"""Slots that identify nobody."""


def person(rng: Random) -> tuple[str, str]:
    """Return the given name and the surname of somebody."""
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
    first, last = person(rng)
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


MAKERS: dict[str, Callable[[Random], str]] = {
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
    "hospital": lambda rng: rng.choice((str, str, str.upper))(rng.choice(people.HOSPITALS)),
    "hospital_upper": lambda rng: rng.choice(people.HOSPITALS).upper(),
    "hospital_lower": lambda rng: rng.choice(people.LOWER_HOSPITALS),
    "cn_hospital": lambda rng: rng.choice(people.CHINESE_HOSPITALS),
}

_ID_SLOTS = ("ssn", "mrn", "case", "account", "policy", "mbi", "nhs", "cn_id", "cn_mrn", "cn_policy")
KINDS = {
    **dict.fromkeys(("date", "md", "month_year", "cn_date"), "DATE"),
    **dict.fromkeys(_ID_SLOTS, "ID"),
    **dict.fromkeys(("phone", "cn_phone"), "PHONE"),
    **dict.fromkeys(("address", "cn_address"), "ADDRESS"),
    "email": "EMAIL",
    "url": "URL",
    "old": "AGE",
    "town": "TOWN",
    **dict.fromkeys(("hospital", "hospital_upper", "hospital_lower", "cn_hospital"), "HOSPITAL"),
}
"""What the masker calls what a slot holds."""
