"""What a coverage report counts, known without what counts it."""

from enum import StrEnum

#: A report of other rules is another report: part of what it is found again by.
RULES = 1
#: Row places kept for each concept and kind in a split; all are counted.
ROWS_KEPT = 200
#: Bars of concepts by their occurrences: 0, 1 to 4, 5 to 19, 20 and more.
BARS = (0, 1, 5, 20)


class Kind(StrEnum):
    """What a row can be listed under for a concept."""

    PROMPT = "prompt"
    ANSWER = "answer"
    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"
    UNCERTAIN = "uncertain"
    AMBIGUOUS = "ambiguous"


KINDS = tuple(kind.value for kind in Kind)
