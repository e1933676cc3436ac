"""Scales of urgency: the names of their levels, and which level of the scale in use a rule means.

Rules speak of five levels, 1 being the most urgent, as ESI, KTAS, CTAS, ATS and the MTS have them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from platform_core.sdk import DataError
from platform_core.sdk.names import simple_name

_NAMES: tuple[tuple[str, ...], ...] = (
    ("1", "resuscitation", "immediate", "red", "critical", "stat", "i", "Ⅰ", "一级"),
    ("2", "emergency", "emergent", "very urgent", "orange", "asap", "ii", "Ⅱ", "二级"),
    ("3", "urgent", "urgency", "yellow", "iii", "Ⅲ", "三级"),
    ("4", "less urgent", "semi-urgent", "standard", "green", "routine", "iv", "Ⅳ", "四级"),
    ("5", "non-urgent", "blue", "non-emergency", "non-emergent", "elective", "v", "Ⅴ", "五级"),
)
"""Level → names: ESI, KTAS, CTAS, ATS (words), MTS and SATS (words, colours), HL7 ActPriority (stat, ASAP, routine,
elective), Chinese grades I to IV; and the two classes of the KTAS study, whose "emergency" is levels 1 to 3. Their
order is the same in every scale."""

_PREFIXES = (
    "level",
    "esi",
    "ktas",
    "ctas",
    "mts",
    "ats",
    "ttas",
    "category",
    "cat",
    "acuity",
    "triage",
    "priority",
    "p",
)
ORDER: tuple[str, ...] = tuple(
    name for names in _NAMES for name in (*names, *(f"{prefix} {names[0]}" for prefix in _PREFIXES))
)
"""All names, the most urgent first; the target compares them by letters and digits alone."""

_LEVEL_OF = {simple_name(name): level for level, names in enumerate(_NAMES, 1) for name in names}
_COLOURS = frozenset(("red", "orange", "yellow", "green", "blue"))
_SHORT_SCALES: dict[int, tuple[int, ...]] = {2: (3, 5), 3: (2, 3, 5), 4: (1, 2, 3, 5)}
"""Number of levels in use → the mildest of five levels that each of them holds. Of two, the first holds 1 to 3, as in
the KTAS study; of three, the first holds 1 and 2; of four, the last holds 4 and 5."""


def level_of(label: str) -> int | None:
    """Return the level, 1 to 5, that a name or number stands for in scales of five, or ``None``."""
    known = _LEVEL_OF.get(simple_name(label))
    if known is not None:
        return known
    number = re.fullmatch(r"\D*([1-5])\D*", label)
    return int(number[1]) if number else None


def merged_names(labels: Sequence[str], *, is_known_scale: bool) -> Mapping[str, str]:
    """Return label → level from 1 to 5 where a file has two names for one level, such as ``1`` and ``red``.

    Numbers, colours and words are scales of their own: across them equal levels are one. Words alone stay as they are.
    Two words of one level in a mixture are refused, for they may be two levels: "emergency" comes before "very urgent"
    in SATS, and is as urgent elsewhere.

    Args:
        labels: as they stand in the file.
        is_known_scale: most of them are known levels; otherwise they are a scale of one's own, where a number beside
            a name of the same level cannot be told from another level.

    Raises:
        DataError: two names may be one level or two; names both.
    """
    by_level: dict[int, dict[str, str]] = defaultdict(dict)
    for label in sorted(labels):
        level = level_of(label)
        if level is not None:
            by_level[level].setdefault(_scale_of(label) + simple_name(label), label)
    mixed = [level for level, names in by_level.items() if len({_scale_of(name) for name in names.values()}) > 1]
    if not mixed:
        return {}
    for level, names in by_level.items():
        words = [name for name in names.values() if _scale_of(name) == "word"]
        doubtful = words if len(words) > 1 else () if is_known_scale or level not in mixed else list(names.values())
        if doubtful:
            raise DataError(
                f"the labels {doubtful[0]!r} and {doubtful[1]!r} are names of level {level}, and may be one or two",
                where="the label column",
                hint="names of several scales are mixed: write one name for each level, or the numbers 1 to 5",
            )
    return {label: str(level) for label in labels if (level := level_of(label)) is not None}


def _scale_of(label: str) -> str:
    if re.search(r"[1-5]|^(?:i{1,3}|iv|v|[Ⅰ-Ⅴ])$", label.strip(), re.IGNORECASE):
        return "number"
    return "colour" if simple_name(label) in _COLOURS else "word"


def at_least(level: int, labels: Sequence[str]) -> str:
    """Return the mildest of ``labels`` that a patient of ``level`` may get.

    Where the names and the number of labels disagree, as in a scale of five of which one level never occurred, the
    more urgent one is meant.

    Args:
        level: 1 to 5.
        labels: the levels in use, the most urgent first; two at least.
    """
    by_count = _by_count(level, len(labels))
    known = [level_of(label) for label in labels]
    fitting = [place for place, found in enumerate(known) if found is not None and found <= level]
    by_name = max(fitting, default=0) if None not in known else by_count
    return labels[min(by_name, by_count)]


def _by_count(level: int, count: int) -> int:
    """Return the place of ``level`` in a scale of so many levels."""
    mildest = _SHORT_SCALES.get(count)
    if mildest is None:
        return max(0, level * count // 5 - 1)
    return next(place for place, held in enumerate(mildest) if held >= level)
