"""One spelling of the same text: NFC, line feeds for line ends."""

import unicodedata
from collections.abc import Iterator

from corpus.cleaning.pipeline import CleaningReport, NumberedRow
from protocol.chat import Message

REASON = "normalized"


class Normalize:
    """Brings the content of every turn to NFC with LF line ends."""

    def apply(self, rows: Iterator[NumberedRow], report: CleaningReport) -> Iterator[NumberedRow]:
        """All rows, some of them rewritten."""
        for line, row in rows:
            messages = tuple(map(_normalized, row.messages))
            if messages == row.messages:
                yield line, row
            else:
                report.change(REASON, line)
                yield line, row.model_copy(update={"messages": messages})


def normal_text(text: str) -> str:
    """The text in NFC with LF line ends."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _normalized(message: Message) -> Message:
    if message.content is None or (message.content.isascii() and "\r" not in message.content):
        return message
    return message.model_copy(update={"content": normal_text(message.content)})
