"""Telephone numbers: international forms, those of some countries, and what a word such as "tel." announces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import phonenumbers

from verticore_medical.privacy.findings import Finding
from verticore_medical.privacy.quantities import UNIT
from verticore_medical.privacy.windows import in_windows

_GAP = r"(?:[ ]?[-./][ ]?|[ ])"
_START = r"(?<!\d)(?<!\d[.+-])"
_END = r"(?!\d|[-.]\d)"
_INTERNATIONAL = re.compile(r"(?<![\d+])(?:\+|00[ ]?)[1-9]\d{0,2}(?:[ ().\-/]{0,3}\d){6,12}(?!\d)")
_AMERICAN = re.compile(
    rf"{_START}(?:1{_GAP}?)?(?:"
    rf"(?:\([ ]?\d{{3}}[ ]?\)[ ]?[-./]?[ ]?|\d{{3}}{_GAP})\d{{3}}{_GAP}\d{{4}}"
    rf"|(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[- ])[2-9]\d{{6}}){_END}"
)
_WITH_TRUNK_ZERO = re.compile(
    rf"{_START}(?:\(0\d{{1,4}}\)|0\d{{1,4}}){_GAP}?\d{{2,8}}"
    rf"(?:(?P<gap>[ .\-])\d{{2,4}}(?:(?P=gap)\d{{2,4}}){{0,3}})?{_END}"
)
_CHINESE = (
    re.compile(rf"{_START}(?:86[- ]?)?1[3-9]\d[ .-]?\d{{4}}[ .-]?\d{{4}}(?!\d|[-.]\d)"),
    re.compile(rf"{_START}\(?0\d{{2,3}}\)?[ -]?\d{{7,8}}(?:-\d{{1,6}})?(?!\d|[-.]\d)"),
)
_LOCAL = re.compile(
    rf"{_START}(?<![A-Za-z/.<>≤≥=~])[2-9]\d\d-(?P<line>\d{{4}}){_END}(?![\w%/]|[ ]?(?:m[cgLlm]|mcg|µ|u[gL]\b|ng|pg"
    r"|k?g\b|k?cal|IU|units?|cells|copies|pages?|patients|steps|/))"
)
"""Seven digits without an area code; they could be a range, too."""
_LINKS = (
    r"(?:[ ]?(?:\([A-Za-z]{1,8}\)|\b(?:number|no\b\.?|home|work|mobile|cell|office|day(?:time)?|evening|direct(?:ly)?"
    r"|at|on|via|by|from|him|her|them|us|back|is|was|phone)\b|Number|No\.?|号码|号|为|是|[-:：.#=(（/,])){0,6}[ ]*"
)
_CUED_BY_NOUN = re.compile(
    r"(?:\b(?:[Tt]el(?:ephone)?|TEL|[Pp]h(?:one)?|PH(?:ONE)?|[Ff]ax|FAX|[Pp]ager|PAGER|[Bb]leep|BLEEP|[Ll]andline"
    r"|[Ss]witchboard|[Hh]otline|[Hh]elpline|[Vv]oicemail|[Ee]xt(?:ension|n)?|EXT)\b"
    rf"|电话|手机|联系方式|传真|座机|微信){_LINKS}"
    r"(?P<phone>\+?\(?\d[\d ().\-/]{2,18}\d)(?!\w)"
)
_CUED_BY_VERB = re.compile(
    r"(?:\b(?:[Cc]all(?:ed|back)?|[Tt]ele?phoned|[Pp]honed|[Tt]ext(?:ed)?|[Dd]ial(?:l?ed)?|[Cc]ontact(?:able|ed)?"
    r"|[Rr]each(?:able|ed)?|[Rr]ing|[Mm]ob(?:ile)?|[Ww]hats[Aa]pp|SMS|sms"
    rf"|(?<![Ww]hite )(?<![Rr]ed )(?<![Bb]lood )[Cc]ell)\b){_LINKS}"
    r"(?P<phone>\+?\(?\d[\d ().\-]{5,18}\d)(?![\w/])"
)
"""What may be followed by a time, a volume or a count as well: no short numbers."""
_UNIT_AFTER = re.compile(rf"[ ]?{UNIT}")
_CALLED_IN_HOUSE = re.compile(
    r"\b(?:[Bb]leep|BLEEP|[Pp]ager|PAGER)[ ]?(?:no\.?|number|on|at|[:#])?[ ]?(?P<phone>\d{3,6})\b"
)
_EXTENSION = re.compile(
    r"[ ,;(]{0,3}(?:(?:ext(?:ension|n)?|option|x)\b\.?:?[ ]?#?|x|#|转|分机)[ ]?\d{1,6}\b\)?", re.IGNORECASE
)
_LEAST_CUED = 4
_FULL = 7
_TRUNK_DIGITS = range(9, 12)
_GAPS = re.compile(r"[ ().\-/]+(?=\d)")
_DIGIT = re.compile(r"\d")


def _end_of(text: str, accepts: Callable[[str], bool]) -> int:
    """Return where the longest number that can be one ends; 0: none. What follows may be a number of something else."""
    ends = [len(text), *(match.start() for match in reversed(list(_GAPS.finditer(text))))]
    return next((end for end in ends if accepts(text[:end])), 0)


def _can_be_dialled(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse("+" + number.removeprefix("+").removeprefix("00")))
    except phonenumbers.NumberParseException:
        return False


def _has_trunk_length(number: str) -> bool:
    return len(_DIGIT.findall(number)) in _TRUNK_DIGITS


_CHECKED: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (_INTERNATIONAL, _can_be_dialled),
    (_WITH_TRUNK_ZERO, _has_trunk_length),
)
_CERTAIN = (_AMERICAN, *_CHINESE)


def _is_local(match: re.Match[str]) -> bool:
    """Tell whether seven digits are a telephone number: ranges end in round numbers, and begin with no zero."""
    return match["line"].startswith("0") or not match["line"].endswith("0")


def find_phones(text: str) -> Iterator[Finding]:
    """Yield telephone numbers with their extensions.

    Numbers count by their shape and length, whether they were given to somebody or not: reserved ones such as 555 too.
    """
    for pattern, accepts in _CHECKED:
        for match in in_windows(pattern, text):
            if end := _end_of(match.group(), accepts):
                yield _with_extension(text, (match.start(), match.start() + end))
    for pattern in _CERTAIN:
        for match in in_windows(pattern, text):
            yield _with_extension(text, match.span())
    for match in filter(_is_local, in_windows(_LOCAL, text)):
        yield _with_extension(text, match.span())
    for match in in_windows(_CUED_BY_NOUN, text):
        if _is_full(match["phone"]) or (_is_extension(match["phone"]) and not _UNIT_AFTER.match(text, match.end())):
            yield _with_extension(text, match.span("phone"))
    for match in in_windows(_CUED_BY_VERB, text):
        if _is_full(match["phone"]):
            yield _with_extension(text, match.span("phone"))
    for match in _CALLED_IN_HOUSE.finditer(text):
        if not _UNIT_AFTER.match(text, match.end()):
            yield Finding(*match.span("phone"), "PHONE")


def _is_full(number: str) -> bool:
    return len(_DIGIT.findall(number)) >= _FULL


def _is_extension(number: str) -> bool:
    return len(number) >= _LEAST_CUED and number.isdigit()


def _with_extension(text: str, span: tuple[int, int]) -> Finding:
    more = _EXTENSION.match(text, span[1])
    return Finding(span[0], more.end() if more else span[1], "PHONE")
