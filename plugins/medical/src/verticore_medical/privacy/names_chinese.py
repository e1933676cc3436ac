"""Chinese names: a family name from the list and one or two characters, where something announces a person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from verticore_medical.privacy.findings import Finding
from verticore_medical.privacy.name_lists import CHINESE_COMPOUND, CHINESE_FAMILY, CHINESE_GIVEN

_HAN = "[\u4e00-\u9fff]"
_SURNAME = f"(?:{'|'.join(CHINESE_COMPOUND)}|[{''.join(sorted(CHINESE_FAMILY))}])"
_ROLES = (
    "主治医师|经治医师|住院医师|主任医师|副主任医师|医师|医生|护士|护士长|责任护士|主管护士|大夫|教授|主任|技师|药师|术者|助手|麻醉师|麻醉医师|手术者|"
    "记录者|记录人|报告者|报告人|审核者|审核人|检查者|申请者|申请人|录入者|送检者|签名|签字|签章|联系人|紧急联系人|家属|家长|监护人|陪护|陪同人|代诉人|"
    "供史者|法定代理人|委托人|受托人|父亲|母亲|配偶|丈夫|妻子|儿子|女儿|姓名|患者姓名|病人姓名|患者|病人|患儿|产妇|孕妇|申请医生|审核医生|报告医生|"
    "送检医师|报告医师|审核医师|签发人|收件人"
)
_LABELLED = re.compile(rf"(?:{_ROLES})(?:签名|签字)?[ 　]*[:：][ 　]*(?={_HAN})")
_ANNOUNCED = re.compile(
    r"(?:患者|病人|患儿|产妇|孕妇|兹有|家属|联系人|[其之](?:妻子?|夫|子|女儿?|父亲?|母亲?|兄|弟|姐|妹|丈夫)|女儿"
    r"|儿子|妻子|丈夫|"
    rf"责任护士|主管护士|医师|大夫|送检医师|护士|证明人|术者|代诉人)(?={_HAN})"
)
_BEFORE_ROLE = re.compile(
    rf"(?<![{''.join(sorted(CHINESE_FAMILY))}])(?P<name>{_SURNAME}(?:{_HAN}{{1,2}})??)(?:副?主任|主治|医生|医师"
    rf"|大夫|护士|教授|"
    r"先生|女士|小姐|太太|老师|院长|同志|阿姨|大爷|奶奶|爷爷|老先生|老太太)"
)
_DESCRIBED = re.compile(
    rf"(?:^|(?<=[\s，。；、：:（(]))(?P<name>{_SURNAME}{_HAN}{{1,2}})(?=[ ]?[，,（(、][ ]?(?:男|女|\d{{1,3}}岁"
    rf"|身份证|男性|女性|电话|住院号))",
    re.MULTILINE,
)
_NO_SURNAME_HERE = frozenset("向和时于经由全单家可后来方查应强解成常任")
"""Family names that are more often words of the sentence before 医生 and the like."""
_NO_NAMES = (
    "张口", "高血压", "高热", "高烧", "高龄", "高度", "高血", "黄疸", "黄染", "白细胞", "白带", "白痰", "方可",
    "方能", "方便", "左侧", "左上", "左下", "左",
    "时有", "时常", "常有", "常规", "全身", "安静", "安全", "严重", "水肿", "言语", "明显", "明确", "应", "强烈",
    "强迫", "解", "单侧", "单纯", "乐观",
    "成功", "成年", "易", "古", "万一", "田", "温度", "石膏", "牛奶", "项", "车祸", "金属", "雷", "汤", "计", "包括",
    "包块", "宁愿", "平时", "平素",
    "平卧", "平", "康复", "毛发", "路", "向", "于", "和", "由", "经", "可", "后", "从", "因", "查", "相", "危重",
    "家", "谷", "段", "双", "任", "施",
    "陈旧", "陈述", "余", "周身", "周围", "周期", "周", "段时", "管", "曲", "单", "苦", "游", "关节", "关于", "费",
    "龙", "武", "景", "司", "胡言", "许",
    "何", "江", "范围", "史", "孔", "程度", "强", "冷", "房颤", "房", "边", "阴", "童", "花", "凌晨", "华", "章",
    "马上", "解除", "房性", "屈曲", "鲁", "夏",
    "冬", "秋", "殷", "顾虑", "倪", "闭", "祁", "柴",
)  # fmt: skip
_NO_NAME = re.compile("|".join(sorted(_NO_NAMES, key=len, reverse=True)))
_NEXT_FIELD = re.compile("性别|年龄|出生|住院|电话|床号|科室|科别|民族|职业|职称|签|日期|时间")
_COMPLETE = re.compile(rf"{_SURNAME}{_HAN}{{1,2}}(?!{_HAN})")
_AFTER_NAME = frozenset(
    "因于在有无自入主诉现来突今昨近曾既系男女为患反出以由经被到等及与和的是，诊检查术后前住院行给予嘱建要求联代指示会房"
)


def find_chinese_names(text: str) -> Iterator[Finding]:
    """Yield Chinese names in ``text``, and every repetition of the full ones."""
    found = list(dict.fromkeys(_announced(text)))
    for start, end in found:
        yield Finding(start, end, "NAME")
    for name in {text[start:end] for start, end in found if end - start > 1}:
        yield from (Finding(*match.span(), "NAME") for match in re.finditer(re.escape(name), text))


def _announced(text: str) -> Iterator[tuple[int, int]]:
    for match in _LABELLED.finditer(text):
        end = _labelled_end(text, match.end())
        if end:
            yield match.end(), end
    for match in _ANNOUNCED.finditer(text):
        end = _unlabelled_end(text, match.end())
        if end:
            yield match.end(), end
    for match in _BEFORE_ROLE.finditer(text):
        if _is_someone(text, match):
            yield match.span("name")
    for match in _DESCRIBED.finditer(text):
        if not _NO_NAME.match(match["name"]) or match["name"][1] in CHINESE_GIVEN:
            yield match.span("name")


def _surname_end(text: str, at: int) -> int:
    """Return where the family name at ``at`` ends; ``at`` where there is none."""
    if text.startswith(CHINESE_COMPOUND, at):
        return at + 2
    return at + (text[at : at + 1] in CHINESE_FAMILY and at < len(text))


def _labelled_end(text: str, at: int) -> int | None:
    """Return where the name after a label and a colon ends: all characters will do up to the next sign or field."""
    surname = _surname_end(text, at)
    if surname == at:
        return None
    if _COMPLETE.match(text, at):
        return _given_end(text, surname, strict=False)
    following = _NEXT_FIELD.search(text, surname, surname + 4)
    if following and following.start() > surname:
        return following.start()
    return _given_end(text, surname, strict=True)


def _unlabelled_end(text: str, at: int) -> int | None:
    surname = _surname_end(text, at)
    if surname == at or (_NO_NAME.match(text, at) and text[surname : surname + 1] not in CHINESE_GIVEN):
        return None
    if surname == at + 1 and any(text.startswith(word, at) for word in _NO_NAMES if len(word) > 1):
        return None
    return _given_end(text, surname, strict=True)


def _given_end(text: str, at: int, *, strict: bool) -> int | None:
    """Return where one or two characters of a given name end; strictly, those that are common in given names."""
    end = at
    while end < at + 2 and end < len(text) and "\u4e00" <= text[end] <= "\u9fff":
        if strict and (text[end] not in CHINESE_GIVEN or (end > at and text[end] in _AFTER_NAME)):
            break
        end += 1
    return end if end > at else None


def _is_someone(text: str, match: re.Match[str]) -> bool:
    name = match["name"]
    if len(name) == 1 or name in CHINESE_COMPOUND:
        return not (
            name in _NO_SURNAME_HERE and match.start() > 0 and "\u4e00" <= text[match.start() - 1] <= "\u9fff"
        ) and not (text.startswith("责任护士", match.start() - 1))
    return all(char in CHINESE_GIVEN for char in name[1:])
