"""What people call a language in the header of a table, and its tag."""

import re
import unicodedata

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
    "ca": "catalan, 加泰罗尼亚语, català",
    "et": "estonian, 爱沙尼亚语",
    "eu": "basque, 巴斯克语",
    "fa": "persian, farsi, 波斯语",
    "ga": "irish, 爱尔兰语",
    "gl": "galician, 加利西亚语",
    "hr": "croatian, 克罗地亚语, hrvatski",
    "is": "icelandic, 冰岛语",
    "kk": "kazakh, 哈萨克语",
    "km": "khmer, 高棉语",
    "la": "latin, 拉丁语",
    "lo": "lao, 老挝语",
    "mk": "macedonian, 马其顿语",
    "mn": "mongolian, 蒙古语",
    "mt": "maltese, 马耳他语",
    "my": "burmese, 缅甸语",
    "sq": "albanian, 阿尔巴尼亚语",
    "sr": "serbian, 塞尔维亚语",
    "sr-Cyrl": "serbian cyrillic, serbian (cyrillic)",
    "sr-Latn": "serbian latin, serbian (latin)",
    "sw": "swahili, 斯瓦希里语",
    "ta": "tamil, 泰米尔语",
    "ur": "urdu, 乌尔都语",
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
        "cy",
        "eo",
        "fil",
        "hy",
        "ka",
        "ky",
        "lb",
        "ml",
        "mr",
        "ne",
        "no",
        "pa",
        "ps",
        "si",
        "te",
        "tg",
        "tk",
        "tl",
        "uz",
        "xh",
        "yue",
        "zu",
    ]
)
_REGION_NAMES = {
    "AR": "argentina",
    "AT": "austria, 奥地利",
    "AU": "australia, 澳大利亚",
    "BE": "belgium, 比利时",
    "BR": "brazil, 巴西",
    "CA": "canada, 加拿大",
    "CH": "switzerland, 瑞士",
    "CL": "chile",
    "CO": "colombia",
    "DE": "germany, 德国",
    "ES": "spain, 西班牙",
    "FR": "france, 法国",
    "GB": "united kingdom, uk, great britain, england, 英国",
    "HK": "hong kong, hong kong s.a.r., hong kong sar, 香港",
    "IE": "ireland, 爱尔兰",
    "IN": "india, 印度",
    "IT": "italy, 意大利",
    "JP": "japan, 日本",
    "KR": "korea, south korea, 韩国",
    "MO": "macau, macao, macao sar, 澳门",
    "MX": "mexico, 墨西哥",
    "NL": "netherlands, 荷兰",
    "NZ": "new zealand, 新西兰",
    "PT": "portugal, 葡萄牙",
    "SG": "singapore, 新加坡",
    "US": "united states, usa, us, u.s., 美国",
    "ZA": "south africa, 南非",
}
#: What stands behind a language's name -> the rest of its tag. China and Taiwan are said by script, as their tables mean it.
_PLACES = (
    {name: region for region, names in _REGION_NAMES.items() for name in names.split(", ")}
    | dict.fromkeys(
        ("prc", "china", "mainland china", "simplified", "simplified han", "简体", "大陆"), "Hans"
    )
    | dict.fromkeys(("taiwan", "traditional", "traditional han", "繁体", "繁體", "台湾"), "Hant")
)
_IN_BRACKETS = re.compile(r"(?P<name>[^()]+?)\s*[(\[](?P<place>[^()\[\]]+)[)\]]")


def language_of(name: str) -> str | None:
    """The tag of a language by its tag or its name; nothing for what is neither."""
    plain = " ".join(unicodedata.normalize("NFKC", name).strip().lower().replace("_", " ").split())
    if plain in BY_NAME:
        return BY_NAME[plain]
    tag = plain.replace(" ", "-")
    if tag.split("-")[0] in _CODES and " " not in name.strip():
        try:
            return canonical_lang(tag)
        except ValueError:
            return None
    return _with_place(plain)


def _with_place(plain: str) -> str | None:
    """The tag of "English (Canada)", "English Canada" or "英语（加拿大）"; a place that is not known is passed over."""
    if match := _IN_BRACKETS.fullmatch(plain):
        lang, place = BY_NAME.get(match["name"]), match["place"].strip()
        return _placed(lang, place) or lang if lang else None
    first, _, place = plain.partition(" ")
    return _placed(BY_NAME.get(first), place)


def _placed(lang: str | None, place: str) -> str | None:
    place = place.split(",")[0].strip()
    return f"{lang}-{_PLACES[place]}" if lang and "-" not in lang and place in _PLACES else None
