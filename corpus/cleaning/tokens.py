"""How many tokens a text has, roughly and without a model."""

import re

from corpus.cleaning.comparable import UNSPACED

_CJK = re.compile(f"[{UNSPACED}]")
#: Characters a token in English text, as byte-pair vocabularies of 32,000 to 150,000 entries have it.
_CHARACTERS_A_TOKEN = 4.0


def rough_tokens(text: str) -> int:
    """One a CJK character, one for four others; within about a third of what a real vocabulary gives."""
    cjk = 0 if text.isascii() else len(_CJK.findall(text))
    return cjk + round((len(text) - cjk) / _CHARACTERS_A_TOKEN)
