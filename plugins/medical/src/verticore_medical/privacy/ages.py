"""Ages over 89, which HIPAA's Safe Harbor (45 CFR 164.514(b)(2)(i)(C)) lets stand only as one group, 90 and older."""

from __future__ import annotations

import re
from collections.abc import Iterator

from verticore_medical.privacy.findings import Finding

_GREAT = r"(?:9\d|1[0-2]\d)(?![\d+]|\.\d)"
"""Not ``90+``, which is what stands there afterwards."""

_AGE = rf"(?P<age>{_GREAT})"
_YEARS_OLD = (
    r"(?:[ -]?(?:years?|yrs?)[ -]?old\b|[ ](?:years?|yrs?)[ ]of[ ]age\b|[ -]?y[./]?[ ]?o\b|[ -]?(?:years?|yrs?)\b,?[ ]"
    r"(?:male|female|man|woman|gentleman|lady)\b|[ ]?y(?:r|ear)?s?[ /]?[FMfm]\b)"
)
_NOT_YEARS = r"(?![ -]?(?:days?|weeks?|months?|minutes?|hours?|%|kg|cm)\b)"
_NINETY = r"(?P<age>[Nn]inet(?:y|ies)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?)"
_RULES = (
    re.compile(rf"(?<![\d.,/])\b{_AGE}{_YEARS_OLD}"),
    re.compile(
        rf"\b(?:[Aa]ge|AGE)(?:[ ]?/[ ]?(?:[Ss]ex|SEX|[Gg]ender))?(?:[ ]of|[ ]is|[ ]was|[ ]at[ ]\w{{3,12}})?"
        rf"[ ]?[:=]?[ ]?{_AGE}{_NOT_YEARS}"
    ),
    re.compile(rf"\b(?:[Aa]ged|turned|turning)[ ](?:over[ ])?{_AGE}{_NOT_YEARS}"),
    re.compile(r"\b(?P<age>(?:9\d|1[0-2]\d)(?:st|nd|rd|th))[ ](?:birthday|year of life)"),
    re.compile(rf"\b{_NINETY}[ -](?:years?|yrs?)[ -](?:old|of age)\b"),
    re.compile(rf"\b[Aa]ged[ ]{_NINETY}"),
)
_CHINESE_RULES = (
    re.compile(rf"(?<![\d.]){_AGE}(?=[ ]?(?:周|虚)?岁)"),
    re.compile(rf"年龄[ ]?[:：为]?[ ]?{_AGE}(?![ ]?[天月周日])"),
    re.compile(r"(?P<age>九十[一二三四五六七八九]?|一?百[零〇]?[一二三四五六七八九]?)(?=(?:周|虚)?岁)"),
)
_SIGN = re.compile(r"9|1[0-2]\d|[Nn]inet|九十|百")


def find_great_ages(text: str) -> Iterator[Finding]:
    """Yield ages of 90 years and more, in English and Chinese; the words around them stay."""
    if not _SIGN.search(text):
        return
    for pattern in _RULES:
        yield from (Finding(*match.span("age"), "AGE") for match in pattern.finditer(text))
    if "岁" in text or "年龄" in text:
        for pattern in _CHINESE_RULES:
            yield from (Finding(*match.span("age"), "AGE") for match in pattern.finditer(text))
