"""Wrong characters in Chinese: a character that sounds or looks like another with which its neighbours form a word.

A noisy channel over words: a character is proposed where the sentence becomes far likelier with it, by jieba's word
counts, and where the word it makes is frequent. It sees no grammar: 的/地/得, measure words and word order are beyond it.
Confusion sets: the data files of pycorrector (Apache-2.0), which has to be installed; its models are not used.
"""

import math
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from corpus.cleaning.dictionary import word_counts, words_of
from corpus.cleaning.errors import StepUnavailable
from corpus.cleaning.lists import word_list
from corpus.cleaning.spelling import Correction

_HANZI_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
_LONGEST_WORD = 4
#: Characters to each side that are weighed with a candidate.
_CONTEXT = 4
_FEWEST = 30
#: How much likelier, as a natural logarithm, the sentence has to become.
_GAIN = {"same_sound": 6.0, "like_sound": 7.5, "like_shape": 7.0}


def chinese_corrections(text: str) -> Iterator[Correction]:
    """Corrections of the Chinese parts of the text, in its order. Raises StepUnavailable."""
    confusions = confusion_sets()
    known = [
        *_particles(text),
        *(
            Correction(m.start(), m.end(), _errata()[m[0]], "usual_mistake")
            for m in _errata_pattern().finditer(text)
        ),
    ]
    yield from known
    for run in _HANZI_RUN.finditer(text):
        for found in _in_run(run[0], run.start(), confusions):
            if all(found.end <= other.start or other.end <= found.start for other in known):
                yield found


#: Of 的, 地 and 得, and of 在 and 再, only what can hardly be meant otherwise: 说的很对 is right in two ways, 跑的很快 is not.
_PARTICLES = (
    (re.compile(r"(?<=[跑跳飞走长睡吃哭笑玩唱游下来起变])的(?=(?:很|太|非常|特别|真|更|越来越|不够)(?:快|慢|高|远|好|早|晚|大|香|多|开心|厉害|漂亮|帅))"), "得"),
    (re.compile(r"(?<=(?:高兴|开心|慢慢|轻轻|悄悄|渐渐|认真|仔细|热情|激动|生气|着急|愉快|耐心|严格|大声|小声|安静))的(?=(?:跳|说|走|跑|笑|看|听|问|做|写|讲|喊|叫|等|坐|读|告诉|遵守)(?!的|法|声|者))"), "地"),
    (re.compile(r"(?<=请)在(?=(?:说|讲|看|试|等|做|来|发|写|读|确认|核对|检查|算)(?:一遍|一次|一下|一会))"), "再"),
    (re.compile(r"(?<!现)在(?=次(?:犯|出现|发生|提醒|强调|申请|提交|感谢|确认|登录|尝试|见到|来到|成为|发布))"), "再"),
)  # fmt: skip


def _particles(text: str) -> Iterator[Correction]:
    for pattern, right in _PARTICLES:
        for match in pattern.finditer(text):
            yield Correction(match.start(), match.end(), right, "usual_mistake")


@cache
def _errata() -> dict[str, str]:
    return dict(line.split(" ", 1) for line in word_list("errata_zh"))


@cache
def _errata_pattern() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(_errata(), key=len, reverse=True))))


@cache
def confusion_sets() -> dict[str, dict[str, str]]:
    """Character -> what it is taken for -> in which way they are alike. Raises StepUnavailable."""
    found = find_spec("pycorrector")
    if found is None or not found.submodule_search_locations:
        raise StepUnavailable(
            step="spelling",
            reason="the Chinese confusion sets are missing: pip install --no-deps pycorrector",
        )
    folder = Path(next(iter(found.submodule_search_locations))) / "data"
    sets: dict[str, dict[str, str]] = {}
    for line in (folder / "same_stroke.txt").read_text("utf-8").splitlines():
        for char in (chars := line.split()):
            sets.setdefault(char, {}).update((other, "like_shape") for other in chars if other != char)
    for line in (folder / "same_pinyin.txt").read_text("utf-8").splitlines():
        char, *groups = line.split("\t")
        if len(char) == 1:
            for way, others in zip(("like_sound", "same_sound"), (*groups[1:2], *groups[:1]), strict=False):
                sets.setdefault(char, {}).update((other, way) for other in others if other != char)
    return sets


def _in_run(run: str, offset: int, confusions: dict[str, dict[str, str]]) -> Iterator[Correction]:
    counts, total = _counts()
    taken_to = 0
    lonely = _lonely(run)
    for i, char in enumerate(run):
        if i < taken_to or not lonely[i] or char not in confusions:
            continue
        best = max(_candidates(run, i, confusions[char], counts, total), default=None)
        if best is not None:
            yield Correction(offset + i, offset + i + 1, best[1], best[2])
            taken_to = i + 2


def _lonely(run: str) -> list[bool]:
    """Which characters stand alone, or beside one that does, when the run is cut into words: a wrong one breaks its word."""
    words = [len(word) for word in words_of(run)]
    alone = [size == 1 for size in words for _ in range(size)]
    return [
        alone[i] or (i > 0 and alone[i - 1]) or (i + 1 < len(alone) and alone[i + 1])
        for i in range(len(alone))
    ]


def _counts() -> tuple[dict[str, int], float]:
    counts, total = word_counts()
    return counts, math.log(total)


def _candidates(
    run: str, i: int, others: dict[str, str], counts: dict[str, int], total: float
) -> Iterator[tuple[float, str, str]]:
    """(how much likelier beyond what is asked, character, reason) for each that passes."""
    start, end = max(0, i - _CONTEXT), min(len(run), i + _CONTEXT + 1)
    before = None
    for other, way in others.items():
        changed = run[:i] + other + run[i + 1 :]
        if not any(
            counts.get(changed[a:b], 0) >= _FEWEST and not counts.get(run[a:b], 0)
            for a in range(max(0, i - _LONGEST_WORD + 1), i + 1)
            for b in range(max(a + 2, i + 1), min(len(run), a + _LONGEST_WORD) + 1)
        ):
            continue
        if before is None:
            before = _likelihood(run[start:end], counts, total)
        gain = _likelihood(changed[start:end], counts, total) - before - _GAIN[way]
        if gain > 0:
            yield gain, other, way


def _likelihood(text: str, counts: dict[str, int], total: float) -> float:
    """The logarithm of the likelihood of the best way to cut the text into words."""
    best = [0.0]
    for end in range(1, len(text) + 1):
        best.append(
            max(
                best[start]
                + math.log(counts.get(text[start:end], 0) or (1 if end - start == 1 else 1e-9))
                - total
                for start in range(max(0, end - _LONGEST_WORD), end)
            )
        )
    return best[-1]
