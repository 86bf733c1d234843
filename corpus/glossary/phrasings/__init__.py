"""How a question about a term may be put, by language, generator and split.

The pools of a generator share no phrasing: what is asked in an evaluation was never asked in training, so a
right answer shows that the term was learnt and not the question. Frames are sentences a term is put into;
they too differ from split to split.
"""

from collections.abc import Mapping

from corpus.glossary.phrasings.chinese import CHINESE
from corpus.glossary.phrasings.english import ENGLISH
from corpus.glossary.phrasings.kinds import USUAL, Generator, Phrasings, Pool, Split

__all__ = ["PHRASINGS", "USUAL", "Generator", "Phrasings", "Pool", "Split"]

#: Language -> phrasings: a new language of rows is one more entry.
PHRASINGS: Mapping[str, Phrasings] = {"en": ENGLISH, "zh": CHINESE}
