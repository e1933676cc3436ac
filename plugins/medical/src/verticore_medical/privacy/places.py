"""Where people live: streets with numbers, post boxes, postcodes; Chinese 省市区路号."""

from __future__ import annotations

import re
from collections.abc import Iterator

from verticore_medical.privacy.findings import Finding
from verticore_medical.privacy.name_lists import NOT_NAMES, words_of

_WORD = r"(?:[A-Z][\w'’.-]{0,30}|\d{1,3}(?:st|nd|rd|th|ST|ND|RD|TH))"
_TYPES = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Boulevard|Blvd|Way|Terrace|Ter|Close|Crescent|Cres"
    "|Square|Sq|Highway|Hwy|Parkway|Pkwy|Gardens|Gdns|Grove|Hill|Row|Mews|Walk|Circle|Cir|Trail|Loop|Alley|Quay|Green"
)
_TYPE = rf"(?:{_TYPES}|{_TYPES.upper()})\b\.?"
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI"
    "|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR"
)
_ZIP = rf"(?:{_STATES})[ ]\d{{5}}(?:-\d{{4}})?\b"
_UK = r"[A-Z]{1,2}\d[A-Z\d]?[ ]\d(?!TH\b|ST\b|ND\b|RD\b|HR\b)[ABD-HJLNP-UW-Z]{2}\b"
_CANADA = r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ ]\d[ABCEGHJ-NPRSTV-Z]\d\b"
_CODE = rf"(?:{_ZIP}|{_UK}|{_CANADA})"
_CODE_AFTER_STREET = rf"(?:{_ZIP}|[A-Z]{{1,2}}\d[A-Z\d]?[ ]\d[ABD-HJLNP-UW-Z]{{2}}\b|{_CANADA})"
_TOWN = r"[A-Z][\w'’.-]{1,30}(?:[ ][A-Z][\w'’.-]{1,30}){0,2}"
_UNIT = r"(?:[Ff]lat|[Aa]pt|[Aa]partment|[Uu]nit|[Ss]uite|[Ss]te|FLAT|APT|UNIT)\b\.?[ ]?#?\w{1,5}"
_TAIL = (
    rf"(?:,?[ ](?:{_UNIT}|#\d{{1,5}}\b))?"
    rf"(?:,?[ ]{_TOWN},?[ ]{_CODE_AFTER_STREET}|,?[ ]{_CODE_AFTER_STREET}|,[ ]{_TOWN}(?=[,.;\n]|$))?"
)
_STREET = re.compile(
    rf"(?:\b{_UNIT},?[ ])?(?<![\w.,/-])\d{{1,5}}[A-Za-z]?,?[ ](?!(?:\d{{1,3}}-)?(?:Minute|Meter|Metre|Min|Hour|Day"
    rf"|Week|Month"
    rf"|Year|Point|Step)s?\b)(?:{_WORD}[ ]){{1,4}}{_TYPE}(?!\w){_TAIL}"
)
_GERMAN = re.compile(
    r"\b[A-ZÄÖÜ][a-zäöüß-]{1,30}(?:straße|strasse|str\.|gasse|weg|platz|allee)[ ]\d{1,4}[a-z]?\b"
    r"(?:,[ ](?:[A-Z]{1,2}-)?\d{4,5}[ ][A-ZÄÖÜ]\w+)?"
)
_BOX = re.compile(r"\b(?:P\.?[ ]?O\.?|[Pp]ost[ ][Oo]ffice)[ ]?[Bb](?:ox|OX)[ ]\d{1,6}\b" + _TAIL)
_COMPLETE = re.compile(rf"\b(?:{_TOWN},?[ ])?{_CODE}")
_CUED = re.compile(
    r"(?:\b[Aa]ddress(?:[ ]is)?|\b[Ll]iv(?:es|ing)[ ]at|\b[Rr]esid(?:es|ing)[ ]at|ADDRESS)[ ]?:?[ ]"
    r"(?P<place>\d{1,5}[A-Za-z]?[ ,][^\n;:()]{3,80}?)(?=[.;\n(]|[ ]{2}|$)"
)
_HOME_WORD = r"(?:St\.|Mt\.|[A-Z][\w'’-]{1,30})"
_HOME = re.compile(
    rf"\b(?:[Ll]iv(?:es?|ing|ed)(?:[ ](?:alone|independently|with[ ](?:(?:his|her|their|a|the)[ ])?\w{{3,12}}))?"
    rf"[ ](?:in|near)|[Rr]esid(?:es?|ing|ed)[ ](?:in|near)|[Rr]esident[ ]of|[Nn]ative[ ]of|[Bb]orn[ ]in"
    rf"|[Gg]rew[ ]up[ ]in|[Mm]oved[ ](?:here[ ]|back[ ])?(?:from|to)|[Rr]elocated[ ](?:from|to)|[Cc]omes[ ]from"
    rf"|[Oo]riginally[ ]from|[Ee]migrated[ ]from|[Hh]ome(?:town)?[ ](?:is[ ])?in|[Hh]ometown:?"
    rf"|[Tt]ravel(?:s|led|ed)[ ]from)[ ](?P<place>{_HOME_WORD}(?:[ ]{_HOME_WORD}){{0,2}}(?:,[ ](?:{_STATES})\b)?)"
)
_NO_TOWN = words_of(
    """
    england scotland wales ireland britain uk usa us america canada mexico cuba jamaica haiti brazil argentina chile
    peru colombia venezuela ecuador guatemala honduras salvador france germany spain portugal italy greece
    switzerland austria belgium netherlands holland denmark sweden norway finland iceland poland hungary romania
    bulgaria ukraine russia turkey syria iraq iran israel lebanon egypt morocco algeria nigeria ghana kenya uganda
    somalia ethiopia eritrea sudan china india pakistan bangladesh nepal japan korea vietnam thailand philippines
    indonesia malaysia singapore australia europe asia africa alabama alaska arizona arkansas california colorado
    connecticut delaware florida hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland
    massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania
    tennessee texas utah vermont virginia wisconsin wyoming hospice residential sheltered supported icu itu hdu ccu
    picu nicu amu mau sau bays bed chair room resus resuscitation recovery theatre theatres theater cubicle majors
    minors ward wards side main acute amber assisted extra warden independent council government private temporary
    rented shared rural urban suburban homeless shelter hostel flat flats house bungalow apartment level floor block
    building high-dependency step-down cpap bipap niv hfno
    """
)
"""States and whole countries, which tell little, rooms of a hospital, kinds of housing; ``NOT_NAMES`` has others."""

