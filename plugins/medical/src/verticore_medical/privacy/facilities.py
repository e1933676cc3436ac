"""Names of hospitals, clinics and homes: what stands before such a word, or after ``Hospital of``; Chinese …医院.

Words that every department uses (*General Hospital*, *Fracture Clinic*, 当地医院) name nobody and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from verticore_medical.privacy.findings import Finding
from verticore_medical.privacy.name_lists import EPONYM_NOUNS, FAMILY, GIVEN, NOT_NAMES, WORDS_TOO, words_of

_CAPITAL = r"(?:St\.?|Sts\.?|STS?\.?|[A-Z][\w'’.-]{0,24}[\w'’]|[A-Z])"
_WORDS = rf"(?P<words>{_CAPITAL}(?:[ ](?:(?:of|the|and|for|&|de|la|le|del|upon|on)[ ]){{0,2}}{_CAPITAL}){{0,5}})"
_SURE = (
    "Hospitals?|Infirmary|Medical[ ]Cent(?:er|re)|Medical[ ]Group|Medical[ ]Practice|Health[ ](?:System|Cent(?:er|re))"
    "|Hospice|Nursing[ ]Home|Care[ ]Home|Polyclinic|Sanatorium|NHS[ ](?:Foundation[ ])?Trust|Healthcare|Klinikum"
)
_UNSURE = "Clinics?|Cancer[ ]Cent(?:er|re)|Heart[ ](?:Institute|Cent(?:er|re))|Rehabilitation[ ]Cent(?:er|re)|Institute"
_SCIENTIFIC = ("Cancer", "Heart", "Institute", "Rehabilitation")
_NO_FIELD = r"(?![ ]?(?:(?i:number|no\b|id\b|course|day|stay|record)|#|:))"
_OF = rf"(?P<of>[ ](?:of|for|at|OF)[ ](?:the[ ]|THE[ ])?{_CAPITAL}(?:[ ]{_CAPITAL}){{0,2}})?"
_KIND = re.compile(rf"\b(?P<kind>(?i:{_SURE})|{_UNSURE}|{_UNSURE.upper()})\b{_NO_FIELD}{_OF}")
_NAME_BEFORE = re.compile(rf"\b{_WORDS}[ ]$")
_NEXT_WORD = re.compile(r"[ ](\w+)")
_LONGEST = 150
_MOST_WORDS = 8
_NAMED_AFTER = re.compile(
    rf"\b(?:(?:Hospital|Infirmary|Clinic)[ ](?:of|for|de|da|do|del)|Hôpital|Klinikum)[ ](?:(?:de|la|the)[ ]){{0,2}}"
    rf"(?P<words>{_CAPITAL}(?:[ ](?:(?:of|and|de|la|le|les)[ ])?{_CAPITAL}){{0,3}})"
)
_GENERIC = words_of(
    """
    university district regional county city royal memorial children's childrens women's womens veterans teaching
    community tertiary secondary field base military state public private general national central day night academic
    acute rural local outpatient inpatient outreach walk-in memory pain fracture falls diabetes diabetic eye ent breast
    antenatal lipid glaucoma anticoagulation coumadin stroke tia wound vein travel hand foot spine sleep cardiac heart
    failure kidney liver lung rapid access one-stop joint virtual mobile follow-up pre-op preop pre-assessment
    assessment specialist nurse-led multidisciplinary combined satellite fertility menopause allergy asthma copd
    epilepsy migraine headache thyroid endocrine transplant dialysis sexual mental behavioral behavioural methadone
    vaccination vaccine covid hiv tb infusion botox movement genetics immunology medicine family animal veterinary
    parkinson parkinson's alzheimer alzheimer's crohn's hodgkin's huntington's marfan turner down's tourette's referring
    receiving admitting transferring psychiatric maternity paediatric pediatric orthopaedic orthopedic oncology cancer
    surgery trauma burn burns rehab home emergency attended attends visited discharged admitted chest isolation fever
    leaving entering residential dementia bedbound outside nearest nearby another
    affiliated participating urban metropolitan metropolitan-area inner-city proprietary impaired months
    medical health research clinical world magnet cataract cell sickle pacemaker loss weight smoking
    """
)
_OPENING = words_of("university children's childrens women's womens memorial royal new north south east west")
"""They may begin a name; other plain words before one belong to the sentence."""
_LEADING = words_of("of the and for at in to from by with via dr mr mrs ms prof")
_UP_TO = words_of(
    """
    from at to in via by with near before after until since during through beyond between the a an this that any all
    each our his her their was were is are be been being had has have who which when while or but not never left
    required one two three four five six seven eight nine ten many several multiple million
    """
)
"""In capitals, where sentence and name look the same, a name begins after the last of them."""
_LOWER_NAMES = words_of(
    """
    mercy sacred holy providence samaritan sinai bellevue lutheran adventist baptist methodist presbyterian trinity
    mayo cleveland hopkins addenbrooke
    """
)
_LOWER_PLACE = re.compile(
    r"\w{2,}(?:ton|ford|ham|bury|ville|field|burgh|borough|shire|minster|haven|chester|caster|worth|mouth|brook|dale|view"
    r"|gate|land|head)$"
)
_NO_LOWER_PLACE = words_of("forehead inland overhead island midfield")
_PEOPLE = (GIVEN | FAMILY) - WORDS_TOO - NOT_NAMES
_SAINTLY = words_of("st saint sts mount good holy fort john mary our")
"""What may stand before the telling word of a name in lower case."""
_KNOWN = words_of("mayo cleveland st st. saint sts mount sloan city north south east west new")
_OF_MEDICINE = re.compile(
    r"(?:olog(?:y|ical)|ics?|al|ia|is|ar|ary|ive|oma|ery|ing|ment|tion|sion|ure|ity|ism|ous|ed|ty|care|therapy|stomy|opsy|term"
    r"|start|care)$"
)
"""What words end in that say what a clinic is for; others name it."""

_HAN = "[\u4e00-\u9fff]"
_FACILITY = re.compile(r"(?:医院|卫生院|诊所|(?:社区)?卫生服务中心|医学中心|医疗中心|疗养院|保健院|养老院|卫生室)")
_CHINESE = re.compile(
    rf"(?:{_HAN}|[A-Z\d]){{2,24}}?{_FACILITY.pattern}"
    rf"(?:(?:{_HAN}){{1,6}}(?:院区|分院))?"
)
_BEFORE_CHINESE = re.compile(
    r".*(?:[于在至到从往赴送被由]|转入|住进|入住|前往|就诊|来自|患者|曾|院外|外院|转诊|出院|因病|今日|昨日|次日|[日月年][在至于]?|经(?=.{2,8}医院))"
)
_GENERIC_CHINESE = re.compile(
    "(?:当地|外地|外|我|本|该|某|其他|他|上级|下级|基层|社区|综合|专科|三甲|二甲|三级|二级|一级|甲等|私立|公立|私人|各|多家|两家|一家"
    "|多|家|定点|教学|附近|县级|市级|省级|乡镇|大|小|原|县|市|镇|乡|村|区|的|医|小区|儿童|妇产|肿瘤|口腔|精神|传染病|中医|眼科)*"
)


def find_facilities(text: str) -> Iterator[Finding]:
    """Yield names of hospitals, clinics, hospices and homes in English."""
    for match in _KIND.finditer(text):
        start = _start_of(text, match)
        named = start < match.start() or (match["of"] and not _is_generic(match["of"]))
        if named and not _is_eponym(text, match.end()):
            yield Finding(start, match.end(), "HOSPITAL")
    for match in _NAMED_AFTER.finditer(text):
        if not _is_generic(match["words"]):
            yield Finding(*match.span(), "HOSPITAL")


def find_chinese_facilities(text: str) -> Iterator[Finding]:
    """Yield names of Chinese hospitals, clinics and homes."""
    for match in _CHINESE.finditer(text):
        before = _BEFORE_CHINESE.match(match.group())
        start = match.start() + (before.end() if before else 0)
        name = text[start : match.end()]
        if not _GENERIC_CHINESE.fullmatch(_FACILITY.split(name)[0]):
            yield Finding(start, match.end(), "HOSPITAL")


def _start_of(text: str, kind: re.Match[str]) -> int:
    """Return where the name before ``kind`` begins, without words of the sentence; else where ``kind`` does."""
    if text[kind.start() - 1 : kind.start()] != " ":
        return kind.start()
    return min(_start_of_capitals(text, kind), _start_in_lower_case(text, kind))


def _start_of_capitals(text: str, kind: re.Match[str]) -> int:
    before = _NAME_BEFORE.search(text, max(0, kind.start() - _LONGEST), kind.start())
    if before is None:
        return kind.start()
    words = list(re.finditer(r"\S+", before["words"]))
    shouted = kind["kind"].isupper()
    if shouted:
        last = max((at for at, word in enumerate(words) if word.group().casefold() in _UP_TO), default=-1)
        words = words[last + 1 :]
    while words and _is_plain(words[0].group()):
        words.pop(0)
    names = [word.group() for word in words if not _is_generic(word.group())]
    scientific = kind["kind"].capitalize().startswith(_SCIENTIFIC)
    enough = re.fullmatch(_SURE, kind["kind"], re.IGNORECASE) or (len(names) > 1 and scientific)
    if names and (enough or any(_looks_like_a_name(name, shouted) for name in names)):
        return before.start("words") + words[0].start()
    opening = before["words"].rpartition(" ")[2]
    return kind.start() - len(opening) - 1 if kind["of"] and opening.casefold() in _OPENING else kind.start()


def _start_in_lower_case(text: str, kind: re.Match[str]) -> int:
    """Return where a name in lower case begins, which only a person's or a place's tells; else where ``kind`` does."""
    words = list(re.finditer(r"\S+", text[max(0, kind.start() - _LONGEST) : kind.start()]))[-_MOST_WORDS:]
    offset = max(0, kind.start() - _LONGEST)
    while words and words[-1].group() in _GENERIC:
        words.pop()
    if not words or not _names_in_lower_case(words[-1].group()):
        return kind.start()
    first = words.pop()
    while words and words[-1].group().rstrip(".") in _SAINTLY:
        first = words.pop()
    return offset + first.start()


def _names_in_lower_case(word: str) -> bool:
    if not word.islower() or not word.replace("'", "").replace("’", "").isalpha():
        return False
    key = re.sub(r"['’]s?$", "", word)
    if key in _LOWER_NAMES or (_LOWER_PLACE.match(key) and key not in _NO_LOWER_PLACE):
        return True
    return key in _PEOPLE


def _is_eponym(text: str, end: int) -> bool:
    """Tell whether something is called after the hospital, such as a cardioplegic solution."""
    after = _NEXT_WORD.match(text, end)
    return after is not None and after[1].casefold() in EPONYM_NOUNS


def _is_plain(word: str) -> bool:
    """Tell whether a first word belongs to the sentence, and not to a name."""
    key = word.casefold().rstrip(".")
    return key in _LEADING or (key in NOT_NAMES and key not in _OPENING and key not in _KNOWN)


def _is_generic(words: str) -> bool:
    keys = [word.casefold().rstrip(".,") for word in words.split()]
    return all(key in _GENERIC or key in _LEADING or (key in NOT_NAMES and key not in _KNOWN) for key in keys)


def _looks_like_a_name(word: str, shouted: bool) -> bool:
    """Tell whether a word that is none of every hospital's names one, rather than says what is treated there."""
    key = word.casefold().rstrip(".")
    return key in _KNOWN or not (_OF_MEDICINE.search(key) or (word.isupper() and not shouted) or len(key) < 4)
