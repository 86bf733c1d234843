"""Whether a new wording may stand beside the old one: everything that was protected is there, and it says the same.

A guard trusts nobody: what a list of synonyms gives is looked at as strictly as what an endpoint answers.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from corpus.augment.protect import Kind, Protector, Span
from corpus.languages.shares import language_of


class Reason(StrEnum):
    """Why a new wording is refused."""

    PROTECTED = "protected_changed"
    NUMBER = "number_changed"
    NEGATION = "negation_changed"
    LANGUAGE = "language_changed"
    TOO_CLOSE = "too_close"
    TOO_FAR = "too_far"
    DUPLICATE = "duplicate"
    HELD_OUT = "held_out"
    LENGTH = "length_changed"
    EMPTY = "empty"


@dataclass(frozen=True)
class Refusal:
    """Why, and what exactly."""

    reason: Reason
    detail: str


@dataclass(frozen=True)
class Limits:
    """How much a text may change: shares of its characters, and of its pairs of characters that stay."""

    min_edit: float = 0.02
    max_edit: float = 0.8
    #: Of the character bigrams of the shorter text, how many both share; of a short text, of its characters.
    min_shared: float = 0.15
    min_shared_short: float = 0.2
    max_growth: float = 2.5


#: 患者主诉头痛 and 病人自述头部疼痛 share no pair of characters, and say the same.
SHORT_CHARS = 16


class Guard:
    """Looks at new wordings of texts."""

    def __init__(self, protector: Protector, limits: Limits) -> None:
        self._protector = protector
        self._limits = limits

    def fault(self, old: str, new: str, spans: Sequence[Span] | None = None) -> Refusal | None:
        """Why `new` may not stand for `old`, or nothing. `spans` are those of the old text, where they are known."""
        if not new.strip():
            return Refusal(Reason.EMPTY, "the new text is empty")
        return self._of_protected(old, new, spans) or self._of_wording(old, new)

    def _of_protected(self, old: str, new: str, spans: Sequence[Span] | None) -> Refusal | None:
        spans = self._protector.spans(old) if spans is None else spans
        before: Counter[tuple[Kind, str]] = Counter()
        for span in spans:
            if span.kind in (Kind.NAME, Kind.LABEL):
                if new.count(span.key) != old.count(span.key):
                    return Refusal(Reason.PROTECTED, f"{span.kind.value} {span.key!r} was lost or added")
            else:
                before[span.kind, span.key] += 1
        after = self._protector.counts(new)
        lost, added = before - after, after - before
        # What a number was in both texts is no change, however the rest was cut.
        if not lost and not added:
            return None
        kinds = {kind for kind, _ in (*lost, *added)}
        detail = "; ".join(
            f"{word} {', '.join(f'{kind.value} {key!r}' for kind, key in counts)}"
            for word, counts in (("lost", lost), ("added", added))
            if counts
        )
        if Kind.NUMBER in kinds:
            return Refusal(Reason.NUMBER, detail)
        return Refusal(Reason.NEGATION if kinds == {Kind.NEGATION} else Reason.PROTECTED, detail)

    def _of_wording(self, old: str, new: str) -> Refusal | None:
        limits = self._limits
        if not 1 / limits.max_growth <= len(new) / max(1, len(old)) <= limits.max_growth:
            return Refusal(Reason.LENGTH, f"{len(old)} characters became {len(new)}")
        edit = Levenshtein.normalized_distance(old, new)
        if edit < limits.min_edit:
            return Refusal(Reason.TOO_CLOSE, f"{edit:.0%} of it changed")
        if edit > limits.max_edit:
            return Refusal(Reason.TOO_FAR, f"{edit:.0%} of it changed")
        is_short = min(len(old), len(new)) < SHORT_CHARS
        shared = shared_grams(old, new, 1 if is_short else 2)
        if shared < (limits.min_shared_short if is_short else limits.min_shared):
            return Refusal(Reason.TOO_FAR, f"{shared:.0%} of the characters or their pairs are shared")
        if language_of(old) != language_of(new):
            return Refusal(Reason.LANGUAGE, f"{language_of(old)} became {language_of(new)}")
        return None


def shared_grams(a: str, b: str, n: int) -> float:
    """Of the character n-grams of the shorter text, the share that the other has too."""
    first, second = (_grams(text, n) for text in (a, b))
    shorter = min(first.total(), second.total())
    return (first & second).total() / shorter if shorter else 1.0


def _grams(text: str, n: int) -> Counter[str]:
    plain = "".join(text.casefold().split())
    return Counter(plain[i : i + n] for i in range(len(plain) - n + 1))


def distinct(texts: Iterable[str], n: int) -> float:
    """distinct-n (Li et al. 2016): of all n-grams of words, or of Han characters, the share of different ones."""
    seen: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        words = words_of(text)
        seen.update(zip(*(words[i:] for i in range(n)), strict=False))
    return len(seen) / seen.total() if seen else 0.0


def words_of(text: str) -> list[str]:
    """Words in letters, and each Han character by itself."""
    words: list[str] = []
    run = ""
    for char in text.casefold():
        if "\u3400" <= char <= "\u9fff":
            words += [run, char] if run else [char]
            run = ""
        elif char.isalnum():
            run += char
        elif run:
            words.append(run)
            run = ""
    return [*words, run] if run else words