_HAN = "[\u4e00-\u9fff]"
_REGIONS = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|"
    "内蒙古|广西|西藏|宁夏|新疆|香港|澳门|广州|深圳|成都|武汉|南京|杭州|西安|苏州|青岛|大连|沈阳|长沙|郑州|济南|哈尔滨|石家庄|昆明|合肥|"
    "福州|厦门|南昌|南宁|太原|长春|贵阳|兰州|海口|无锡|宁波|东莞|佛山"
)
_END = r"(?:\d+[号弄栋幢室座楼层组户院]|单元|号院|号楼|[省市区县镇乡村路街巷弄]|大道|胡同|小区|街道)"
_CHINESE_FULL = re.compile(rf"(?:{_REGIONS})(?:省|市|自治区|特别行政区)(?:(?:{_HAN}|[A-Za-z\d\-－]){{0,20}}{_END})?")
_CHINESE_STREET = re.compile(
    rf"{_HAN}{{2,12}}?(?:路|街|大道|巷|弄|胡同|村"
    rf"|镇)(?:[东西南北中]?[一二三四五六七八九十]段)?\d{{1,5}}[号弄组](?:院|楼)?"
    rf"(?:[\d－\-]{{1,6}}[栋幢座楼号])?(?:\d{{1,3}}单元)?(?:\d{{1,5}}[室层户号])?"
)
_LEADING = re.compile(f"(?:{_HAN}{{0,8}}[住址于在系为])?")
"""Words before a street that are none of it."""
_CHINESE_CUED = re.compile(
    r"(?:住址|地址|家住|现住|来自|居住于|居住在|住于|户籍地?|籍贯|工作单位)(?:为|是|在"
    r"|[:：\s])*(?P<place>[^，。；;,、\n\s（(]{2,60})"
)
_CHINESE_POSTCODE = re.compile(r"(?:邮编|邮政编码)[:：\s]*(?P<place>\d{6})")


_NOT_PLACES = NOT_NAMES - words_of("new north south east west low port st st. saint box mount bad")


def find_places(text: str) -> Iterator[Finding]:
    """Yield addresses in the manner of English-speaking countries, German streets, and postcodes."""
    for pattern in (_STREET, _GERMAN, _BOX, _COMPLETE, _CUED):
        yield from _all_of(pattern, text)
    for match in _HOME.finditer(text):
        place = match["place"].casefold()
        first = re.split(r"[ ,.]", place)[0]
        if first not in _NO_TOWN and first not in _NOT_PLACES and place != "bay":
            yield Finding(*match.span("place"), "ADDRESS")


def find_chinese_places(text: str) -> Iterator[Finding]:
    """Yield Chinese addresses: with the name of a region, with a street and a number, or after a word such as 住址."""
    for pattern in (_CHINESE_FULL, _CHINESE_CUED, _CHINESE_POSTCODE):
        yield from _all_of(pattern, text)
    for match in _CHINESE_STREET.finditer(text):
        yield Finding(match.start() + _leading(match.group()), match.end(), "ADDRESS")


def _all_of(pattern: re.Pattern[str], text: str) -> Iterator[Finding]:
    part = "place" if "place" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        yield Finding(*match.span(part), "ADDRESS")


def _leading(street: str) -> int:
    """Return how many characters before the address were taken for a part of it."""
    match = _LEADING.match(street)
    return match.end() if match else 0
