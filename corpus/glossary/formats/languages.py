"""What people call a language in the header of a table, and its tag."""

import re

from corpus.glossary.terms import canonical_lang

_NAMES = {
    "ar": "arabic, 阿拉伯语, العربية",
    "bg": "bulgarian, 保加利亚语",
    "cs": "czech, 捷克语, čeština",
    "da": "danish, 丹麦语, dansk",
    "de": "german, 德语, 德文, deutsch",
    "el": "greek, 希腊语",
    "en": "english, 英语, 英文, englisch, anglais, inglés",
    "en-GB": "english uk, english (united kingdom), british english, 英式英语",
    "en-US": "english us, english (united states), american english, 美式英语",
    "es": "spanish, 西班牙语, español",
    "et": "estonian, 爱沙尼亚语",
    "fi": "finnish, 芬兰语, suomi",
    "fr": "french, 法语, 法文, français",
    "he": "hebrew, 希伯来语",
    "hi": "hindi, 印地语",
    "hu": "hungarian, 匈牙利语, magyar",
    "id": "indonesian, 印尼语",
    "it": "italian, 意大利语, italiano",
    "ja": "japanese, 日语, 日文, 日本語",
    "ko": "korean, 韩语, 한국어",
    "lt": "lithuanian, 立陶宛语",
    "lv": "latvian, 拉脱维亚语",
    "ms": "malay, 马来语",
    "nb": "norwegian, norwegian bokmål, 挪威语, norsk",
    "nl": "dutch, 荷兰语, nederlands",
    "pl": "polish, 波兰语, polski",
    "pt": "portuguese, 葡萄牙语, português",
    "pt-BR": "portuguese brazil, portuguese (brazil), brazilian portuguese, 巴西葡萄牙语",
    "ro": "romanian, 罗马尼亚语",
    "ru": "russian, 俄语, 俄文, русский",
    "sk": "slovak, 斯洛伐克语",
    "sl": "slovenian, 斯洛文尼亚语",
    "sv": "swedish, 瑞典语, svenska",
    "th": "thai, 泰语, ไทย",
    "tr": "turkish, 土耳其语, türkçe",
    "uk": "ukrainian, 乌克兰语, українська",
    "vi": "vietnamese, 越南语, tiếng việt",
    "zh": "chinese, 中文, 汉语, 中文术语",
    "zh-Hans": "chinese simplified, simplified chinese, chinese (simplified), chinese (prc), 简体中文, 中文简体, 简体",
    "zh-Hant": "chinese traditional, traditional chinese, chinese (traditional), chinese (taiwan), 繁体中文, 繁體中文, 繁体",
}
#: The name in lower case -> the tag.
BY_NAME = {name.strip(): tag for tag, names in _NAMES.items() for name in names.split(",")}
_CODES = frozenset(tag.split("-")[0] for tag in _NAMES) | frozenset(
    [
        "af",
        "am",
        "az",
        "be",
        "bn",
        "bs",
        "ca",
        "cy",
        "eo",
        "eu",
        "fa",
        "fil",
        "ga",
        "gl",
        "gu",
        "hr",
        "hy",
        "is",
        "ka",
        "kk",
        "km",
        "kn",
        "ky",
        "la",
        "lb",
        "lo",
        "mk",
        "ml",
        "mn",
        "mr",
        "mt",
        "my",
        "ne",
        "no",
        "pa",
        "ps",
        "sq",
        "sr",
        "si",
        "sw",
        "ta",
        "te",
        "tg",
        "tk",
        "tl",
        "ur",
        "uz",
        "xh",
        "yue",
        "zu",
    ]
)
_REGION = re.compile(r"(?P<name>[^()]+?)\s*\((?P<region>[^()]+)\)")


def language_of(name: str) -> str | None:
    """The tag of a language by its tag or its name; nothing for what is neither."""
    plain = " ".join(name.strip().lower().split())
    if plain in BY_NAME:
        return BY_NAME[plain]
    tag = plain.replace("_", "-")
    if tag.split("-")[0] in _CODES:
        try:
            return canonical_lang(tag)
        except ValueError:
            return None
    match = _REGION.fullmatch(plain)
    return BY_NAME.get(match["name"]) if match else None
