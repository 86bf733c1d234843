"""Traditional and simplified Han characters as one: a table of single characters, so that folding keeps every length.

han.txt has the traditional characters in its first line and, one below the other, the simplified ones in its second,
from OpenCC's t2s (Apache-2.0). Where the simplified form lies outside the basic plane the table leads back to the
traditional one: for matching it only counts that both become the same.
"""

from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("han.txt")
#: A simplified character and traditional ones that are different words: 头发 is 頭髮, 发现 is 發現.
_SPLIT = (
    "干乾幹干 系係繫系 尽儘盡 汇匯彙 历歷曆 恶惡噁 当當噹 向嚮向 苏蘇囌 团團糰 坛壇罈 弥彌瀰 复復複 蒙矇濛懞蒙 升昇陞升 "
    "台臺檯颱台 冲衝沖 卤鹵滷 获獲穫 发發髮 签簽籤 纤纖縴 脏臟髒 胡鬍衚胡 钟鐘鍾 饥飢饑 须須鬚 面麵面 曲麯曲 采採采 只隻祗只 "
    "后後后 里裏里 制製制 松鬆松 谷穀谷 郁鬱郁 斗鬥斗 姜薑姜 丑醜丑 准準准 出齣出 咸鹹咸 云雲云 余餘余 几幾几 范範范 朱硃朱 "
    "志誌志 致緻致 表錶表 困睏困 征徵征 板闆板 欲慾欲 秋鞦秋 千韆千 舍捨舍 霉黴霉 占佔占 叶葉叶 吁籲吁 家傢家 游遊游 症癥症 "
    "了瞭了 才纔才 折摺折 布佈布 周週周 回迴回 卷捲卷 伙夥伙 借藉借 仆僕仆 别別彆 淀澱淀 筑築筑 辟闢辟 夸誇夸 帘簾帘 朴樸朴 "
    "据據据 累纍累 克剋克 注註注 托託托 御禦御 凶兇凶 愿願愿 沈瀋沈 药藥葯"
)


def unify(text: str) -> str:
    """Each traditional character as its simplified one; as long as before."""
    return text if text.isascii() else text.translate(table())


@cache
def table() -> dict[int, int]:
    """Code point -> the code point it is folded to."""
    traditional, simplified = _TABLE.read_text("utf-8").splitlines()
    return {ord(old): ord(new) for old, new in zip(traditional, simplified, strict=True)}


def is_traditional(text: str) -> bool:
    """Whether a character of the text is written only in traditional script."""
    return not text.isascii() and any(_is_traditional_char(char) for char in text)


def is_split(term: str) -> bool:
    """Whether a character of a traditional term has another word's character for its simplified form."""
    return any(char in _split_chars() for char in term)


def may_be(term: str, found: str, text: str) -> bool:
    """Whether `found`, which stands in `text`, can be another spelling of a Chinese term of the same length.

    Both fold to the same simplified characters. In traditional text two words that only simplified script writes
    alike stay two: 理發 is not a spelling of 理髮, nor 湯面 of 湯麵. In simplified text either may be meant.
    """
    differing = (frozenset(pair) for pair in zip(term, found, strict=True) if pair[0] != pair[1])
    return not any(pair in _split_pairs() for pair in differing) or not is_traditional(text)


def _is_traditional_char(char: str) -> bool:
    # Characters outside the basic plane lead back to the traditional ones: they are the simplified ones.
    return char <= "\uffff" and ord(char) in table()


@cache
def _split_chars() -> frozenset[str]:
    return frozenset(char for pair in _split_pairs() for char in pair)


@cache
def _split_pairs() -> frozenset[frozenset[str]]:
    pairs: set[frozenset[str]] = set()
    for group in _SPLIT.split():
        words = group[1:]
        pairs.update(frozenset((a, b)) for a in words for b in words if a != b)
    return frozenset(pairs)
