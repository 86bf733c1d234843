"""All layouts; a new one is a module beside and one line here."""

from corpus.shapes.alpaca import ALPACA
from corpus.shapes.chat import CHAT, GRADED, TOOLS
from corpus.shapes.layout import Definition
from corpus.shapes.pairs import KTO, KTO_CHAT, PAIR
from corpus.shapes.preference import ALPACA_PREFERENCE, PREFERENCE
from corpus.shapes.sensor import SENSOR
from corpus.shapes.sharegpt import SHAREGPT
from corpus.shapes.text import CLASSIFICATION, PLAIN
from corpus.shapes.translation import NESTED, TRANSLATION

DEFINITIONS: tuple[Definition, ...] = (
    CHAT,
    TOOLS,
    ALPACA_PREFERENCE,
    PREFERENCE,
    GRADED,
    SHAREGPT,
    ALPACA,
    KTO,
    KTO_CHAT,
    PAIR,
    TRANSLATION,
    NESTED,
    SENSOR,
    CLASSIFICATION,
    PLAIN,
)
