"""Whom a sentence is about: the column, else names to watch, else names with a legal form, else nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_FORMS = (
    r"Inc\.?|Corp(?:oration|\.)?|Co\.|Ltd\.?|Limited|plc|PLC|Plc|LLC|LLP|Oyj|Oy|Abp|AB|ASA|AS|A/S|AG|SE|GmbH|KGaA|"
    r"S\.?A\.?|N\.?V\.?|B\.?V\.?|S\.?p\.?A\.?|Kft|Group|Holdings?|Industries|Bank|Bancorp"
)
_WORD = r"[A-Z\u00c0-\u00de][\w\u00c0-\u017f&'’-]*"
_COMPANY = re.compile(rf"\b({_WORD}(?: (?:& )?{_WORD}){{0,3}}?) (?:{_FORMS})(?![\w])")
_OPENINGS = frozenset(
    ("The", "A", "An", "In", "At", "On", "For", "From", "Shares", "Analysts", "Finnish", "Swedish", "German", "British")
)

Finder = Callable[[str], tuple[str, ...]]
"""Returns the names of the entities that a text is about."""


def finder(watch: Sequence[str]) -> Finder:
    """Return what finds the names to ``watch`` in a text, or companies where there are none to watch."""
    return _watcher(watch) if watch else companies


def companies(text: str) -> tuple[str, ...]:
    """Return the names in ``text`` that are followed by a legal form, without it, each once."""
    names = dict.fromkeys(_without_opening(match[1]) for match in _COMPANY.finditer(text))
    return tuple(name for name in names if name)


def _watcher(watch: Sequence[str]) -> Finder:
    """Names match as whole words: in capitals exactly (tickers), others case-blind."""
    patterns = [
        (name, re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.NOFLAG if name.isupper() else re.IGNORECASE))
        for name in dict.fromkeys(name.strip() for name in watch)
        if name
    ]
    return lambda text: tuple(name for name, pattern in patterns if pattern.search(text))


def _without_opening(name: str) -> str:
    words = name.split()
    while words and words[0] in _OPENINGS:
        words = words[1:]
    return " ".join(words)
