"""What both questions know of languages in Latin letters: English by its small words, the others by py3langid's model."""

from functools import cache
from typing import Any

#: Words that only English has among the languages in Latin letters.
ONLY_ENGLISH = frozenset(
    {
        "the", "of", "and", "to", "is", "that", "it", "for", "was", "with", "are", "this", "not",
        "have", "from", "they", "which", "what", "how", "does", "should", "would", "could", "when",
        "where", "who", "why", "were", "been", "has", "had", "their", "there", "these", "those", "than",
        "its", "your", "you", "we", "our", "will", "can", "my",
    }
)  # fmt: skip
#: Words that hardly any other of them has.
ENGLISH = (ONLY_ENGLISH - {"it"}) | frozenset(
    {
        "it's", "did", "being", "an", "be", "by", "as", "at", "or", "if", "but", "about", "into",
        "then", "them", "he", "she", "his", "her", "i'm", "don't", "please", "me",
    }
)  # fmt: skip


@cache
def classifier(among: tuple[str, ...] = (), *, as_probabilities: bool = False) -> Any:
    """py3langid's model (Lui and Baldwin, 2012, retrained) for some languages, or all; only a process that asks loads it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=as_probabilities)
    if among:
        identifier.set_languages(list(among))
    return identifier
