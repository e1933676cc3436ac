"""Ages over 89, which HIPAA's Safe Harbor (45 CFR 164.514(b)(2)(i)(C)) lets stand only as one group, 90 and older."""

from __future__ import annotations

import re
from collections.abc import Iterator

from verticore_medical.privacy.findings import Finding
from verticore_medical.privacy.quantities import UNIT

_GREAT = r"(?:9\d|1[0-2]\d)(?![\d+]|\.\d)"
"""Not ``90+``, which is what stands there afterwards."""

_AGE = rf"(?P<age>{_GREAT})"
_ALONE = r"(?=[19])(?<![\d.,/<>=≤≥~])\b"
_TO = r"[ ]?(?:-|to|or|and)[ ]?"
_OTHER = r"(?:9\d|1[0-2]\d|90\+)(?![\d]|\.\d)"
"""The other end of a range of ages."""
_YEARS_OLD = (
    r"(?:[ -]?(?:years?|yrs?)[ -]?old\b|[ ](?:years?|yrs?)[ ]of[ ]age\b|[ -]?y[./]?[ ]?o\b|[ -]?(?:years?|yrs?)\b,?[ ]"
    r"(?:male|female|man|woman|gentleman|lady)\b|[ ]?y(?:r|ear)?s?[ /]?[FMfm]\b)"
)
_NOT_YEARS = rf"(?![ -]?(?:{UNIT}|[%°]|/(?![MFmf]\b)))"
_NINETY = r"(?P<age>[Nn]inet(?:y|ies)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?)"
_AGED = r"(?:[Aa]ge[ds]?|AGED?|turned|turning)"
_WHO = (
    r"(?:[Mm]ale|MALE|[Ff]emale|FEMALE|[Mm]an|[Ww]oman|[Gg]entleman|[Ll]ady|[Ww]idow(?:er)?"
    r"|[Pp]t|PT|[Pp]atient|PATIENT)"
)
_END = r"(?=[ ]?(?:[,;)\n]|\.(?!\d)|$)|[ ](?:and|but|who|with|now)\b)"
_NO_SPAN_OF_TIME = (
    r"(?<!for )(?<!last )(?<!past )(?<!within )(?<!over )(?<!nearly )(?<!almost )(?<!about )"
    r"(?<!next )(?<!after )(?<!every )"
)
_RULES = (
    re.compile(rf"(?<![\d.,/])\b{_AGE}{_YEARS_OLD}"),
    re.compile(rf"(?<![\d.,/])\b{_AGE}(?={_TO}{_OTHER}{_YEARS_OLD})"),
    re.compile(rf"\b{_AGED}[ ]?:?[ ]?(?:from[ ]|between[ ])?\d{{2,3}}\+?{_TO}{_AGE}{_NOT_YEARS}"),
    re.compile(
        rf"\b(?:[Aa]ge|AGE)(?:[ ]?/[ ]?(?:[Ss]ex|SEX|[Gg]ender))?(?:[ ]of|[ ]is|[ ]was|[ ]at[ ]\w{{3,12}})?"
        rf"[ ]?[:=]?[ ]?{_AGE}{_NOT_YEARS}"
    ),
    re.compile(rf"\b(?:[Aa]ged|AGED|turned|turning)[ ](?:over[ ]|from[ ]|between[ ])?{_AGE}{_NOT_YEARS}"),
    re.compile(r"\b(?P<age>(?:9\d|1[0-2]\d)(?:st|nd|rd|th))[ ](?:birthday|year of life)"),
    re.compile(rf"\b{_NINETY}[ -](?:years?|yrs?)[ -](?:old|of age)\b"),
    re.compile(rf"\b[Aa]ged[ ]{_NINETY}"),
    re.compile(rf"{_ALONE}{_AGE}[ ]?/[ ]?[MF]\b(?!/)"),
    re.compile(rf"\b[MF][ ]?/[ ]?{_AGE}(?![ ]?[/%])"),
    re.compile(
        rf"{_ALONE}{_NO_SPAN_OF_TIME}{_AGE}[ ]?(?:[Yy]|[Yy]rs?|YRS?|[Yy]ears?)\b"
        r"(?![ -](?:ago|later|earlier|before|prior|after|since|history|survival|of|from|apart|in)\b)"
    ),
    re.compile(rf"\b{_WHO}[ ]?[,(][ ]?{_AGE}{_END}"),
    re.compile(rf"\b(?:[Hh]e|[Ss]he|HE|SHE|{_WHO})(?:'s|[ ]is|[ ]IS)[ ](?:now[ ]|only[ ])?{_AGE}{_END}"),
    re.compile(
        r"(?:\b(?:Mr|Mrs|Ms|Miss|Mx|MR|MRS|MS|MISS)\b\.?[ ](?:[\w'’.-]{1,25}[ ]){0,2}[\w'’.-]{1,25}|\[NAME\])"
        rf"(?:,[ ]?|[ ]?\()(?:aged?[ ])?{_AGE}(?=[ ]?(?:[,;)\n]|\.(?!\d)|$))"
    ),
)
_WITH_SEX = re.compile(
    rf"(?<![A-Za-z]-){_ALONE}{_AGE}[ ]?(?:M|(?P<f>F))\b(?![ ]?(?:[/^%°]|\(?\d)|[ ]{UNIT}"
    r"|(?(f),?[ ](?:HR|BP|RR|P|SpO2|SPO2|[Ss]ats|[Pp]ulse|[Oo]ral(?:ly)?|[Tt]ympanic|[Aa]xillary|[Rr]ectal)\b|(?!))"
    r"|[ ](?:[A-Z][a-z]?){1,3}(?:Cl|OH|SO4|PO4)\d?\b|[ ](?:sucrose|glucose|urea|tris|Tris|solution|sodium|potassium)\b)"
)
"""The sex after the age, and no Fahrenheit, million, metre or molar."""
_MEASURED = re.compile(
    r"\b(?:t|t\.?max|temp\w*|a?febrile|fever\w*|pyrexia\w*|walk\w*|distance|ran|swam|platelets?|plt|tc|technetium)\b[^.;,\n\d]{0,15}$",
    re.IGNORECASE,
)
_LONGEST_CUE = 30
_CHINESE_RULES = (
    re.compile(rf"(?<![\d.]){_AGE}(?=(?:[ ]?[-~～至到][ ]?{_OTHER})?[ ]?(?:周|虚)?岁)"),
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
    for match in _WITH_SEX.finditer(text):
        if not _MEASURED.search(text, max(0, match.start() - _LONGEST_CUE), match.start()):
            yield Finding(*match.span("age"), "AGE")
    if "岁" in text or "年龄" in text:
        for pattern in _CHINESE_RULES:
            yield from (Finding(*match.span("age"), "AGE") for match in pattern.finditer(text))
