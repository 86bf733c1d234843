"""All layouts; a new one is a module beside and one line here."""

from corpus.shapes.alpaca import ALPACA
from corpus.shapes.chat import CHAT, GRADED, TOOLS
from corpus.shapes.layout import Definition
from corpus.shapes.pairs import KTO, PAIR
from corpus.shapes.preference import PREFERENCE
from corpus.shapes.sensor import SENSOR
from corpus.shapes.sharegpt import SHAREGPT
from corpus.shapes.text import CLASSIFICATION, PLAIN
from corpus.shapes.translation import NESTED, TRANSLATION

DEFINITIONS: tuple[Definition, ...] = (
    CHAT,
    TOOLS,
    PREFERENCE,
    GRADED,
    SHAREGPT,
    ALPACA,
    KTO,
    PAIR,
    TRANSLATION,
    NESTED,
    SENSOR,
    CLASSIFICATION,
    PLAIN,
)
