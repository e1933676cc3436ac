"""Dates with a day or a month in them. A year alone stays, as do times of day, durations and scores such as 7/10."""

from __future__ import annotations

import re
from collections.abc import Iterator

from verticore_medical.privacy.findings import Finding
from verticore_medical.privacy.windows import in_windows

_NAMED = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    "|Nov(?:ember)?|Dec(?:ember)?"
)
_SHOUTED = _NAMED.upper()
_MONTH = rf"(?:{_NAMED}|{_SHOUTED})(?![A-Za-z])\.?"
_LOWER = "(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|ST|ND|RD|TH)?"
_YEAR = r"(?:1[89]|20)\d\d"
_NO_AMOUNT = (
    r"(?![.,]?\d|[/%]|[ ]?(?:mg|mcg|g|kg|mL|ml|units?|IU|mmHg|mmol|cm|mm|patients?|cases?|days?|weeks?|months?"
    r"|hours?|h|"
    r"years?|times|doses?|tablets?|puffs?)\b)"
)
_WITH_NAMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_MONTH}[ ]{{0,2}}{_DAY}(?:[ ]?(?:,|of)?[ ]{{0,2}}{_YEAR}\b|\b{_NO_AMOUNT})",
        rf"(?<![\d.,/])\b{_DAY}[ ]?(?:of[ ]|-|/|[ ])?[ ]?{_MONTH}(?:[ ]?[,\-/]?[ ]?(?:{_YEAR}|['’]?\d\d)\b(?![:.]\d))?",
        rf"\b{_MONTH}[ ]?(?:,|of|-|/)?[ ]?(?:{_YEAR}\b|['’]\d\d\b)",
        rf"\b(?:{_DAY}[ ](?:of[ ])?{_LOWER}|{_LOWER}[ ]{_DAY}),?[ ]{_YEAR}\b",
    )
)
_NUMERIC = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d.\-/])(?:1[89]|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])"
        r"(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\d\-/]|\.\d)",
        r"(?<![\d.\-/])(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|[12]\d|3[01])\1(?:1[89]|20)\d\d(?![\d\-/]|\.\d)",
        r"(?<![\d.\-/])(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|[12]\d|3[01])/\d\d(?![\d\-/]|\.\d)",
        r"(?<![\d.\-/])(?:0[1-9]|[12]\d|3[01])([-.])(?:0[1-9]|[12]\d|3[01])\1\d\d(?![\d\-/]|\.\d)",
        r"\b(?:on|dated|since|until|till|admitted|discharged|seen|[Dd][Oo][BbSs]):?[ ](?P<bare>(?:0?[1-9]|[12]\d"
        r"|3[01])/"
        r"(?:0?[1-9]|[12]\d|3[01]))(?![\d\-/]|\.\d)",
    )
)
_HAN_NUMBER = "[〇零○一二三四五六七八九十]"
_CHINESE = re.compile(
    rf"(?<!\d)(?:\d{{4}}|{_HAN_NUMBER}{{4}})[ ]?年[ ]?(?:\d{{1,2}}|{_HAN_NUMBER}{{1,3}})[ ]?月(?!余|来|前|后)"
    rf"(?:[ ]?(?:\d{{1,2}}|{_HAN_NUMBER}{{1,3}})[ ]?[日号])?"
    rf"|(?<!\d)\d\d年\d{{1,2}}月\d{{1,2}}[日号]"
    rf"|(?<!\d)(?:1[0-2]|0?[1-9])月(?:3[01]|[12]\d|0?[1-9])[日号]"
)


def find_dates(text: str) -> Iterator[Finding]:
    """Yield the dates in ``text``, English and Chinese."""
    for pattern in _WITH_NAMES:
        yield from (Finding(*match.span(), "DATE") for match in pattern.finditer(text))
    for pattern in _NUMERIC:
        part = "bare" if "bare" in pattern.groupindex else 0
        yield from (Finding(*match.span(part), "DATE") for match in in_windows(pattern, text))
    if "月" in text:
        for match in _CHINESE.finditer(text):
            yield Finding(*match.span(), "DATE")
