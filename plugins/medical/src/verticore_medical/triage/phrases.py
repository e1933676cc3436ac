"""Finding what a chief complaint says is there: phrases that are neither negated nor history.

The rules are those of NegEx (Chapman et al. 2001), cut down to triage notes: a negation reaches over the words that
follow it to the end of its clause; "denies" reaches over lists as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_ABBREVIATIONS = {
    r"\blt\.?(?=\s|$)": "left",
    r"\brt\.?(?=\s|$)": "right",
    r"\bant\.?(?=\s|$)": "anterior",
    r"\babd\.?(?=\s|$)": "abdominal",
    r"\bsob\b": "short of breath",
    r"\bcp\b": "chest pain",
    r"\bams\b": "altered mental status",
    r"\bloc\b": "loss of consciousness",
    r"\bpreg\b": "pregnant",
    r"\bha\b": "headache",
    r"\bfb\b": "foreign body",
    r"\bn/v\b": "nausea and vomiting",
    r"\bvag\.?(?=\s)": "vaginal",
    r"\bc/o\b": "complains of",
    r"\bw/o\b": "without",
    r"\bh/o\b|\bhx\.?(?: of\b|(?=\s))": "history of",
    r"\bs/p\b": "after",
    r"haem": "hem",
    r"oedema": "edema",
    r"diarrhoea": "diarrhea",
    r"dyspnoea": "dyspnea",
    r"apnoea": "apnea",
}
_NOT_NEGATIONS = {
    r"\bnot breathing\b|\bno breathing\b": "apnea",
    r"\bno pulse\b|\bwithout (?:a )?pulse\b": "pulseless",
    r"\bnot respond\w*|\bno response\b|\bnon[- ]?responsive\b": "unresponsive",
    r"\b(?:no relief|not improving|no improvement|not better|no change|non[- ]\w+)\b": " ",
}
"""What holds a negation and tells of something present, or negates one word alone ("non-radiating chest pain")."""
_SENTENCE_ENDS = re.compile(r"[.;!?。；\n]+(?=\s|$)|\n")
_TURNS = re.compile(
    r"\b(?:but|however|except|although|though|now|presents? with|complains? of|reports?|endorses|with)\b"
    r"|(?<!never )(?<!father )(?<!mother )(?<!brother )(?<!sister )\bha[sd]\b"
)
_NEGATION = re.compile(r"\b(?:no|not|without|never|negative for|free of|rules? out|ruled out)\b|无|没有|否认")
_DENIAL = re.compile(r"\b(?:denies|denied|denying|deny)\b")
_HISTORY = re.compile(r"\b(?:history of|family history|father|mother|brother|sister|previous|prior|years ago)\b")
_COMMAS = str.maketrans("，、", ",,")
_LIST_END = re.compile(r"\b(?:or|nor)\b")
_REACH = re.compile(r"(?:\S+\s*){0,7}")
"""A negation without a list reaches over its own word and six more."""
_SHORT = 4
"""Lists of negated things have short items: "no fever, chills or chest pain"."""


@lru_cache(maxsize=4096)
def present_parts(text: str) -> tuple[str, ...]:
    """Return the parts of ``text`` that tell of the present, in lower case and with abbreviations written out."""
    plain = text.casefold().translate(_COMMAS)
    for pattern, words in (_ABBREVIATIONS | _NOT_NEGATIONS).items():
        plain = re.sub(pattern, words, plain)
    parts: list[str] = []
    for sentence in _SENTENCE_ENDS.split(plain):
        for clause in _clauses(sentence):
            parts.extend(_kept(clause))
    return tuple(part for part in parts if part)


def says(text: str | None, pattern: str) -> str | None:
    """Return the words of ``text`` that match ``pattern`` and are neither negated nor history, or ``None``."""
    for part in present_parts(text) if text else ():
        found = _compiled(pattern).search(part)
        if found:
            return found[0].strip()
    return None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _clauses(sentence: str) -> list[str]:
    """Cut a sentence where a new statement begins: the turn belongs to what follows it."""
    cuts = [match.start() for match in _TURNS.finditer(sentence)]
    return [sentence[a:b] for a, b in zip([0, *cuts], [*cuts, len(sentence)], strict=True)]


def _kept(clause: str) -> Sequence[str]:
    """Return what a clause says is there now, between its commas."""
    denial = _DENIAL.search(clause)
    if denial:
        clause = clause[: denial.start()]
    while found := _NEGATION.search(clause) or _HISTORY.search(clause):
        clause = f"{clause[: found.start()]},{clause[_end_of_scope(clause, found.start()) :]}"
    return [part.strip() for part in clause.split(",")]


def _end_of_scope(clause: str, start: int) -> int:
    """Return where what is negated ends: with a list that "or" closes, else at the next comma or a few words on."""
    rest = clause[start:]
    first, *others = rest.split(",")
    if others and _LIST_END.search(others[-1]) and all(len(item.split()) <= _SHORT for item in (first, *others)):
        return len(clause)
    reach = _REACH.match(first)
    return start + (reach.end() if reach else 0)
