"""The masker: all rules together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from platform_core.sdk import Masked
from verticore_medical.privacy.ages import find_great_ages
from verticore_medical.privacy.contacts import find_contacts
from verticore_medical.privacy.dates import find_dates
from verticore_medical.privacy.facilities import find_chinese_facilities, find_facilities
from verticore_medical.privacy.findings import Finding, merged
from verticore_medical.privacy.identifiers import find_chinese_identifiers, find_identifiers
from verticore_medical.privacy.names_chinese import find_chinese_names
from verticore_medical.privacy.names_english import find_names
from verticore_medical.privacy.places import find_chinese_places, find_places

Finder = Callable[[str], Iterator[Finding]]

_FINDERS: tuple[Finder, ...] = (
    find_dates,
    find_contacts,
    find_identifiers,
    find_great_ages,
    find_facilities,
    find_places,
    find_names,
)
"""Where two find the same, the first says what it is."""
_CHINESE_FINDERS: tuple[Finder, ...] = (
    find_chinese_identifiers,
    find_chinese_facilities,
    find_chinese_places,
    find_chinese_names,
)
_HAN = re.compile("[\u4e00-\u9fff]")
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\uff0d", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        "\uff0b": "+",
        "\uff08": "(",
        "\uff09": ")",
    }
)
"""Typographic dashes and spaces, and wide digits, as the rules know them: one character for one."""
_PLACEHOLDER = re.compile(r"\[(?:NAME|DATE|ID|PHONE|ADDRESS|EMAIL|URL|HOSPITAL)\]")

_REPLACEMENTS = {"AGE": "90+"}


class ClinicalMasker:
    """Takes what identifies people out of English and Chinese texts by rules; see the plugin's README."""

    name = "medical-deid 3"

    def mask(self, text: str) -> Masked:
        """Return ``text`` with placeholders such as ``[NAME]``, and ``90+`` for ages over 89.

        The rules are applied until they find nothing more: a placeholder can make the words around it tell. So masking
        a text again changes nothing.
        """
        counts: Counter[str] = Counter()
        while findings := find_all(text):
            counts.update(finding.kind for finding in findings)
            text = _replaced(text, findings)
        return Masked(text, dict(sorted(counts.items())))


def find_all(text: str) -> list[Finding]:
    """Return what one application of all rules finds in ``text``, in order, without overlaps."""
    finders = _FINDERS + (_CHINESE_FINDERS if _HAN.search(text) else ())
    plain = text.translate(_PLAIN)
    found = merged(finding for find in finders for finding in find(plain))
    placeholders = [match.span() for match in _PLACEHOLDER.finditer(text)]
    return list(_outside(found, placeholders)) if placeholders else found


def _outside(findings: Sequence[Finding], placeholders: Sequence[tuple[int, int]]) -> Iterator[Finding]:
    """Yield the findings, both in order, that touch no placeholder."""
    at = 0
    for finding in findings:
        while at < len(placeholders) and placeholders[at][1] <= finding.start:
            at += 1
        if at == len(placeholders) or placeholders[at][0] >= finding.end:
            yield finding


def _replaced(text: str, findings: Sequence[Finding]) -> str:
    parts: list[str] = []
    at = 0
    for finding in findings:
        parts += (text[at : finding.start], _REPLACEMENTS.get(finding.kind, f"[{finding.kind}]"))
        at = finding.end
    return "".join((*parts, text[at:]))
