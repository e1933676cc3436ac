"""Names in alphabetic writing: announced by a title, a label or a relation, told by lists, and repeated in the text.

The text is walked through word by word; what a word announces is looked up, so the cost grows with the length alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from verticore_medical.privacy.findings import Finding
from verticore_medical.privacy.name_lists import EPONYM_NOUNS, FAMILY, GIVEN, NOT_NAMES, PARTICLES, WORDS_TOO, words_of

_LETTERS = r"[^\W\d_\u4e00-\u9fff]"
_WORD = re.compile(rf"{_LETTERS}+(?:['’\-](?![sS]\b){_LETTERS}+)*")
_INITIAL = re.compile(rf"{_LETTERS}\b\.?(?!{_LETTERS})")
_MOST_WORDS = 5
_LEAST_REPEATED = 3

_TITLES = words_of(
    "mr mrs ms miss mx dr doctor prof professor nurse rev sir dame lady lord master sra herr frau mme sr"
)
_LOWER_TITLES = frozenset(("mr", "mrs", "dr"))
_CREDENTIALS = re.compile(
    r",?[ ](?:M\.?D\.?|D\.?O\.?|R\.?N\.?|N\.?P\.?|PA(?:-C)?|Ph\.?D\.?|FRC[PS]\w*|MRC[PS]\w*|MB\.?\s?BS|MBChB|DDS"
    r"|PharmD|FACS|BSN|MSN"
    r"|LPN|CRNA|CNM|LCSW|FACC|ST\d|SHO)\b"
)
_LABELS = words_of(
    """
    name surname forename forenames names fullname nok kin attending physician doctor consultant surgeon assistant
    anaesthetist anesthesiologist resident registrar intern provider pcp gp clinician nurse midwife therapist
    pharmacist radiologist pathologist signed by author signature carer caregiver guardian proxy spouse
    interpreter examiner reporter technician
    """
)
_WEAK_LABELS = words_of(
    """
    patient pt client cc to from attn re regarding subject concerning contact person mother father husband wife
    son daughter brother sister partner parent employer for provider's patient's sender recipient
    """
)
_SUBJECTS = frozenset(("patient", "pt", "client", "by"))
_AFTER_LABEL = re.compile(r"(?:\([sS]\)|[ ]?\(\w+\))?[ \t]*[:=][ \t]*")
_BY = words_of(
    "signed dictated reported reviewed seen authenticated verified prepared written entered performed examined "
    "assessed transcribed "
    "typed approved cosigned referred ordered interpreted operated accompanied"
)
_RELATIONS = words_of(
    """
    wife husband son daughter brother sister mother father partner spouse girlfriend boyfriend fiancé fiancée
    fiance fiancee uncle aunt cousin nephew niece grandson granddaughter grandmother grandfather grandma grandpa
    mum mom dad stepmother stepfather stepson stepdaughter friend neighbour neighbor carer caregiver guardian kin
    roommate housemate landlord person
    """
)
_AFTER_RELATION = re.compile(r"(?:['’]s name is|,? (?:is )?(?:named|called)| is|,|:)?[ ]\(?")
_RELATION_AFTER = re.compile(
    r"[ ]?\((?:his |her |the )?(?:\w+[ -])?(?:wife|husband|son|daughter|brother|sister|mother|father|partner|spouse"
    r"|friend|neighbou?r|carer"
    r"|nok|next of kin|niece|nephew|cousin|aunt|uncle|parent|guardian)\b"
    r"|, (?:his|her|their|the patient's) (?:\w+ )?(?:wife|husband|son|daughter|brother|sister|mother|father|partner"
    r"|friend)\b"
)
_PERSON_AFTER = re.compile(
    r"[ ]?[,(]?[ ]?(?:is (?:an? )?|a )?\d{1,3}[ -]?(?:y(?:\.|ear|r|/)?|yo\b|[MF]\b)|,?[ ]\(?(?:born\b"
    r"|[dD]\.?[oO]\.?[bB])"
    r"|[ ]\((?:MRN|ID|NHS|SSN|Hosp|[A-Z]{0,4}-?\d{5,})|[ ]-[ ]\d{1,3}[ ]?[MFy]"
)
_SAYS = re.compile(
    r"(?:['’]s)?[ ](?:denie[sd]|report(?:s|ed)|states|stated|complain(?:s|ed)|endorse[sd]|attended|presented"
    r"|was (?:seen|admitted|taken|brought"
    r"|discharged|started|given|reviewed|referred|transferred|told)|is an? |has (?:been|had|a )|lives|tells|told"
    r"|feels|felt|says|said)"
)
_ONLY_PEOPLE = re.compile(
    r"[ ](?:denie[sd][ ]|complain(?:s|ed) of|endorse[sd][ ]|reports (?:pain|that|no |feeling|having)"
    r"|was (?:discharged|admitted|brought in)\b"
    r"|was started on (?!day|the\b|post|admission)[a-z]|tells (?:me|us)|says (?:that|he|she)|lives )"
)
_EPONYM_AFTER = re.compile(rf"(?:['’]s)?[ -](?:(?P<first>{_LETTERS}+)(?:[ -](?P<second>{_LETTERS}+))?)")
_GREETING = re.compile(r"(?:Dear|Hi|Hello|DEAR)[ ]")
_CLOSING = re.compile(
    r"(?:[Ss]incerely|[Ff]aithfully|[Rr]egards|[Ww]ishes|[Tt]hanks|[Tt]ruly|[Rr]espectfully)[ ,.]*\n\s{0,40}(?=[A-Z])"
)


_CLEAR_GIVEN = GIVEN - WORDS_TOO
_TRIGGERS = _TITLES | _LABELS | _WEAK_LABELS | _RELATIONS | _BY | _CLEAR_GIVEN
"""Words that announce names in lower case too."""


_PARTICLES_BEFORE = re.compile(r"\b(?:(?:van|von|der|den|de|la|le|del|della|di|da|dos|bin|ibn|al|el)[ ]){1,3}$")


@dataclass(frozen=True, slots=True)
class _Name:
    """A stretch of words that is taken for a name."""

    start: int
    end: int
    words: tuple[str, ...]


def find_names(text: str) -> Iterator[Finding]:
    """Yield names of people in ``text``, and every repetition of their parts."""
    names = list(_announced(text))
    for name in names:
        yield Finding(name.start, name.end, "NAME")
    parts = {word for name in names for word in name.words if len(word) >= _LEAST_REPEATED}
    yield from _repeated(text, {part.casefold() for part in parts} - NOT_NAMES - PARTICLES)


def _announced(text: str) -> Iterator[_Name]:
    known_until = 0
    for match in _WORD.finditer(text):
        word = match.group()
        if match.start() < known_until or not (word[0].isupper() or word in _TRIGGERS):
            continue
        for name in _at(text, match):
            known_until = max(known_until, name.end)
            yield name
    for pattern, is_name in ((_GREETING, _is_plausible), (_CLOSING, _is_plausible)):
        for match in pattern.finditer(text):
            found = _take(text, match.end())
            if found and is_name(found):
                yield found


def _at(text: str, match: re.Match[str]) -> Iterator[_Name]:
    """Yield the names that the word of ``match`` announces or begins."""
    word, end = match.group(), match.end()
    key = word.casefold()
    if key in _TITLES:
        yield from _only(_after_title(text, word, end))
    if key in _LABELS or key in _WEAK_LABELS:
        yield from _only(_after_label(text, key, end))
    if key in _RELATIONS and (after := _AFTER_RELATION.match(text, end)):
        yield from _only(_take(text, after.end()), _is_plausible)
    if key in _BY and text.startswith(" by ", end):
        yield from _only(_take(text, end + 4), lambda name: _is_person(text, name) or _is_full_name(name))
    if key in _SUBJECTS and text.startswith(" ", end):
        yield from _only(_take(text, end + 1), _is_full_name)
    if word in _CLEAR_GIVEN:
        yield from _only(_lower_pair(text, match))
    if word[0].isupper() and key not in NOT_NAMES and key not in _TITLES:
        yield from _only(_take(text, match.start()), lambda name: _is_person(text, name))


def _only(name: _Name | None, accepts: Callable[[_Name], bool] = lambda _: True) -> Iterator[_Name]:
    if name is not None and accepts(name):
        yield name


def _lower_pair(text: str, given: re.Match[str]) -> _Name | None:
    """Return a given name and the family name after it, both in lower case and both in the lists."""
    family = _WORD.match(text, given.end() + 1) if text.startswith(" ", given.end()) else None
    if family is None or family.group() not in FAMILY:
        return None
    return _Name(given.start(), family.end(), (given.group(), family.group()))


def _after_title(text: str, title: str, end: int) -> _Name | None:
    at = end + text.startswith(".", end)
    at += len(text[at : at + 2]) - len(text[at : at + 2].lstrip(" "))
    if at == end and not title.isupper():
        return None
    if title[0].isupper():
        return _take(text, at)
    return _take(text, at, lower=True) if title in _LOWER_TITLES else None


def _after_label(text: str, label: str, end: int) -> _Name | None:
    after = _AFTER_LABEL.match(text, end)
    if after is None:
        return None
    at = after.end()
    title = _WORD.match(text, at)
    if title and title.group().casefold() in _TITLES:
        return _after_title(text, title.group(), title.end())
    if label in _LABELS:
        return _take(text, at, lower="name" in label or label == "kin", comma=True)
    name = _take(text, at, comma=True)
    return name if name and _is_plausible(name) else None


def _take(text: str, at: int, *, lower: bool = False, comma: bool = False) -> _Name | None:
    """Return the name that begins at ``at``, if what stands there has the shape of one.

    Args:
        text: all of it.
        at: where the first word begins.
        lower: words in lower case will do.
        comma: a comma may stand after the family name.
    """
    words: list[str] = []
    start, end = at, at
    while len(words) < _MOST_WORDS:
        match = _WORD.match(text, at)
        if match is None or not _continues(text, match, words, lower):
            break
        single = _INITIAL.match(text, at) if len(match.group()) == 1 else None
        words.append(match.group())
        end = single.end() if single else match.end()
        at = _next_word(text, end, comma=comma and "," not in text[start:end])
        if at == end:
            break
    while words and words[-1].casefold() in PARTICLES and words[-1].islower():
        end = text.rindex(words.pop(), start, end)
        end = len(text[:end].rstrip())
    return _Name(start, end, tuple(words)) if any(len(word) > 1 for word in words) else None


def _next_word(text: str, end: int, *, comma: bool) -> int:
    """Return where the next word of a name can begin; ``end`` where none can."""
    if comma and text.startswith(",", end):
        return end + 2 if text.startswith(", ", end) else end + 1
    return end + 1 if text.startswith(" ", end) else end


def _continues(text: str, match: re.Match[str], words: list[str], lower: bool) -> bool:
    """Tell whether the word of ``match`` can be the next word of a name."""
    word = match.group()
    key = word.casefold()
    if key in NOT_NAMES and not (len(word) == 1 and word.isupper()):
        return False
    after = text[match.end() : match.end() + 2]
    if words and (after.startswith(":") or after == " :"):
        return False  # the label of the next field
    if key in PARTICLES and (word.islower() or bool(words)):
        return True
    if not word[0].isupper():
        return lower and len(word) > 1 and (len(words) < 2 or key in FAMILY or words[-1] in PARTICLES)
    shouted = word.isupper() and len(word) > 1
    if words and shouted and not words[0].isupper() and key not in FAMILY:
        return False  # an abbreviation after a name
    return not (len(words) > 1 and shouted and key not in FAMILY | GIVEN)


def _is_given(word: str) -> bool:
    return any(part in GIVEN for part in (word.casefold(), *word.casefold().split("-")))


def _is_family(word: str) -> bool:
    key = word.casefold().replace("’", "'")
    return key in FAMILY or key.startswith(("o'", "mc")) or any(part in FAMILY for part in key.split("-"))


def _is_known(word: str) -> bool:
    return _is_given(word) or _is_family(word) or word.casefold() in WORDS_TOO


def _is_plausible(name: _Name) -> bool:
    """Tell whether a name that something announces weakly is one: a known part, or a family name with an initial."""
    if any(len(word) > 1 and not word[0].isupper() and word.casefold() not in PARTICLES for word in name.words):
        return False
    if name.words[0].isupper() and len(name.words) == 1 and len(name.words[0]) < 4:
        return False
    return any(_is_known(word) for word in name.words) or (
        all(len(word) == 1 or word[0].isupper() or word in PARTICLES for word in name.words)
        and not any(word.casefold() in EPONYM_NOUNS for word in name.words)
    )


def _is_full_name(name: _Name) -> bool:
    """Tell whether these are several words, each with a capital and none of them of medicine."""
    return _is_plausible(name) and len([word for word in name.words if len(word) > 1]) > 1


def _is_person(text: str, name: _Name) -> bool:
    """Tell whether capitalised words that nothing announces are somebody's name."""
    if _is_eponym(text, name.end):
        return False
    first, last = name.words[0], name.words[-1]
    several = len([word for word in name.words if len(word) > 1]) > 1
    if any(word.casefold() in EPONYM_NOUNS for word in name.words):
        return False
    if _CREDENTIALS.match(text, name.end) or _RELATION_AFTER.match(text, name.end):
        return several or _is_known(first)
    if several:
        clear = any(_is_known(word) and word.casefold() not in WORDS_TOO for word in name.words)
        return _PERSON_AFTER.match(text, name.end) is not None or (
            (clear or (_is_known(first) and _is_known(last))) and (_is_given(first) or _is_family(last))
        )
    if first.casefold() in WORDS_TOO or first.isupper():
        return False
    if _SAYS.match(text, name.end) and _is_family(first):
        return True
    return _is_given(first) or _ONLY_PEOPLE.match(text, name.end) is not None


def _is_eponym(text: str, end: int) -> bool:
    """Tell whether what ends at ``end`` names a disease, a test or a device after its discoverer."""
    after = _EPONYM_AFTER.match(text, end)
    if after is None:
        return False
    return any(word and word.casefold() in EPONYM_NOUNS for word in after.group("first", "second"))


def _repeated(text: str, parts: set[str]) -> Iterator[Finding]:
    """Yield the words of ``text`` that are parts of a name found elsewhere; words of the language only mid-sentence."""
    if not parts:
        return
    for match in _WORD.finditer(text):
        word = match.group()
        key = word.casefold()
        if key not in parts or not word[0].isupper() or _is_eponym(text, match.end()):
            continue
        if key in WORDS_TOO and _begins_sentence(text, match.start()) and not _SAYS.match(text, match.end()):
            continue
        particles = _PARTICLES_BEFORE.search(text, max(0, match.start() - 10), match.start())
        yield Finding(particles.start() if particles else match.start(), match.end(), "NAME")


def _begins_sentence(text: str, at: int) -> bool:
    before = text[max(0, at - 3) : at].rstrip(" ")
    return not before or before[-1] in ".!?\n:"
