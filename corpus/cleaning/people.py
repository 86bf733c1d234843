"""Who is named in a row: names that nothing introduces, and every further mention of a name that was found.

A text that has somebody's number, mail or address deals with private people, so a name in it is one of theirs. Without
such company only Chinese names are taken, and only those that jieba's dictionary does not know: 李白 is in it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from corpus.cleaning.dictionary import word_counts, word_sorts, words_of
from corpus.cleaning.lists import word_list
from corpus.cleaning.names import NO_NAME, NOT_GIVEN, Span, english_name, is_given_name, zh_family_names

_HANZI_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
#: Characters that stand in so many of the dictionary's names are those that names are made of.
_FEWEST_NAMES = 12
#: A name that was counted so often in print is a public one.
_PUBLIC = 30
#: A word that was counted so often is no given name: 赵国家 is not one of 赵.
_FREQUENT = 300
_WHOLE_NAME = 3
_TITLES = frozenset({"先生", "小姐", "太太", "女士", "老师", "师傅", "医生", "经理", "同学", "谢您"})
#: Family names that are more often other words.
_WORDS_AS_WELL = frozenset(
    "于向和时方高金白常安成单项全计余任应都万华连经能段江丁甘古毛车边明路水齐门关年包申解党简景强农商海巴危洪平米计伏花元卜卫"
    "毕喻阳宁祝乐查后红游权干曲封储仇厚戎全班仰秋仲宫益年司从索咸卓蓝屠池双桑相尚谷苗柴钱习步沙晏盛龙史雷石叶文林夏武温"
)
_AFTER = frozenset(
    "于在的说是把和与向对给从到被将已曾也都就还要想能会先女男等及以因为请打买卖来去用有没称问答系住现年"
)
_BEFORE = frozenset("由是和与给向对请找叫问被把让替为跟同转及名")
#: Given names that are words: beside another word ("Grace Period") they are no name.
_NAMES_AS_WELL = frozenset(
    [
        "Grace",
        "Will",
        "April",
        "May",
        "June",
        "August",
        "Mark",
        "Hope",
        "Faith",
        "Joy",
        "Rose",
        "Summer",
        "Autumn",
        "Art",
        "Bill",
        "Frank",
        "Grant",
        "Jack",
        "Rich",
        "Chase",
        "Chance",
        "Charity",
        "Dawn",
        "Eve",
        "Ivy",
        "Holly",
        "Iris",
        "Lily",
        "Daisy",
        "Violet",
        "Olive",
        "Pearl",
        "Ruby",
        "Amber",
        "Crystal",
        "Jade",
        "Coral",
        "Sky",
        "Star",
        "Sunny",
        "Sandy",
        "Rocky",
        "Rusty",
        "Dale",
        "Glen",
        "Cliff",
        "Forest",
        "Heath",
        "Lane",
        "Reed",
        "Stone",
        "Wade",
        "Ford",
        "Gene",
        "Guy",
        "Homer",
        "Jewel",
        "Major",
        "Miles",
        "Nick",
        "Norm",
        "Pat",
        "Penny",
        "Ray",
        "Rob",
        "Rod",
        "Sterling",
        "Sue",
        "Van",
        "Victor",
        "Page",
        "Paris",
        "Florence",
        "Victoria",
        "Virginia",
        "Georgia",
        "Carolina",
        "Dakota",
        "Sydney",
        "Austin",
        "Houston",
        "Jackson",
        "Lincoln",
        "Madison",
        "Washington",
        "Christian",
        "Angel",
        "Blue",
        "Brook",
        "Destiny",
        "Earnest",
        "Royal",
        "Prince",
        "King",
        "Duke",
        "Earl",
        "Baron",
        "Dean",
        "Abbey",
        "Parish",
        "Bishop",
        "Pope",
        "Temple",
        "Market",
        "Price",
        "Cash",
        "Golden",
        "Silver",
        "Justice",
        "Trinity",
        "Heaven",
        "Genesis",
        "Love",
    ]
)
_SHORTEST_PART = 3


def free_names(text: str, *, in_company: bool) -> Iterator[Span]:
    """Names of people that no word introduces."""
    for run in _HANZI_RUN.finditer(text):
        for start, end in _chinese(run[0], in_company=in_company):
            yield run.start() + start, run.start() + end
    if in_company:
        yield from _english(text)


def mentions(texts: Sequence[str], names: set[str]) -> Iterator[tuple[int, Span]]:
    """(text, span) of every mention of the names; of an English name its parts count as well."""
    every = names | {part for name in names for part in _parts(name)}
    if not every:
        return
    pattern = re.compile("|".join(map(_mention, sorted(every, key=len, reverse=True))))
    for number, text in enumerate(texts):
        for match in pattern.finditer(text):
            yield number, match.span()


def _mention(name: str) -> str:
    return rf"(?<!\w){re.escape(name)}(?!\w)" if name[0] < "\u2e80" else re.escape(name)


def _parts(name: str) -> Iterator[str]:
    words = name.split()
    if len(words) > 1:
        for word in (words[0], words[-1]):
            if (
                len(word) >= _SHORTEST_PART
                and word[0].isupper()
                and word not in NO_NAME
                and not _is_word(word)
            ):
                yield word


def _english(text: str) -> Iterator[Span]:
    for start, end in english_name(text):
        first, *_, last = text[start:end].split()
        if is_given_name(first) and last not in NO_NAME and not (first in _NAMES_AS_WELL and _is_word(last)):
            yield start, end


def _is_word(name: str) -> bool:
    """Whether English has the word with a small letter, too."""
    from simplemma import is_known

    return bool(is_known(name.lower(), lang="en"))


def _chinese(run: str, *, in_company: bool) -> Iterator[Span]:
    at, taken_to, before = 0, 0, ""
    words = words_of(run)
    for i, word in enumerate(words):
        size = _family_size(word)
        behind = words[i + 1] if i + 1 < len(words) else ""
        if at >= taken_to and _is_unknown_name(word) and (in_company or behind in _AFTER):
            yield at, at + len(word)
            taken_to = at + len(word)
        elif size and at >= taken_to:
            end = _end_of_free(run, at, size, before, in_company=in_company)
            if end > at:
                yield at, end
                taken_to = end
        at += len(word)
        before = word


def _is_unknown_name(word: str) -> bool:
    """Whether the dictionary has the word as a name of two or three characters that hardly anybody knows."""
    _, single = zh_family_names()
    return (
        len(word) == _WHOLE_NAME
        and word[0] in single
        and word[0] not in _WORDS_AS_WELL
        and _are_given(word[1:])
        and word[1:] not in _TITLES
        and word_sorts().get(word) == "nr"
        and not _is_public(word)
    )


def _family_size(word: str) -> int:
    """How many characters of the word, if it stands alone, are a family name."""
    double, single = zh_family_names()
    if word in double:
        return 2
    return 1 if len(word) == 1 and word in single and word not in _WORDS_AS_WELL else 0


def _end_of_free(run: str, start: int, size: int, before: str, *, in_company: bool) -> int:
    """Where in the run the name ends that begins at `start`; 0 where none does.

    The words of the run help for the family name only: behind it they may be cut across the given name's end.
    """
    for n in (2, 1):
        end = start + size + n
        given, name = run[start + size : end], run[start:end]
        # Two characters are a name on better grounds only.
        if len(given) < n or not _are_given(given) or (len(name) == 2 and not in_company):
            continue
        # 何伟主任: the title begins before the name would end.
        if n > 1 and _is_frequent(run[end - 1 : end + 1]):
            continue
        behind = words_of(run[end:])
        if not _is_public(name) and _stands_free(before, behind, is_long=n > 1, in_company=in_company):
            return end
    return 0


def _are_given(chars: str) -> bool:
    return not _is_frequent(chars) and all(char in _given_chars() and char not in NOT_GIVEN for char in chars)


def _stands_free(before: str, behind: list[str], *, is_long: bool, in_company: bool) -> bool:
    ends = not behind or len(behind[0]) > 1 or behind[0] in _AFTER
    begins = len(before) != 1 or before in _BEFORE
    return ends or begins if in_company and is_long else ends and begins


def _is_frequent(word: str) -> bool:
    counts, _ = word_counts()
    return (
        len(word) > 1 and counts.get(word, 0) >= _FREQUENT and not word_sorts().get(word, "").startswith("nr")
    )


def _is_public(name: str) -> bool:
    """Whether the dictionary knows the name, or has it as another word."""
    counts, _ = word_counts()
    return counts.get(name, 0) >= _PUBLIC


@cache
def _given_chars() -> frozenset[str]:
    """The characters that given names are made of, by the dictionary's names of three characters."""
    _, single = zh_family_names()
    counts: Counter[str] = Counter()
    for word, sort in word_sorts().items():
        if len(word) == 3 and sort.startswith("nr") and word[0] in single:
            counts.update(word[1:])
    return frozenset(char for char, n in counts.items() if n >= _FEWEST_NAMES) | frozenset(
        "".join(word_list("given_names_zh"))
    )
