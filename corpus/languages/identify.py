"""Which language a text is in: the script decides where it can, a classifier among the languages of that script otherwise.

A text with too few letters is "und" (ISO 639-2: undetermined): a classifier that is sure of "OK" is wrong.
"""

import re
import unicodedata
from collections import Counter
from functools import cache

from corpus.languages.latin import ENGLISH, classifier

UNKNOWN = "und"
#: Letters that are needed before anything is said; a CJK character says as much as several letters.
_FEWEST_LETTERS = 20
_FEWEST_CJK = 4
#: Characters of a text that are looked at.
LOOKED_AT = 4000
#: Share of the letters that has to be in the script.
_SHARE = 0.5
#: How sure the classifier has to be.
_SURE = 0.8
#: How likely English may be at most where it is ruled out.
_NOT_ENGLISH = 0.01
_NOISE = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\S+|[\w./\\-]+\.(?:py|js|ts|json|md|txt|csv|html?)\b|\d+"
)
#: Scripts that one language of wide use has for itself.
_OF_SCRIPT = {
    "HANGUL": "ko", "THAI": "th", "GREEK": "el", "HEBREW": "he", "ARMENIAN": "hy", "GEORGIAN": "ka", "TAMIL": "ta",
    "TELUGU": "te", "BENGALI": "bn", "GUJARATI": "gu", "GURMUKHI": "pa", "KANNADA": "kn", "MALAYALAM": "ml", "KHMER": "km",
    "LAO": "lo", "MYANMAR": "my", "ETHIOPIC": "am", "SINHALA": "si", "TIBETAN": "bo", "MONGOLIAN": "mn",
}  # fmt: skip
_AMONG = {
    "LATIN": ("en", "fr", "de", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "sk", "hu", "ro", "hr", "sl",
              "tr", "vi", "id", "ms", "ca", "et", "lv", "lt", "sq", "af", "eu", "ga", "cy", "tl", "sw", "is"),
    "CYRILLIC": ("ru", "uk", "bg", "sr", "mk", "be", "kk"),
    "ARABIC": ("ar", "fa", "ur"),
    "DEVANAGARI": ("hi", "mr", "ne"),
}  # fmt: skip


def language_of(text: str) -> str:
    """The ISO 639-1 code of the language most of the text is in, or "und"; what is no prose is the caller's to leave out."""
    text = _NOISE.sub(" ", text[:LOOKED_AT])
    scripts = _scripts(text)
    total = scripts.total()
    cjk = scripts["CJK"] + scripts["HIRAGANA"] + scripts["KATAKANA"] + scripts["HANGUL"]
    # A CJK character weighs as much as three letters, as it does in reading.
    weighed = total + 2 * cjk
    if not total or (cjk < _FEWEST_CJK and total < _FEWEST_LETTERS):
        return UNKNOWN
    if 3 * cjk >= _SHARE * weighed:
        return _of_cjk(scripts, cjk)
    script, n = (scripts - Counter({"CJK": scripts["CJK"]})).most_common(1)[0]
    if n < _SHARE * (total - cjk) or n < _FEWEST_LETTERS:
        return UNKNOWN
    if script in _OF_SCRIPT:
        return _OF_SCRIPT[script]
    return _classified(text, _AMONG[script]) if script in _AMONG else UNKNOWN


def _of_cjk(scripts: Counter[str], cjk: int) -> str:
    if scripts["HANGUL"] >= 0.3 * cjk:
        return "ko"
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    # Japanese without a single kana of ten characters is a list of words; Chinese with one quotes something.
    return "ja" if kana >= 0.1 * cjk else "zh"


def _scripts(text: str) -> Counter[str]:
    scripts: Counter[str] = Counter()
    for char, n in Counter(text).items():
        if char.isalpha():
            scripts[_script_of(char)] += n
    return scripts


@cache
def _script_of(char: str) -> str:
    """The first word of a character's name is its script's, which the standard library does not tell otherwise."""
    return unicodedata.name(char, "UNKNOWN").split()[0]


def _classified(text: str, among: tuple[str, ...]) -> str:
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower())
    if "en" in among and sum(word in ENGLISH for word in words) >= max(2, 0.3 * len(words)):
        return "en"
    ranked = [
        (str(language), float(sure)) for language, sure in classifier(among, as_probabilities=True).rank(text)
    ]
    language, sure = ranked[0]
    if sure >= _SURE:
        return language
    # Malay or Indonesian, Danish or Norwegian: not sure which, and sure that it is not English.
    is_english = "en" in among and dict(ranked)["en"] > _NOT_ENGLISH
    return UNKNOWN if is_english or "en" not in among else language
