"""Consciousness as people write it, brought to ACVPU: words, letters, scores on the Glasgow Coma Scale.

Of the Glasgow Coma Scale 15 is alert, 13 and 14 stand for ``voice``, 9 to 12 for ``pain``, 8 and less for
``unresponsive``: the bands of mild, moderate and severe (Teasdale & Jennett 1974). The exact border between voice and
pain moves no rule here; both are less than alert.
"""

from __future__ import annotations

import re
from typing import Any

from platform_core.sdk.names import simple_name
from verticore_medical.scores.wording import plain, said_nothing

ALTERED = ("confused", "voice", "pain", "unresponsive")
STATES = ("alert", *ALTERED)
"""ACVPU, the least ill first."""

_WORDS: dict[str, tuple[str, ...]] = {
    "alert": (
        "a", "alert", "awake", "conscious", "1", "normal", "oriented", "orientated", "alert and oriented",
        "fully alert",
        "alert and orientated", "aao", "a&o", "ao", "clear", "lucid", "wach", "bewusstseinsklar", "orientiert",
        "wach und orientiert", "wach, orientiert", "klar", "清醒", "神志清楚", "神清", "清楚", "意识清楚",
        "명료", "의식 명료", "정상", "각성",
    ),
    "confused": (
        "c", "confused", "confusion", "new confusion", "newly confused", "disoriented", "disorientated", "drowsy",
        "lethargic", "somnolent", "delirious", "delirium", "agitated and confused", "verwirrt", "desorientiert",
        "nicht orientiert", "not oriented", "benommen", "delirant", "嗜睡", "意识模糊", "谵妄", "模糊", "혼돈", "기면",
        "섬망",
    ),
    "voice": (
        "v", "verbal", "voice", "verbal response", "verbal responsive", "responds to voice", "responds to verbal",
        "responsive to voice", "2", "reagiert auf ansprache", "auf ansprache", "ansprache", "呼唤有反应",
        "对声音有反应",
        "언어 반응", "언어에 반응",
    ),
    "pain": (
        "p", "pain", "pain response", "pain responsive", "painful", "responds to pain", "responsive to pain", "3",
        "stupor", "stuporous", "soporous", "soporös", "sopor", "auf schmerzreiz", "reagiert auf schmerz",
        "schmerzreiz",
        "昏睡", "疼痛有反应", "对疼痛有反应", "통증 반응", "통증에 반응", "혼미",
    ),
    "unresponsive": (
        "u", "unresponsive", "unresponse", "unconscious", "coma", "comatose", "4", "not responding", "no response",
        "not responsive", "bewusstlos", "nicht ansprechbar", "komatös", "koma", "reaktionslos", "keine reaktion",
        "昏迷",
        "无反应", "无意识", "意识丧失", "혼수", "무반응", "의식 없음", "무의식",
    ),
}  # fmt: skip
"""The numbers are those of the KTAS study."""
_KNOWN = {simple_name(word): state for state, words in _WORDS.items() for word in words}

_TOTAL = re.compile(r"(?:(?P<gcs>gcs|glasgow(?: coma (?:scale|score))?)[ :=]*)?(?P<sum>\d{1,2})(?P<of> ?/ ?15)?")
_PARTS = re.compile(r"(?:gcs[ :=]*)?(?:\d{1,2}(?: ?/ ?15)? ?\(?)?e ?([1-4])[ ,]*v ?([1-5])[ ,]*m ?([1-6])\)?")
_ORIENTED = re.compile(r"(?:a+ ?(?:&|and|\+)? ?o|alert (?:and|&) orient(?:at)?ed|orient(?:at)?ed) ?[x×*]? ?([0-4])")
_LEAST_BARE = 5
"""Bare numbers below are the codes of the KTAS study, not scores: "GCS 3" must say that it is one."""


def consciousness_of(said: Any) -> str | None:
    """Return ``alert``, ``confused``, ``voice``, ``pain`` or ``unresponsive``; ``None`` for all else."""
    text = plain(said)
    score = _score(text)
    if score is not None:
        return _of_score(score)
    oriented = _ORIENTED.fullmatch(text)
    if oriented:
        return "alert" if int(oriented[1]) >= 3 else "confused"
    return _KNOWN.get(simple_name(text))


def read_consciousness(said: Any) -> Any:
    """Return what is understood as ACVPU, ``None`` for words such as "not assessed", all else in lower case."""
    if not isinstance(said, str | int | float):
        return said
    if said_nothing(said):
        return None
    return consciousness_of(said) or plain(said)


def _score(text: str) -> int | None:
    parts = _PARTS.fullmatch(text)
    if parts:
        return sum(map(int, parts.groups()))
    total = _TOTAL.fullmatch(text)
    if total is None:
        return None
    is_score = total["gcs"] or total["of"] or int(total["sum"]) >= _LEAST_BARE
    return int(total["sum"]) if is_score else None


def _of_score(score: int) -> str | None:
    if not 3 <= score <= 15:
        return None
    return "unresponsive" if score <= 8 else "pain" if score <= 12 else "voice" if score <= 14 else "alert"
