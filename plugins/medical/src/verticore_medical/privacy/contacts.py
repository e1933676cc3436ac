"""Ways to reach people: telephone numbers, e-mail addresses, pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from verticore_medical.privacy.findings import Finding
from verticore_medical.privacy.phones import find_phones
from verticore_medical.privacy.windows import in_windows

_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；（）]+", re.IGNORECASE)
_DOMAIN = re.compile(
    r"(?<![\w.@-])(?:[a-z\d-]{1,40}\.){1,4}(?:com|org|net|edu|gov|info|io|uk|cn|de|fr|ca|au|health)(?:/[^\s<>\"，。]*)?(?![\w.])"
)
_IP = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")
_TRAILING = ".,;:!?)]}"


def find_contacts(text: str) -> Iterator[Finding]:
    """Yield e-mail addresses, pages, internet addresses and telephone numbers."""
    if "@" in text:
        yield from (Finding(*match.span(), "EMAIL") for match in _EMAIL.finditer(text))
    for match in _URL.finditer(text):
        yield Finding(match.start(), match.start() + len(match.group().rstrip(_TRAILING)), "URL")
    for match in _DOMAIN.finditer(text):
        yield Finding(match.start(), match.start() + len(match.group().rstrip(_TRAILING)), "URL")
    yield from (Finding(*match.span(), "URL") for match in in_windows(_IP, text))
    yield from find_phones(text)
