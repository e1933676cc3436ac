"""Numbers that stand for people: national ids, insurance and record numbers, cases, accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from verticore_medical.privacy.findings import Finding
from verticore_medical.privacy.windows import in_windows

_LEAST_DIGITS = 4
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CUE_WORDS = (
    r"MRN|U?HID|[Mm]edical[ ][Rr]ecords?|[Hh]ospital|[Pp]atient|[Pp]t|[Uu]nit|[Rr]ecord|[Cc]hart|[Ff]ile|[Cc]ase"
    r"|[Ee]ncounter|[Vv]isit|[Aa]dmission|[Aa]ccession|[Ss]pecimen|[Ss]ample|[Ll]ab|[Oo]rder|[Rr]equest|[Ss]tudy"
    r"|[Aa]ccount|[Aa]cct|[Cc]laim|[Pp]olicy|[Mm]ember(?:ship)?|[Gg]roup|[Ii]nsurance|[Ii]nsured[ ]under"
    r"|[Ss]ubscriber|[Bb]eneficiary"
    r"|[Mm]edicare|[Mm]edicaid|SSN|ssn|[Ss]ocial[ ][Ss]ecurity|NHS|CHI|NINO?|HICN?|MBI|mrn|[Pp]assport|DEA|NPI"
    r"|[Bb]adge|[Dd]river['’]?s?[ ][Ll]icen[cs]e|[Ll]icen[cs]e|[Ss]erial|[Dd]evice|VIN|[Ii]dentifi(?:er|cation)|ID"
    r"|[Rr]ef(?:erence)?|CASE|ACCT|ACCOUNT|CLAIM|POLICY|RECORD|PATIENT|MEMBER|UNIT|HOSPITAL|VISIT|ENCOUNTER|CHART"
    r"|FILE|REF|INSURANCE"
)
_FILLER = (
    r"(?:[ ]?(?:[Nn]umbers?|[Nn]o\b\.?|NO\b\.?|[Nn]um|NUMBER|ID|[Ii][Dd]\b|[Ii]dentifier|[Cc]ard|[Cc]ode|#|№|:|=|is\b"
    r"|was\b)|[(,]|[ ]){0,6}"
)
_BODY = r"(?P<id>[A-Za-z]{0,5}[-/]?\d[\dA-Za-z]{0,30}(?:[-/](?:\d[\dA-Za-z]{0,30}|[A-Za-z]{1,2}\b)|[ ]\d{3,20}){0,6})"
_CUED = re.compile(rf"\b(?:{_CUE_WORDS})\b{_FILLER}{_BODY}(?![\w%])")
_CHINESE_CUED = re.compile(
    r"(?:身份证|住院|病案|病历|门诊|就诊|病理|检查|检验|标本|影像|登记|医保|社保|保险|保单|就医|医疗|社会保障|护照"
    r"|账|档案|床头卡|"
    r"编|工|申请单|条码|ID|银行)(?:卡|证)?(?:号码|号|编号|帐号)?(?:为|是"
    r"|[:：\s#])*(?P<id>[A-Za-z]{0,4}-?\d[\dA-Za-z\-]{0,40})"
)
_AMOUNT_NEXT = re.compile(
    r"[ ]?(?:copies|cop|IU|U\b|units?|cells|CFU|colonies|platelets|/|×|x10|\^|%|m[lL]|mg|g\b"
    r"|p(?:atients|ersons)|个|万|单位|拷贝)"
)
_YEARS = re.compile(r"(?:1[89]|20)\d\d[-/](?:(?:1[89]|20)\d\d|\d\d)")
_TRIALS = re.compile(r"(?:NCT|ISRCTN|PMID|PMC|DOI|CAS|SNOMED|LOINC|ICD|RRID|GSE|CHEMBL)", re.IGNORECASE)
_DIGITS = re.compile(r"\d")


def resident_id_is_valid(number: str) -> bool:
    """Tell whether the 18 characters are a Chinese resident identity number (GB 11643-1999, MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _RESIDENT_WEIGHTS, strict=True))
    return number[17].upper() == "10X98765432"[total % 11]


def nhs_number_is_valid(number: str) -> bool:
    """Tell whether the 10 digits are an NHS number (modulus 11; NHS Data Dictionary)."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:9], range(10, 1, -1), strict=True))
    return int(number[9]) == (11 - total % 11) % 11


def _no_amount(text: str, match: re.Match[str]) -> bool:
    return not _AMOUNT_NEXT.match(text, match.end())


def _no_trial(text: str, match: re.Match[str]) -> bool:
    return not _TRIALS.match(match.group()) and _no_amount(text, match)


def _always(_text: str, _match: re.Match[str]) -> bool:
    return True


def _is_resident_id(_text: str, match: re.Match[str]) -> bool:
    return resident_id_is_valid(match.group())


def _is_nhs_number(_text: str, match: re.Match[str]) -> bool:
    return nhs_number_is_valid(match.group().replace(" ", ""))


def _has_nine_digits(_text: str, match: re.Match[str]) -> bool:
    return _count_digits(match.group()) >= 9


_DIRECT: tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str]], bool]], ...] = (
    (re.compile(r"(?<![\w.-])\d{3}-\d{2}-\d{4}(?![\w-])"), _always),  # US social security
    (re.compile(r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{9}[\dXx](?!\d)"), _is_resident_id),
    (re.compile(r"(?<![\w.-])\d{3} \d{3} \d{4}(?![\w-])"), _is_nhs_number),
    (re.compile(r"\b[1-9][A-Z][A-Z\d]\d-?[A-Z][A-Z\d]\d-?[A-Z]{2}\d{2}\b"), _always),  # US Medicare beneficiary
    (re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]\b"), _always),  # UK national insurance
    (re.compile(r"(?<![\w.,-])\d{7,40}[\dXx](?![\w-]|[.,]\d)"), _no_amount),
    (re.compile(r"(?<![\w.,-])\d{7}(?![\w-])(?![.,]\d)"), _no_amount),
    (re.compile(r"(?<![A-Za-z\d-])[A-Z]{1,5}[-_]?\d{5,20}(?![A-Za-z\d]|[.,]\d)"), _no_trial),
    (re.compile(r"(?<![\w-])[A-Z]{1,3}\d{2}-\d{3,6}(?:-\d+)?(?![\w-])"), _no_trial),
    (re.compile(r"(?<![\w.-])\d{2,6}(?:-\d{2,6}){2,5}(?![\w-])"), _has_nine_digits),
)


def find_identifiers(text: str) -> Iterator[Finding]:
    """Yield identifying numbers: those that a word announces, and those that their form or checksum gives away."""
    for match in in_windows(_CUED, text):
        number = match["id"]
        if (
            _is_long_enough(number)
            and _no_amount(text, match)
            and not (_TRIALS.match(number) or _YEARS.fullmatch(number))
        ):
            yield Finding(*match.span("id"), "ID")
    for pattern, accepts in _DIRECT:
        for match in in_windows(pattern, text):
            if accepts(text, match):
                yield Finding(*match.span(), "ID")


def find_chinese_identifiers(text: str) -> Iterator[Finding]:
    """Yield the numbers that a Chinese word announces, e.g. 住院号."""
    for match in _CHINESE_CUED.finditer(text):
        if _is_long_enough(match["id"]):
            yield Finding(*match.span("id"), "ID")


def _is_long_enough(number: str) -> bool:
    return _count_digits(number) >= _LEAST_DIGITS and len(number) > _LEAST_DIGITS


def _count_digits(text: str) -> int:
    return len(_DIGITS.findall(text))
