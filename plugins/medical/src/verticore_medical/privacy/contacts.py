"""Ways to reach people: telephone numbers, e-mail addresses, pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from verticore_medical.privacy.findings import Finding
from verticore_medical.privacy.windows import in_windows

_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；（）]+", re.IGNORECASE)
_DOMAIN = re.compile(
    r"(?<![\w.@-])(?:[a-z\d-]{1,40}\.){1,4}(?:com|org|net|edu|gov|info|io|uk|cn|de|fr|ca|au|health)(?:/[^\s<>\"，。]*)?(?![\w.])"
)
_IP = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")
_TRAILING = ".,;:!?)]}"

_INTERNATIONAL = re.compile(r"(?<![\w+])(?:\+|00)[1-9]\d{0,2}(?:[ ().\-/]{0,2}\d){6,12}(?!\d)")
_LOCAL = (
    ("US", re.compile(r"(?<![\w.+-])(?:1[-. ])?(?:\(\d{3}\)[ ]?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-]|\.\d)")),
    ("GB", re.compile(r"(?<![\w.+-])\(?0\d{2,4}\)?[ -]\d{3,4}[ -]?\d{3,4}(?![\w-]|\.\d)")),
    ("GB", re.compile(r"(?<![\w.+-])0[1-37]\d{8,9}(?![\w-]|\.\d)")),
    ("CN", re.compile(r"(?<![\d.+-])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\d-]|\.\d)")),
    ("CN", re.compile(r"(?<![\d.+-])\(?0\d{2,3}\)?[ -]?\d{7,8}(?![\d-]|\.\d)")),
)
_CUED = re.compile(
    r"(?:\b(?:[Tt]el(?:ephone)?|TEL|[Pp]h(?:one)?|PH(?:ONE)?|[Mm]ob(?:ile)?|[Cc]ell|[Ff]ax|FAX|[Pp]ager|[Bb]leep"
    r"|[Cc]all(?:ed|back)?"
    r"|[Ee]xt(?:ension)?|[Cc]ontact(?:ed)?|[Rr]each(?:able|ed)?|[Rr]ing)\b|电话|手机|联系方式|传真|座机)"
    r"(?:[ ]?(?:[Nn]umber|[Nn]o\.?|号码|号|at|on|him|her|back|is|为|[:：.#=(（]))*[ ]*"
    r"(?P<phone>\+?\(?\d[\d ().\-/]{2,18}\d)(?!\w)"
)
_EXTENSION = re.compile(r"[ ,]{0,2}(?:ext\.?|extension|x)[ ]?\d{1,6}\b", re.IGNORECASE)
_LEAST_CUED = 4
_FULL = 7


def find_contacts(text: str) -> Iterator[Finding]:
    """Yield e-mail addresses, pages, internet addresses and telephone numbers."""
    if "@" in text:
        yield from (Finding(*match.span(), "EMAIL") for match in _EMAIL.finditer(text))
    for match in _URL.finditer(text):
        yield Finding(match.start(), match.start() + len(match.group().rstrip(_TRAILING)), "URL")
    for match in _DOMAIN.finditer(text):
        yield Finding(match.start(), match.start() + len(match.group().rstrip(_TRAILING)), "URL")
    yield from (Finding(*match.span(), "URL") for match in in_windows(_IP, text))
    yield from _phones(text)


def _phones(text: str) -> Iterator[Finding]:
    for match in in_windows(_INTERNATIONAL, text):
        if _is_number(re.sub("^00", "+", match.group()), None):
            yield _with_extension(text, match.span())
    for region, pattern in _LOCAL:
        for match in in_windows(pattern, text):
            if _is_number(match.group(), region):
                yield _with_extension(text, match.span())
    for match in in_windows(_CUED, text):
        digits = sum(char.isdigit() for char in match["phone"])
        if digits >= _FULL or (digits >= _LEAST_CUED and match["phone"].isdigit()):
            yield _with_extension(text, match.span("phone"))


def _is_number(text: str, region: str | None) -> bool:
    """Tell whether a number of this length can be dialled; reserved ranges such as 555 count too."""
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def _with_extension(text: str, span: tuple[int, int]) -> Finding:
    more = _EXTENSION.match(text, span[1])
    return Finding(span[0], more.end() if more else span[1], "PHONE")
